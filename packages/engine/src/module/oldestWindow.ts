import { type ModuleName, type Source, WINDOW_MS, type Window, windowOf } from '@odoo-sync/core';

/**
 * The window of a module's oldest record before a moment, 1970 at the earliest; null when there is none. Found by searching,
 * since a record may show another date than the one it is found by.
 *
 * @param hint where a survey saw the oldest: proved by one search, or found to be too late.
 */
export async function oldestWindow(
  source: Source,
  module: ModuleName,
  end: Date,
  hint: Date | null,
  signal: AbortSignal,
): Promise<Window | null> {
  const noneBefore = async (moment: Date) =>
    !(await source.holds(module, { start: null, end: moment }, signal));
  const earliest = new Date(0);
  const seen = hint && (hint < earliest ? earliest : hint);
  let known = windowOf(seen ?? end).start;
  if (await noneBefore(known)) return seen ? windowOf(seen) : null;
  // Nothing lies before `none`, something before `known`.
  let none = earliest;
  while (known.getTime() - none.getTime() > WINDOW_MS) {
    const middle = windowOf(new Date((none.getTime() + known.getTime()) / 2)).start;
    if (await noneBefore(middle)) none = middle;
    else known = middle;
  }
  return windowOf(none);
}
