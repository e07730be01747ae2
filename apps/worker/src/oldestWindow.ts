import { type ModuleName, type Source, WINDOW_MS, type Window, windowOf } from '@odoo-sync/core';

/**
 * The window of a module's oldest record before a moment; null when there is none. Found by counting, since a record may
 * show another date than the one it is found by.
 *
 * @param hint where a survey saw the oldest: proved by one count, or found to be too late.
 */
export async function oldestWindow(
  source: Source,
  module: ModuleName,
  end: Date,
  hint: Date | null,
  signal: AbortSignal,
): Promise<Window | null> {
  const noneBefore = async (moment: Date) =>
    (await source.count(module, [{ start: null, end: moment }], signal)) === 0;
  let known = windowOf(hint ?? end).start;
  if (await noneBefore(known)) return hint ? windowOf(hint) : null;
  // Nothing lies before `none`, something before `known`.
  let none = new Date(0);
  while (known.getTime() - none.getTime() > WINDOW_MS) {
    const middle = windowOf(new Date((none.getTime() + known.getTime()) / 2)).start;
    if (await noneBefore(middle)) none = middle;
    else known = middle;
  }
  return windowOf(none);
}
