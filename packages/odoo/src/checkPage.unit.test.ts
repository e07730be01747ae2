import { describe, expect, test } from '@jest/globals';
import { boundsOf, checkPage, type PageExpectation } from './checkPage.js';

const bounds = boundsOf({ start: new Date('2026-11-22T00:00:00Z'), end: new Date('2026-11-23T00:00:00Z') });
const expected: PageExpectation = { lastId: 10, limit: 3, bounds };
const row = (id: unknown, write_date: unknown = '2026-11-22 12:00:00') => ({ id, write_date });

const fault = (value: unknown, more: Partial<PageExpectation> = {}) => {
  try {
    checkPage(value, { ...expected, ...more });
  } catch (error) {
    return error;
  }
  return null;
};

describe('a page is taken', () => {
  test.each<[what: string, rows: readonly object[]]>([
    ['when it is empty', []],
    ['when it is short', [row(11)]],
    ['when it is full, with gaps between its ids', [row(11), row(20), row(4_000_000_000)]],
    ["at the window's first second", [row(11, '2026-11-22 00:00:00')]],
    ["at the window's last second", [row(11, '2026-11-22 23:59:59')]],
  ])('%s', (_what, rows) => {
    expect(checkPage(rows, expected)).toBe(rows);
  });

  test('without an end, however late its rows are', () => {
    const open = { ...expected, bounds: { start: bounds.start, end: null } };
    expect(checkPage([row(11, '2199-01-01 00:00:00')], open)).toHaveLength(1);
  });

  test.each([undefined, false, 5, 'hunter2', '2026-11-31 00:00:00', { $date: 0 }])(
    'with a write_date of %j in it: that is a fault of its record',
    (at) => {
      expect(checkPage([row(11), { id: 12, write_date: at }], expected)).toHaveLength(2);
    },
  );

  test('whatever dates it shows, where they are not those that were searched', () => {
    expect(checkPage([row(11, '1999-01-01 00:00:00')], { ...expected, bounds: null })).toHaveLength(1);
  });
});

describe('a page fails the attempt', () => {
  test.each<[what: string, value: unknown, message: RegExp]>([
    ['when it is no list', { length: 0 }, /expected a list, got an object/],
    ['when it is null', null, /expected a list, got null/],
    ['when an id is repeated', [row(11), row(11)], /got 11 after 11/],
    ['when ids fall', [row(12), row(11)], /got 11 after 12/],
    ['when it starts at the last id', [row(10)], /got 10 after 10/],
    ['when it starts below the last id', [row(3)], /got 3 after 10/],
    ['when it has more rows than were asked', [11, 12, 13, 14].map((id) => row(id)), /at most 3 rows, got 4/],
    [
      'when a row has no id',
      [{ write_date: '2026-11-22 12:00:00' }],
      /expected an id in each row, got nothing/,
    ],
    ['when an id is a text', [row('11')], /got "11"/],
    ['when an id is no whole number', [row(11.5)], /got 11.5/],
    ['when no row has a write_date', [{ id: 11 }, { id: 12 }], /write_date in each row, got nothing/],
    ['when an id is no safe number', [row(2 ** 53)], /got 9007199254740992/],
    ['when a row is null', [null], /expected an id in each row, got nothing/],
    ['when a row is a number', [11], /expected an id in each row, got nothing/],
    [
      'when a row is older than the window',
      [row(11, '2026-11-21 23:59:59')],
      /got 11 of "2026-11-21 23:59:59"/,
    ],
    [
      "when a row is of the next window's first second",
      [row(11, '2026-11-23 00:00:00')],
      /from 2026-11-22 00:00:00 to 2026-11-23 00:00:00, got 11 of "2026-11-23 00:00:00"/,
    ],
    ['when an id is some other text', [row('hunter2')], /got a text of 7 characters/],
  ])('%s', (_what, value, message) => {
    expect(fault(value)).toMatchObject({ kind: 'transient', message: expect.stringMatching(message) });
    expect(String(fault(value))).not.toContain('hunter2');
  });
});
