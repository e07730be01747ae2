import { describe, expect, test } from '@jest/globals';
import { isOfShare, nextShare, oldestOf, shareCount, sharesAfter, sharesIn } from './auditShares.js';
import { odooTime } from './time.js';

describe('shares', () => {
  const time = (day: number) => odooTime(Date.UTC(2026, 2, day));

  test('are as many as audits in the days within which each record is read', () => {
    const DAY_MS = 86_400_000;
    expect(shareCount(30, DAY_MS)).toBe(30);
    expect(shareCount(30, 7 * DAY_MS)).toBe(5);
    expect(shareCount(1, 7 * DAY_MS)).toBe(1);
  });

  test('go round: whoever waited longest is next, and every record is of one', () => {
    let shares = sharesIn([], 3);
    for (const [n, share] of [0, 1, 2, 0, 1].entries()) {
      expect(nextShare(shares)).toBe(share);
      expect(oldestOf(shares)).toEqual(n < 3 ? null : time(n - 2));
      shares = sharesAfter(shares, share, time(n + 1));
    }
    for (let odooId = 1; odooId < 100; odooId++)
      expect([0, 1, 2].filter((share) => isOfShare(odooId, share, 3))).toHaveLength(1);
    expect(isOfShare(5, 'all', 3)).toBe(true);
  });

  test('are all read by a deep run, and as old as the oldest where their number changes', () => {
    expect(sharesAfter([null, time(1)], 'all', time(5))).toEqual([time(5), time(5)]);
    expect(sharesIn([time(3), time(2)], 3)).toEqual([time(2), time(2), time(2)]);
    expect(sharesIn([time(3), null], 1)).toEqual([null]);
  });
});
