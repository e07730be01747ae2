import { halvesOf, type TimeRange, type WindowRange, windowsIn } from '@odoo-sync/core';

const AT_ONCE = 50;
const QUESTIONS = 100;

/**
 * Which of some ranges of windows hold no record, proved by counts that ask as the windows' own readings would. A survey
 * groups by the date that Odoo stores; where the date it searches by is another one (an employee seen through a view),
 * or an answer came short, the count says so, and only the half that it comes from is left to be read.
 *
 * @param count records in any of the ranges given to it.
 */
export async function provenEmpty(
  count: (ranges: readonly TimeRange[]) => Promise<number>,
  ranges: readonly WindowRange[],
): Promise<readonly WindowRange[]> {
  const empty: WindowRange[] = [];
  const open: (readonly WindowRange[])[] = [];
  for (let from = 0; from < ranges.length; from += AT_ONCE) open.push(ranges.slice(from, from + AT_ONCE));
  // Past the last question, what is left unproved is read: it costs time and nothing else.
  for (let asked = 0; asked < QUESTIONS; asked++) {
    const some = open.shift();
    if (!some) break;
    if ((await count(some)) === 0) {
      empty.push(...some);
      continue;
    }
    const [only] = some;
    if (some.length > 1) {
      const middle = Math.floor(some.length / 2);
      open.push(some.slice(0, middle), some.slice(middle));
    } else if (only && windowsIn(only) > 1) {
      open.push(...halvesOf(only).map((half) => [half]));
    }
  }
  return empty.sort((a, b) => a.start.getTime() - b.start.getTime());
}
