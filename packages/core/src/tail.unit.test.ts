import { describe, expect, test } from '@jest/globals';
import { nextTailPause, TAIL_WIDE_MS, tailDeaths } from './tail.js';
import { later, storeTime } from './time.js';

const TIMING = { tailIntervalMs: 10_000, tailQuietMs: 60_000 };
const NOW = storeTime(new Date('2026-03-29T10:00:00Z'));
const ago = (ms: number) => later(NOW, -ms);

describe('nextTailPause', () => {
  test('keeps the interval while there was a change in the last day', () => {
    expect(nextTailPause(TIMING, 60_000, ago(86_399_999), NOW)).toBe(10_000);
  });

  test.each([null, ago(86_400_000)])(
    'steps out to the quiet interval, and no further (%p)',
    (lastChangeAt) => {
      const pauses = [10_000];
      while (pauses.length < 7) pauses.push(nextTailPause(TIMING, pauses.at(-1) ?? 0, lastChangeAt, NOW));
      expect(pauses).toEqual([10_000, 15_000, 22_500, 33_750, 50_625, 60_000, 60_000]);
    },
  );

  test('never goes below the interval, though the quiet one is set shorter', () => {
    expect(nextTailPause({ tailIntervalMs: 10_000, tailQuietMs: 5_000 }, 0, null, NOW)).toBe(10_000);
  });
});

test('a tail that is found running has died once more than was counted before it', () => {
  expect(tailDeaths({ status: 'running' })).toBe(1);
  expect(tailDeaths({ status: 'running', expiries: 2 })).toBe(3);
  expect(tailDeaths({ status: 'queued', expiries: 2 })).toBe(2);
  expect(tailDeaths({ status: 'idle' })).toBe(0);
});

test('a wide pass looks back over two days', () => {
  expect(new Date(NOW.getTime() - TAIL_WIDE_MS)).toEqual(new Date('2026-03-27T10:00:00Z'));
});
