/** Windows and the records in them; `records` is null where no survey counted them. */
export interface Work {
  readonly windows: number;
  readonly records: number | null;
}

/** What a window costs beside its records, counted in records: its two requests take as long as reading so many. */
const WINDOW_IN_RECORDS = 50;

/**
 * How long the rest of a backfill will take at the pace of what was read so far, in milliseconds. Waiting for a worker is
 * not in it. Null before anything was read.
 *
 * @param tookMs what the windows of `done` took together.
 */
export function timeLeftMs(done: Work, tookMs: number, left: Work): number | null {
  if (left.windows === 0) return 0;
  if (done.windows === 0) return null;
  const counted = done.records !== null && left.records !== null;
  const cost = ({ windows, records }: Work) =>
    counted ? windows * WINDOW_IN_RECORDS + (records ?? 0) : windows;
  return Math.round((tookMs / cost(done)) * cost(left));
}
