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

  test('whatever dates it shows, where they are not those that were searched', () => {
    expect(checkPage([row(11, '1999-01-01 00:00:00')], { ...expected, bounds: null })).toHaveLength(1);
  });
});

describe('a page fails the attempt', () => {
  test.each<[what: string, value: unknown, message: RegExp]>([
    ['when it is no list', { length: 0 }, /no list/],
    ['when it is null', null, /no list/],
    ['when an id is repeated', [row(11), row(11)], /id 11 comes after 11/],
    ['when ids fall', [row(12), row(11)], /id 11 comes after 12/],
    ['when it starts at the last id', [row(10)], /id 10 comes after 10/],
    ['when it starts below the last id', [row(3)], /id 3 comes after 10/],
    ['when it has more rows than were asked', [11, 12, 13, 14].map((id) => row(id)), /4 rows, asked were 3/],
    ['when a row has no id', [{ write_date: '2026-11-22 12:00:00' }], /the id undefined/],
    ['when an id is a text', [row('11')], /the id "11"/],
    ['when an id is no whole number', [row(11.5)], /the id 11.5/],
    ['when a row has no write_date', [{ id: 11 }], /record 11 has the write_date undefined/],
    ['when a write_date is false', [row(11, false)], /record 11 has the write_date false/],
    ['when a row is null', [null], /the id undefined/],
    ['when a row is a number', [11], /the id undefined/],
    ['when a row is older than the window', [row(11, '2026-11-21 23:59:59')], /outside/],
    ["when a row is of the next window's first second", [row(11, '2026-11-23 00:00:00')], /outside/],
  ])('%s', (_what, value, message) => {
    expect(fault(value)).toMatchObject({ kind: 'transient', message: expect.stringMatching(message) });
  });
});
