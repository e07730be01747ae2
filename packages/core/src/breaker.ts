import { later, type StoreTime } from './time.js';

/**
 * The breaker of one Odoo database, kept in the sync state of each user that is mirrored from it.
 *
 * closed: turns run. A connection fault (no Odoo that works was there to answer) is counted, a turn without one forgets
 *   the count. The third fault in a row opens the breaker.
 * open: until `openUntil` nothing is asked of this Odoo, and no window uses an attempt.
 * half-open: `openUntil` has passed. The next turn is the probe. One more connection fault opens the breaker again, for
 *   twice as long; an answer closes it.
 *
 * So an Odoo that is down for a night costs each window two attempts at most, and a probe every few minutes.
 */
export interface Outage {
  /** Connection faults in a row. */
  readonly faults: number;
  /** The first of them, by the store's clock, as are all times here. */
  readonly since: StoreTime;
  /** Null while the breaker is closed. */
  readonly openUntil: StoreTime | null;
  /** How long it was opened for, in milliseconds; 0 while it is closed. */
  readonly pauseMs: number;
}

const FAULTS_TO_OPEN = 3;
/** Of the first pause: the longest is so many times as long. */
const LONGEST = 20;

/** An outage after one more connection fault. @param firstPauseMs `BREAKER_PAUSE_MS` */
export function afterFault(outage: Outage | null, now: StoreTime, firstPauseMs: number): Outage {
  if (outage?.openUntil && outage.openUntil > now) return { ...outage, faults: outage.faults + 1 };
  const faults = (outage?.faults ?? 0) + 1;
  const since = outage?.since ?? now;
  if (faults < FAULTS_TO_OPEN) return { faults, since, openUntil: null, pauseMs: 0 };
  const grown = outage?.openUntil ? outage.pauseMs * 2 : firstPauseMs;
  const pauseMs = Math.min(grown, firstPauseMs * LONGEST);
  return { faults, since, openUntil: later(now, pauseMs), pauseMs };
}

/** Whether the breaker is open or half-open. */
export const isBroken = (outage: Outage | null): boolean => outage !== null && outage.openUntil !== null;

/** Until when nothing of a user may run: it is throttled, its credentials wait for their second look, or its Odoo is out of reach. */
export function heldUntil({
  holdUntil,
  outage,
}: {
  readonly holdUntil: StoreTime | null;
  readonly outage: Outage | null;
}): StoreTime | null {
  const openUntil = outage?.openUntil ?? null;
  if (holdUntil === null || openUntil === null) return holdUntil ?? openUntil;
  return holdUntil > openUntil ? holdUntil : openUntil;
}
