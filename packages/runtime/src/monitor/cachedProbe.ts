import { inTime } from '@odoo-sync/core';
import type { Logger } from 'pino';

const KEPT_MS = 15_000;
/** A probe is kept for so many times as long as it took. */
const KEPT_TIMES = 20;
const WAIT_MS = 5_000;

export interface ProbeOptions<T> {
  /** As the log says: `the ledger`. */
  readonly what: string;
  readonly probe: () => Promise<T>;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** How long a probe is kept at least. */
  readonly keptMs?: number;
  /** How long an asker waits for a probe that is under way. */
  readonly waitMs?: number;
  /** Milliseconds of any clock that doesn't go back. */
  readonly now?: () => number;
}

/**
 * A probe of something that is expensive to find out, kept for all who ask. It is taken again at most every 15 s (unless told), and never more than
 * a twentieth of the time: one that took 3 s is kept for 60 s. That holds for a probe that failed, too.
 *
 * @returns what the last probe found. Null when it failed, which is logged once until one succeeds, and while there was none yet:
 *   then there is nothing to say, and old figures would be a lie. A probe that takes long is no such reason: until it ends, the
 *   one before it stands.
 */
export function cachedProbe<T>(options: ProbeOptions<T>): () => Promise<T | null> {
  const { what, probe, log, keptMs = KEPT_MS, waitMs = WAIT_MS, now = () => performance.now() } = options;
  let seen: T | null = null;
  let fails = false;
  let againAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  const lookNow = async () => {
    const began = now();
    try {
      seen = await probe();
      if (fails) log.info({}, `${what} can be looked at again`);
      fails = false;
    } catch (error) {
      seen = null;
      if (!fails) log.warn({ err: error }, `${what} could not be looked at: its figures are left out`);
      fails = true;
    } finally {
      againAt = now() + Math.max(keptMs, KEPT_TIMES * (now() - began));
      looking = null;
    }
  };
  return async () => {
    if (!looking && now() >= againAt) looking = lookNow();
    // Late is no fault of the probe.
    if (looking) await inTime(waitMs, what, looking).catch(() => {});
    return seen;
  };
}
