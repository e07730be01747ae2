/**
 * A window is `[start, end)` of 24 hours of `write_date`, in UTC, in whole seconds. The windows of a (user, module)
 * tile time: the first starts at the midnight at which the user's history begins, each next one where the last ends. So
 * every window is a day in UTC. Only `>=` and `<` on whole seconds mean the same in every Odoo version.
 */
export interface Window {
  readonly start: Date;
  readonly end: Date;
}

/** Whole windows that follow each other: `[start, end)`, both windows' bounds. */
export interface WindowRange {
  readonly start: Date;
  readonly end: Date;
}

/** How many days before it was connected a user is mirrored from, or `all`: from a module's oldest record on. */
export type RangeDays = number | 'all';

export const WINDOW_HOURS = 24;
export const WINDOW_MS = WINDOW_HOURS * 3_600_000;
const DAY_MS = 86_400_000;

/** Where a tiling of so many days starts: midnight UTC, `rangeDays` before the user was connected. */
export const tilingStartOf = (connectedAt: Date, rangeDays: number): Date =>
  windowOf(new Date(connectedAt.getTime() - rangeDays * DAY_MS)).start;

/** Where a user's range begins; null for the whole history. */
export const rangeStartOf = (user: {
  readonly connectedAt: Date;
  readonly rangeDays: RangeDays;
}): Date | null => (user.rangeDays === 'all' ? null : tilingStartOf(user.connectedAt, user.rangeDays));

/** The window that holds an instant. */
export function windowOf(instant: Date): Window {
  const start = Math.floor(instant.getTime() / WINDOW_MS) * WINDOW_MS;
  return { start: new Date(start), end: new Date(start + WINDOW_MS) };
}

/** No call makes more windows than this: two years of them. */
const AT_ONCE = 732;

/** The windows from `from` (a window's start) on that start at or before `until`: the first ones, where there are very many. */
export function windowsFrom(from: Date, until: Date): readonly Window[] {
  const windows: Window[] = [];
  for (let next = windowOf(from); next.start <= until && windows.length < AT_ONCE; next = windowOf(next.end))
    windows.push(next);
  return windows;
}

/** How many windows a range of whole windows holds. */
export const windowsIn = ({ start, end }: WindowRange): number =>
  Math.round((end.getTime() - start.getTime()) / WINDOW_MS);

/** Whether a range reaches further back than another. */
export const isWider = (range: RangeDays, than: RangeDays): boolean =>
  than !== 'all' && (range === 'all' || range > than);

/** Odoo's naive UTC text of an instant, in whole seconds: `YYYY-MM-DD HH:MM:SS`. */
export const odooDateTime = (instant: Date): string => instant.toISOString().slice(0, 19).replace('T', ' ');
