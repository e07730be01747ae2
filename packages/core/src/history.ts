import { WINDOW_MS, type Window, type WindowRange, windowOf, windowsIn } from './windows.js';

/** How many records a day holds, by a survey; null where it says nothing of use, and the day is to be read. */
export interface SurveyedDay {
  readonly start: Date;
  readonly records: number | null;
}

/** A window of a history that is being laid out, to be read; `surveyed` is what the survey counted in it, if it did. */
export interface PlannedWindow extends Window {
  readonly surveyed: number | null;
}

/** The longest ranges of whole windows in `[from, to)` of which the survey names no record. Both are windows' starts. */
export function emptyRanges(from: Date, to: Date, days: readonly SurveyedDay[]): readonly WindowRange[] {
  const held = days
    .filter(({ records }) => records !== 0)
    .map(({ start }) => windowOf(start))
    .sort((a, b) => a.start.getTime() - b.start.getTime());
  const ranges: WindowRange[] = [];
  let free = from;
  for (const { start, end } of [...held, windowOf(to)]) {
    if (end <= free) continue;
    const until = start < to ? start : to;
    if (until > free) ranges.push({ start: free, end: until });
    free = end;
  }
  return ranges;
}

/** The part of a range whose windows ended by a moment. Null when none did. */
export function endedBy({ start, end }: WindowRange, moment: Date): WindowRange | null {
  const last = windowOf(moment).start;
  const cut = end <= last ? end : last;
  return cut > start ? { start, end: cut } : null;
}

/** Records of some days together; null where it isn't known of all. */
export const totalOf = (days: readonly SurveyedDay[] | null): number | null =>
  days?.reduce<number | null>(
    (sum, { records }) => (sum === null || records === null ? null : sum + records),
    0,
  ) ?? null;

/** A range of several windows, in two. */
export function halvesOf(range: WindowRange): readonly [WindowRange, WindowRange] {
  const { start, end } = range;
  const middle = new Date(start.getTime() + Math.floor(windowsIn(range) / 2) * WINDOW_MS);
  return [
    { start, end: middle },
    { start: middle, end },
  ];
}

/** The windows of `[from, to)` that lie in none of the empty ranges: those that must be read. */
export function windowsToRead(
  from: Date,
  to: Date,
  empty: readonly WindowRange[],
  days: readonly SurveyedDay[] | null,
): readonly PlannedWindow[] {
  const counted = new Map(days?.map(({ start, records }) => [windowOf(start).start.getTime(), records]));
  const ranges = [...empty].sort((a, b) => a.start.getTime() - b.start.getTime());
  const windows: PlannedWindow[] = [];
  let n = 0;
  for (let next = windowOf(from); next.start < to; next = windowOf(next.end)) {
    while (ranges[n] && (ranges[n] as WindowRange).end <= next.start) n++;
    const range = ranges[n];
    if (range && range.start <= next.start) {
      next = { start: range.start, end: range.end };
      continue;
    }
    const records = counted.get(next.start.getTime());
    windows.push({ ...next, surveyed: records === undefined && days ? 0 : (records ?? null) });
  }
  return windows;
}
