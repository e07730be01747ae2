import { describe, expect, test } from '@jest/globals';
import { NO_DIFFERENCES } from './audit.js';
import { cliffOf } from './cliff.js';
import { storeTime } from './time.js';

const at = storeTime(new Date('2026-03-29T10:00:00Z'));

describe('a cliff', () => {
  const run = (gone: number, mirrored: number, records = mirrored - gone) => ({
    records,
    mirrored,
    found: { ...NO_DIFFERENCES, gone },
  });
  const company = { id: 2, name: 'East' };

  test.each([
    [0, 10, null],
    [2, 10, null],
    [3, 10, 'share'],
    [8, 9, null],
    [9, 9, 'nothing'],
    [1, 1, 'nothing'],
    [200, 1_000, null],
    [201, 1_000, 'share'],
  ] as const)('of %i records of %i', (gone, of, reason) => {
    expect(cliffOf(run(gone, of), [], at)?.reason ?? null).toBe(reason);
  });

  test('is every record of a company, of two or more', () => {
    const losses = (gone: number, of: number) => cliffOf(run(gone, 1_000), [{ company, gone, of }], at);
    expect(losses(3, 3)).toEqual({ reason: 'company', gone: 3, of: 3, company, seenAt: at });
    expect(losses(3, 4)).toBeNull();
    expect(losses(1, 1)).toBeNull();
  });
});
