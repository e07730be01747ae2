import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isWider,
  odooDateTime,
  rangeStartOf,
  tilingStartOf,
  WINDOW_MS,
  type Window,
  windowOf,
  windowsFrom,
  windowsIn,
} from './windows.js';

const DAY_MS = 86_400_000;
const instant = fc.date({
  min: new Date('2015-01-01T00:00:00Z'),
  max: new Date('2040-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const rangeDays = fc.integer({ min: 0, max: 400 });
const iso = (date: Date) => date.toISOString();

describe('tilingStartOf', () => {
  test.each([
    ['2026-03-29T12:34:56.789Z', 90, '2025-12-29T00:00:00.000Z'],
    ['2026-03-29T00:00:00.000Z', 1, '2026-03-28T00:00:00.000Z'],
    ['2026-03-28T23:59:59.999Z', 1, '2026-03-27T00:00:00.000Z'],
    ['2024-03-01T08:00:00.000Z', 1, '2024-02-29T00:00:00.000Z'],
    ['2026-03-29T12:00:00.000Z', 0, '2026-03-29T00:00:00.000Z'],
  ])('connected at %s with %i days starts at %s', (connectedAt, days, start) => {
    expect(iso(tilingStartOf(new Date(connectedAt), days))).toBe(start);
  });

  test('is a midnight, no later than the range asks and less than a day before', () => {
    fc.assert(
      fc.property(instant, rangeDays, (connectedAt, days) => {
        const start = tilingStartOf(connectedAt, days).getTime();
        const asked = connectedAt.getTime() - days * DAY_MS;
        expect(start % DAY_MS).toBe(0);
        expect(start).toBeLessThanOrEqual(asked);
        expect(asked - start).toBeLessThan(DAY_MS);
      }),
    );
  });
});

test("a user's range begins with its tiling, and nowhere where the whole history is asked for", () => {
  const connectedAt = new Date('2026-03-29T12:34:56.789Z');
  expect(rangeStartOf({ connectedAt, rangeDays: 90 })).toEqual(new Date('2025-12-29T00:00:00Z'));
  expect(rangeStartOf({ connectedAt, rangeDays: 'all' })).toBeNull();
});

describe('the windows of a tiling', () => {
  test('tile time without gap or overlap, in however many steps they are made', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 20 * DAY_MS }), { maxLength: 12 });
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 30 }), steps, (connectedAt, days, pauses) => {
        const start = tilingStartOf(connectedAt, days);
        let tiledUntil = start;
        let now = connectedAt.getTime();
        const made: Window[] = [];
        for (const pause of [0, ...pauses]) {
          now += pause;
          const next = windowsFrom(tiledUntil, new Date(now));
          made.push(...next);
          tiledUntil = next.at(-1)?.end ?? tiledUntil;
          expect(tiledUntil.getTime()).toBeGreaterThan(now);
        }
        let end = start.getTime();
        for (const window of made) {
          expect(window.start.getTime()).toBe(end);
          expect(window.end.getTime() - window.start.getTime()).toBe(WINDOW_MS);
          expect(window.start.getTime() % 1_000).toBe(0);
          end = window.end.getTime();
        }
        expect(end - now).toBeLessThanOrEqual(WINDOW_MS);
        expect(made).toEqual(windowsFrom(start, new Date(now)));
      }),
    );
  });

  test('the one that starts just now is made, the one that starts a millisecond later is not', () => {
    const midnight = new Date('2026-03-29T00:00:00Z');
    expect(windowsFrom(midnight, midnight)).toHaveLength(1);
    expect(windowsFrom(midnight, new Date(midnight.getTime() - 1))).toEqual([]);
  });

  test('no call makes them without a bound: what is left is made from the last one on', () => {
    const from = new Date('2026-03-29T00:00:00Z');
    const first = windowsFrom(from, new Date('9999-12-31T00:00:00Z'));
    expect(first).toHaveLength(732);
    const end = first.at(-1)?.end ?? from;
    expect(windowsFrom(end, new Date('9999-12-31T00:00:00Z'))[0]?.start).toEqual(end);
  });

  test('windowOf finds the window that holds an instant, and no other', () => {
    fc.assert(
      fc.property(instant, (at) => {
        const window = windowOf(at);
        expect(window.start <= at && at < window.end).toBe(true);
        expect(window.start.getTime() % WINDOW_MS).toBe(0);
        expect(windowsIn(window)).toBe(1);
        expect(windowOf(window.start)).toEqual(window);
        expect(windowOf(window.end).start).toEqual(window.end);
      }),
    );
  });
});

test.each([
  [30, 90, false],
  [90, 90, false],
  [91, 90, true],
  ['all', 90, true],
  ['all', 'all', false],
  [36_500, 'all', false],
] as const)('a range of %p beside one of %p: wider is %p', (range, than, wider) => {
  expect(isWider(range, than)).toBe(wider);
});

describe('odooDateTime', () => {
  test('is UTC without a zone, in whole seconds, cut and not rounded', () => {
    expect(odooDateTime(new Date('2026-03-29T01:02:03.999Z'))).toBe('2026-03-29 01:02:03');
    expect(odooDateTime(new Date('2026-03-29T02:00:00+02:00'))).toBe('2026-03-29 00:00:00');
  });

  test('orders as the instants do, to the second', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 10_000_000 }), (earlier, seconds) => {
        const later = new Date(earlier.getTime() + seconds * 1_000);
        expect(odooDateTime(earlier) < odooDateTime(later)).toBe(true);
        expect(Date.parse(`${odooDateTime(earlier).replace(' ', 'T')}Z`)).toBe(
          Math.floor(earlier.getTime() / 1_000) * 1_000,
        );
      }),
    );
  });
});
