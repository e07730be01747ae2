import { describe, expect, test } from '@jest/globals';
import { type TimeRange, WINDOW_MS, type Window } from '@odoo-sync/core';
import { provenEmpty } from './provenEmpty.js';

const FIRST = Date.parse('2016-01-01T00:00:00Z');
const day = (n: number): Date => new Date(FIRST + n * WINDOW_MS);
const range = (from: number, to: number): Window => ({ start: day(from), end: day(to) });

/** A source that holds a record on some days, and counts how often it was asked. */
function sourceWith(...held: readonly number[]) {
  const asked: (readonly TimeRange[])[] = [];
  const count = async (ranges: readonly TimeRange[]) => {
    asked.push(ranges);
    const lies = (n: number) =>
      ranges.some(({ start, end }) => (start === null || day(n) >= start) && day(n) < end);
    return held.filter(lies).length;
  };
  return { asked, count };
}

describe('ranges that a survey says are empty', () => {
  test('are proved by one question for fifty of them', async () => {
    const { asked, count } = sourceWith();
    const fifty = Array.from({ length: 50 }, (_, n) => range(10 * n, 10 * n + 9));
    expect(await provenEmpty(count, fifty)).toEqual(fifty);
    expect(asked).toHaveLength(1);
    expect(await provenEmpty(count, [...fifty, range(600, 700)])).toHaveLength(51);
    expect(asked).toHaveLength(3);
  });

  test('lose just the window that a record hides in', async () => {
    const { asked, count } = sourceWith(137);
    const proved = await provenEmpty(count, [range(0, 100), range(101, 365), range(366, 800)]);
    const holds = (n: number) => proved.some(({ start, end }) => day(n) >= start && day(n) < end);
    for (let n = 0; n < 800; n++) expect(holds(n)).toBe(n !== 100 && n !== 137 && n !== 365);
    expect(asked.length).toBeLessThan(25);
  });

  test('are left to be read where proving them would take too many questions', async () => {
    const { asked, count } = sourceWith(...Array.from({ length: 3_650 }, (_, n) => n));
    expect(await provenEmpty(count, [range(0, 3_650)])).toEqual([]);
    expect(asked).toHaveLength(100);
  });

  test('of which there are none ask nothing', async () => {
    const { asked, count } = sourceWith();
    expect(await provenEmpty(count, [])).toEqual([]);
    expect(asked).toEqual([]);
  });
});
