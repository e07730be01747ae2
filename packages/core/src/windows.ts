/**
 * A window is `[start, end)` of 24 hours of `write_date`, in UTC, in whole seconds. The windows of a (user, module)
 * tile time: the first starts at midnight `INITIAL_SYNC_RANGE_DAYS` before the user was connected, each next one
 * where the last ends. Only `>=` and `<` on whole seconds mean the same in every Odoo version.
 */
export interface Window {
  readonly start: Date;
  readonly end: Date;
}

export const WINDOW_HOURS = 24;
export const WINDOW_MS = WINDOW_HOURS * 3_600_000;
const DAY_MS = 86_400_000;

/** Where a user's tiling starts: midnight UTC, `rangeDays` before the user was connected. Stored once, never moved. */
export const tilingStartOf = (connectedAt: Date, rangeDays: number): Date =>
  new Date(Math.floor((connectedAt.getTime() - rangeDays * DAY_MS) / DAY_MS) * DAY_MS);

/** The n-th window of a tiling. */
export const windowAt = (tilingStart: Date, n: number): Window => ({
  start: new Date(tilingStart.getTime() + n * WINDOW_MS),
  end: new Date(tilingStart.getTime() + (n + 1) * WINDOW_MS),
});

/** The number, from 0, of the window that holds an instant; negative before the tiling. */
export const windowNumber = (tilingStart: Date, instant: Date): number =>
  Math.floor((instant.getTime() - tilingStart.getTime()) / WINDOW_MS);

/** Every window of the tiling that starts at or after `from` and not after `until`: today's is the last. */
export function windowsBetween(tilingStart: Date, from: Date, until: Date): readonly Window[] {
  const windows: Window[] = [];
  const first = Math.max(0, Math.ceil((from.getTime() - tilingStart.getTime()) / WINDOW_MS));
  for (let n = first; windowAt(tilingStart, n).start <= until; n++) windows.push(windowAt(tilingStart, n));
  return windows;
}

/** Odoo's naive UTC text of an instant, in whole seconds: `YYYY-MM-DD HH:MM:SS`. */
export const odooDateTime = (instant: Date): string => instant.toISOString().slice(0, 19).replace('T', ' ');
