import type { StoreTime } from './time.js';

/**
 * The tail is a light, frequent pass over what changed lately. Its state, kept in the user's sync state:
 *
 * `idle`: never released yet, or given up by a repair: the planner releases it when `dueAt` has come.
 * `queued`: its job exists, delayed until `dueAt`. The end of a pass puts the next one there.
 * `running`: a worker goes through the modules, under their lanes, which it took together.
 *
 * A tail has one attempt: a pass that failed is followed by the next one, which looks further back. One that is found
 * `running` by its job's next run, or by the repair, died with its worker: such deaths in a row are counted.
 */
export type TailStatus = 'idle' | 'queued' | 'running';

export interface TailTiming {
  readonly tailIntervalMs: number;
  readonly tailQuietMs: number;
}

/** How many workers in a row died over a tail, as it is before it is started. */
export const tailDeaths = (tail: { readonly status: TailStatus; readonly expiries?: number }): number =>
  (tail.expiries ?? 0) + (tail.status === 'running' ? 1 : 0);

/** How far a wide pass looks back: for late commits, for what nobody expects, and where Odoo's clock is behind beyond belief. */
export const TAIL_WIDE_MS = 48 * 3_600_000;

const ACTIVE_FOR_MS = 86_400_000;
const STEP_FACTOR = 1.5;

/**
 * The pause before the next tail, in milliseconds: the interval while the user had a change in the last day, else a
 * step longer than the last pause, up to the quiet interval.
 */
export function nextTailPause(
  timing: TailTiming,
  lastPauseMs: number,
  lastChangeAt: StoreTime | null,
  now: StoreTime,
): number {
  const active = lastChangeAt !== null && now.getTime() - lastChangeAt.getTime() < ACTIVE_FOR_MS;
  if (active) return timing.tailIntervalMs;
  const stepped = Math.max(timing.tailIntervalMs, Math.round(lastPauseMs * STEP_FACTOR));
  return Math.min(Math.max(timing.tailQuietMs, timing.tailIntervalMs), stepped);
}
