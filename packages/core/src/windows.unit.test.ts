import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  odooDateTime,
  tilingStartOf,
  WINDOW_MS,
  type Window,
  windowAt,
  windowNumber,
  windowsBetween,
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
          const next = windowsBetween(start, tiledUntil, new Date(now));
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
        expect(made).toEqual(windowsBetween(start, start, new Date(now)));
      }),
    );
  });

  test('the one that starts just now is made, the one that starts a millisecond later is not', () => {
    const start = new Date('2026-03-28T00:00:00Z');
    const midnight = new Date('2026-03-29T00:00:00Z');
    expect(windowsBetween(start, midnight, midnight)).toHaveLength(1);
    expect(windowsBetween(start, midnight, new Date(midnight.getTime() - 1))).toEqual([]);
  });

  test('none lies before the tiling starts', () => {
    fc.assert(
      fc.property(instant, instant, instant, (start, from, until) => {
        for (const window of windowsBetween(start, from, until)) {
          expect(window.start >= start && window.start >= from && window.start <= until).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('windowNumber finds the window that holds an instant, and no other', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 5_000 }), fc.nat(WINDOW_MS - 1), (start, n, within) => {
        const window = windowAt(start, n);
        expect(windowNumber(start, window.start)).toBe(n);
        expect(windowNumber(start, new Date(window.start.getTime() + within))).toBe(n);
        expect(windowNumber(start, window.end)).toBe(n + 1);
        expect(window.end).toEqual(windowAt(start, n + 1).start);
      }),
    );
  });

  test('an instant before the tiling has a negative number', () => {
    const start = new Date('2026-03-28T00:00:00Z');
    expect(windowNumber(start, new Date(start.getTime() - 1))).toBe(-1);
  });
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
