import { describe, expect, test } from '@jest/globals';
import { type SurveyedDay, WINDOW_MS, type Window, windowsIn } from '@odoo-sync/core';
import fc from 'fast-check';
import { surveyParts } from './surveyParts.js';

const FIRST = new Date('2016-01-01T00:00:00Z');
const range = (from: number, to: number): Window => ({
  start: new Date(FIRST.getTime() + from * WINDOW_MS),
  end: new Date(FIRST.getTime() + to * WINDOW_MS),
});
const daysOf = (whole: Window): readonly SurveyedDay[] =>
  Array.from({ length: windowsIn(whole) }, (_, day) => ({
    start: new Date(whole.start.getTime() + day * WINDOW_MS),
    records: 1,
  }));

/** Surveys with an Odoo that answers for parts of at most so many windows, and for none that holds a bad one. */
async function survey(whole: Window, most: number, bad: readonly number[] = []) {
  const asked: Window[] = [];
  const days = await surveyParts(async (part) => {
    asked.push(part);
    const holdsBad = bad.some((n) => range(n, n + 1).start >= part.start && range(n, n + 1).start < part.end);
    return windowsIn(part) > most || holdsBad ? null : daysOf(part);
  }, whole);
  return { days, asked };
}

describe('a history that can not be surveyed at one go', () => {
  test('is surveyed in parts that can, and each day is told once', async () => {
    const { days, asked } = await survey(range(0, 3_650), 60);
    expect(days).toEqual(daysOf(range(0, 3_650)));
    expect(asked.filter((part) => windowsIn(part) > 60)).toHaveLength(2);
    expect(asked.length).toBeLessThan(100);
  });

  test('is given up soon where no part can', async () => {
    const { days, asked } = await survey(range(0, 3_650), 0);
    expect(days).toBeNull();
    expect(asked).toHaveLength(3);
  });

  test('leaves uncounted what no answer speaks of, and nothing else', async () => {
    const length = fc.integer({ min: 1, max: 400 });
    await fc.assert(
      fc.asyncProperty(length, fc.array(fc.nat(399), { maxLength: 5 }), async (windows, bad) => {
        const { days, asked } = await survey(range(0, windows), windows, bad);
        expect(asked.length).toBeLessThanOrEqual(100);
        if (!days) return;
        const told = new Map(days.map(({ start, records }) => [start.getTime(), records]));
        expect(told.size).toBe(days.length);
        expect([...told.keys()].sort((a, b) => a - b)).toEqual(
          daysOf(range(0, windows)).map(({ start }) => start.getTime()),
        );
        for (const n of bad) if (n < windows) expect(told.get(range(n, n + 1).start.getTime())).toBeNull();
      }),
    );
  });
});
