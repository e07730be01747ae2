import { describe, expect, test } from '@jest/globals';
import { maxBackoffMs } from '@odoo-sync/core';
import { Backoffs, type Job } from 'bullmq';
import fc from 'fast-check';
import { backoffOptions } from './backoff.js';

describe('maxBackoffMs', () => {
  test('doubles from the base', () => {
    expect([1, 2, 3].map((made) => maxBackoffMs(10_000, made))).toEqual([10_000, 20_000, 40_000]);
  });

  test("is never below BullMQ's own pause, which is never below its half", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 12 }),
        async (baseMs, made) => {
          const pause = await Backoffs.calculate(backoffOptions(baseMs), made, new Error('x'), {} as Job);
          expect(pause).toBeLessThanOrEqual(maxBackoffMs(baseMs, made));
          expect(pause).toBeGreaterThanOrEqual(Math.floor(maxBackoffMs(baseMs, made) / 2));
        },
      ),
    );
  });
});
