import { describe, expect, test } from '@jest/globals';
import { clockFault, withBelievedClocks } from './believedClock.js';

test.each([
  [7_200_000, '2 hours ahead'],
  [-5_400_000, '90 minutes behind'],
  [90_000, '90 seconds ahead'],
  [-259_200_000, '3 days behind'],
  [Date.UTC(9999, 11, 31) - Date.UTC(2026, 10, 29), '7978 years ahead'],
])('a clock that is %i ms ahead is said to be %s', (aheadMs, words) => {
  expect(clockFault(aheadMs)).toMatchObject({
    aheadMs,
    message: expect.stringContaining(` is ${words} and `),
  });
});

describe('the clocks that a state believes', () => {
  const HOUR_MS = 3_600_000;
  const state = { skewMs: 0, skewSeenMs: null, dbSkewMs: 0, paceMs: 5 };

  test.each([
    { skewMs: HOUR_MS, skewSeenMs: -HOUR_MS, dbSkewMs: HOUR_MS },
    { skewMs: -HOUR_MS, skewSeenMs: null, dbSkewMs: -HOUR_MS },
  ])('stay where they can be (%p)', (clocks) => {
    const before = { ...state, ...clocks };
    expect(withBelievedClocks(before, HOUR_MS)).toBe(before);
  });

  test.each([HOUR_MS + 1, -HOUR_MS - 1])(
    'are forgotten, each by itself, where they are off by %i ms',
    (off) => {
      const known = { ...state, skewMs: 1, skewSeenMs: 2, dbSkewMs: 3 };
      expect(withBelievedClocks({ ...known, skewMs: off }, HOUR_MS)).toEqual({ ...known, skewMs: 0 });
      expect(withBelievedClocks({ ...known, skewSeenMs: off }, HOUR_MS)).toEqual({
        ...known,
        skewSeenMs: null,
      });
      expect(withBelievedClocks({ ...known, dbSkewMs: off }, HOUR_MS)).toEqual({ ...known, dbSkewMs: 0 });
    },
  );

  test('keep a clock that was never seen unseen', () => {
    expect(withBelievedClocks({ ...state, skewMs: 2 * HOUR_MS }, HOUR_MS)).toEqual({ ...state, skewMs: 0 });
  });
});

test('an Odoo that is ahead by less than two minutes is told in seconds', () => {
  expect(clockFault(119_999).message).toContain(' 120 seconds ahead ');
  expect(clockFault(120_000).message).toContain(' 2 minutes ahead ');
});
