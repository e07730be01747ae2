import type { SyncState } from './ports/store.js';

type Clocks = Pick<SyncState, 'skewMs' | 'skewSeenMs' | 'dbSkewMs'>;

/**
 * A sync state without clocks that can't be: what an earlier version believed, or somebody wrote, builds no windows up
 * to the year 9999.
 */
export function withBelievedClocks<P extends Clocks>(plan: P, maxSkewMs: number): P {
  const { skewMs, skewSeenMs, dbSkewMs } = plan;
  if (isWithin(skewMs, maxSkewMs) && isWithin(skewSeenMs ?? 0, maxSkewMs) && isWithin(dbSkewMs, maxSkewMs))
    return plan;
  return {
    ...plan,
    skewMs: isWithin(skewMs, maxSkewMs) ? skewMs : 0,
    skewSeenMs: isWithin(skewSeenMs ?? 0, maxSkewMs) ? skewSeenMs : null,
    dbSkewMs: isWithin(dbSkewMs, maxSkewMs) ? dbSkewMs : 0,
  };
}

const isWithin = (ms: number, most: number): boolean => Math.abs(ms) <= most;

const STEPS = [
  [31_536_000_000, 'years'],
  [86_400_000, 'days'],
  [3_600_000, 'hours'],
  [60_000, 'minutes'],
] as const;

/** @param aheadMs how far ahead an Odoo's clock is that is not believed. */
export function clockFault(aheadMs: number): { readonly aheadMs: number; readonly message: string } {
  const off = Math.abs(aheadMs);
  const [unit, name] = STEPS.find(([ms]) => off >= 2 * ms) ?? [1_000, 'seconds'];
  const how = `${Math.round(off / unit)} ${name} ${aheadMs > 0 ? 'ahead' : 'behind'}`;
  const message = `the clock of its Odoo, or of a proxy before it, is ${how} and is not believed: have it set right there; ours serves until then`;
  return { aheadMs, message };
}
