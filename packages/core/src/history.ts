import { WINDOW_MS, type Window, windowOf, windowsIn } from './windows.js';

/** How many records a day holds, by a survey; null where it says nothing of use, and the day is to be read. */
export interface SurveyedDay {
  readonly start: Date;
  readonly records: number | null;
}

/** A window of a history that is being laid out, to be read; `surveyed` is what the survey counted in it, if it did. */
export interface LaidWindow extends Window {
  readonly surveyed: number | null;
}

/** The longest stretches of whole windows in `[from, to)` of which the survey names no record. Both are windows' starts. */
export function emptyStretches(from: Date, to: Date, days: readonly SurveyedDay[]): readonly Window[] {
  const held = days
    .filter(({ records }) => records !== 0)
    .map(({ start }) => windowOf(start))
    .sort((a, b) => a.start.getTime() - b.start.getTime());
  const stretches: Window[] = [];
  let free = from;
  for (const { start, end } of [...held, windowOf(to)]) {
    if (end <= free) continue;
    const until = start < to ? start : to;
    if (until > free) stretches.push({ start: free, end: until });
    free = end;
  }
  return stretches;
}

/** The part of a stretch whose windows ended by a moment. Null when none did. */
export function endedBy({ start, end }: Window, moment: Date): Window | null {
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

/** A stretch of several windows, in two. */
export function halvesOf(stretch: Window): readonly [Window, Window] {
  const { start, end } = stretch;
  const middle = new Date(start.getTime() + Math.floor(windowsIn(stretch) / 2) * WINDOW_MS);
  return [
    { start, end: middle },
    { start: middle, end },
  ];
}

/** The windows of `[from, to)` that lie in none of the empty stretches: those that must be read. */
export function windowsToRead(
  from: Date,
  to: Date,
  empty: readonly Window[],
  days: readonly SurveyedDay[] | null,
): readonly LaidWindow[] {
  const counted = new Map(days?.map(({ start, records }) => [windowOf(start).start.getTime(), records]));
  const stretches = [...empty].sort((a, b) => a.start.getTime() - b.start.getTime());
  const windows: LaidWindow[] = [];
  let n = 0;
  for (let next = windowOf(from); next.start < to; next = windowOf(next.end)) {
    while (stretches[n] && (stretches[n] as Window).end <= next.start) n++;
    const stretch = stretches[n];
    if (stretch && stretch.start <= next.start) {
      next = { start: stretch.start, end: stretch.end };
      continue;
    }
    const records = counted.get(next.start.getTime());
    windows.push({ ...next, surveyed: records === undefined && days ? 0 : (records ?? null) });
  }
  return windows;
}
