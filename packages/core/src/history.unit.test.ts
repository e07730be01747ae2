import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { emptyRanges, endedBy, halvesOf, totalOf, windowsToRead } from './history.js';
import { timeLeftMs } from './timeLeft.js';
import { WINDOW_MS, type Window, windowOf, windowsFrom, windowsIn } from './windows.js';

const FIRST = new Date('2016-01-01T00:00:00Z');
const day = (n: number): Date => new Date(FIRST.getTime() + n * WINDOW_MS);
const days = fc.uniqueArray(
  fc.record({ n: fc.integer({ min: -5, max: 60 }), records: fc.option(fc.nat(3)) }),
  {
    selector: ({ n }) => n,
    maxLength: 30,
  },
);

describe('the windows of a surveyed history', () => {
  test('are those that hold something, and ranges that hold nothing: together they tile it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50 }),
        days,
        fc.integer({ min: -3, max: 60 }),
        (length, counts, cut) => {
          const surveyed = counts.map(({ n, records }) => ({ start: day(n), records }));
          const to = day(length);
          const empty = emptyRanges(FIRST, to, surveyed).flatMap((one) => endedBy(one, day(cut)) ?? []);
          const read = windowsToRead(FIRST, to, empty, surveyed);
          const tiles = [...empty, ...read].sort((a, b) => a.start.getTime() - b.start.getTime());
          let end = FIRST;
          for (const tile of tiles) {
            expect(tile.start).toEqual(end);
            end = tile.end;
          }
          expect(end).toEqual(to);
          for (const { start, end: until, surveyed: records } of read) {
            expect(windowOf(start)).toEqual({ start, end: until });
            const counted = surveyed.find((one) => one.start.getTime() === start.getTime());
            expect(records).toBe(counted ? counted.records : 0);
          }
          for (const range of empty) {
            expect(range.end <= day(cut)).toBe(true);
            const inside = surveyed.filter(
              ({ start, records }) => records !== 0 && start >= range.start && start < range.end,
            );
            expect(inside).toEqual([]);
          }
          for (const [n, range] of empty.entries()) expect(empty[n + 1]?.start).not.toEqual(range.end);
        },
      ),
    );
  });

  test('leave each day that the survey names no record of to an empty range', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), days, (length, counts) => {
        const surveyed = counts.map(({ n, records }) => ({ start: day(n), records }));
        const empty = emptyRanges(FIRST, day(length), surveyed);
        for (let n = 0; n < length; n++) {
          const held = counts.some((one) => one.n === n && one.records !== 0);
          expect(empty.some(({ start, end }) => start <= day(n) && day(n) < end)).toBe(!held);
        }
        for (const range of empty) expect(windowsIn(range)).toBeGreaterThan(0);
      }),
    );
  });

  test('are the same in whatever order the empty ranges are told', () => {
    const ranges = [
      { start: day(5), end: day(8) },
      { start: day(1), end: day(3) },
    ];
    const starts = windowsToRead(FIRST, day(9), ranges, []).map(({ start }) => start);
    expect(starts).toEqual([day(0), day(3), day(4), day(8)]);
    expect(ranges[0]?.start).toEqual(day(5));
  });

  test('are all to be read, uncounted, where no survey told anything', () => {
    const read = windowsToRead(FIRST, day(3), [], null);
    expect(read).toEqual(windowsFrom(FIRST, day(2)).map((window) => ({ ...window, surveyed: null })));
  });

  test('a range ends with the last window that ended by the moment, not with one that runs', () => {
    const range: Window = { start: FIRST, end: day(4) };
    const just = new Date(day(2).getTime() - 1);
    expect(endedBy(range, just)).toEqual({ start: FIRST, end: day(1) });
    expect(endedBy(range, day(2))).toEqual({ start: FIRST, end: day(2) });
    expect(endedBy(range, day(9))).toEqual(range);
    expect(endedBy(range, new Date(day(1).getTime() - 1))).toBeNull();
  });

  test('a range is halved into two that tile it, down to single windows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4_000 }), (length) => {
        const [first, second] = halvesOf({ start: FIRST, end: day(length) });
        expect([first.start, first.end, second.end]).toEqual([FIRST, second.start, day(length)]);
        expect(windowsIn(first) + windowsIn(second)).toBe(length);
        expect(windowsIn(second) - windowsIn(first)).toBeGreaterThanOrEqual(0);
        expect(windowsIn(second) - windowsIn(first)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test('a total is known where each day is counted, and there was a survey', () => {
  const of = (...records: readonly (number | null)[]) => records.map((n) => ({ start: FIRST, records: n }));
  expect(totalOf(of(3, 0, 4))).toBe(7);
  expect(totalOf([])).toBe(0);
  expect(totalOf(of(3, null, 4))).toBeNull();
  expect(totalOf(of(null))).toBeNull();
  expect(totalOf(null)).toBeNull();
});

describe('the time left', () => {
  test('is unknown before anything was read, and none when nothing is left', () => {
    const nothing = { windows: 0, records: 0 };
    expect(timeLeftMs(nothing, 0, { windows: 3, records: 9 })).toBeNull();
    expect(timeLeftMs(nothing, 0, nothing)).toBe(0);
  });

  test('goes by records and windows where both are counted, so that a large window weighs more', () => {
    const done = { windows: 1, records: 950 };
    expect(timeLeftMs(done, 1_000, { windows: 1, records: 9_950 })).toBe(10_000);
    expect(timeLeftMs(done, 1_000, { windows: 20, records: 0 })).toBe(1_000);
  });

  test('goes by windows alone where a survey failed', () => {
    expect(timeLeftMs({ windows: 2, records: 5_000 }, 400, { windows: 10, records: null })).toBe(2_000);
    expect(timeLeftMs({ windows: 2, records: null }, 400, { windows: 10, records: 5_000 })).toBe(2_000);
  });
});
