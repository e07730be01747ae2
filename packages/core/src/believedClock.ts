import type { UserPlan } from './ports/store.js';

type Clocks = Pick<UserPlan, 'skewMs' | 'skewSeenMs' | 'dbSkewMs'>;

/**
 * A plan whose clocks are none that could not be: what an earlier version believed, or somebody wrote, builds no windows up
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
