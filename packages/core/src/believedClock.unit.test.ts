import { expect, test } from '@jest/globals';
import { clockFault } from './believedClock.js';

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
