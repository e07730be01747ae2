import { expect, test } from '@jest/globals';
import { maxBackoffMs } from './backoff.js';

test('a backoff lasts twice as long after each failed attempt, from its base on', () => {
  expect([1, 2, 3, 4].map((attempts) => maxBackoffMs(5_000, attempts))).toEqual([
    5_000, 10_000, 20_000, 40_000,
  ]);
});

test('a job that tells of no attempt waits as after its first', () => {
  expect(maxBackoffMs(5_000, 0)).toBe(5_000);
});
