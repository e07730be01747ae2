import { describe, expect, test } from '@jest/globals';
import type { TimeRange } from '@odoo-sync/core';
import { readGroups as groupsOf } from './survey.js';

const day = (text: string) => new Date(`${text}T00:00:00Z`);
const ALL = { start: null, end: day('2027-01-01') };
const readGroups = (value: unknown, range: TimeRange = ALL) => groupsOf(value, range);
const SINCE = ['write_date', '>=', '2026-08-24 00:00:00'];

describe('readGroups', () => {
  test("reads Odoo 14's groups, whatever language their labels are in", () => {
    expect(
      readGroups([
        {
          'write_date:day': '22 nov. 2026',
          __count: 21,
          __range: { write_date: { from: '2026-11-22 00:00:00', to: '2026-11-23 00:00:00' } },
          __domain: [
            '&',
            '&',
            ['write_date', '>=', '2026-11-22 00:00:00'],
            ['write_date', '<', '2026-11-23 00:00:00'],
            SINCE,
          ],
        },
        { write_date_count: 3, __domain: ['&', ['write_date', '>=', '2026-11-23 00:00:00'], SINCE] },
      ]),
    ).toEqual([
      { start: day('2026-11-22'), records: 21 },
      { start: day('2026-11-23'), records: 3 },
    ]);
  });

  test("reads Odoo 19's groups", () => {
    expect(
      readGroups([
        {
          'write_date:day': ['2026-11-22 00:00:00', '22 Nov 2026'],
          __extra_domain: [
            '&',
            ['write_date', '>=', '2026-11-22 00:00:00'],
            ['write_date', '<', '2026-11-23 00:00:00'],
          ],
          __count: 23_072,
        },
      ]),
    ).toEqual([{ start: day('2026-11-22'), records: 23_072 }]);
  });

  test('gives nothing where there is nothing', () => {
    expect(readGroups([])).toEqual([]);
  });

  test.each([null, false, 5, 'x', {}])('an answer of %j is a broken one', (value) => {
    expect(() => readGroups(value)).toThrow(expect.objectContaining({ kind: 'transient' }));
  });

  test.each<[what: string, group: unknown]>([
    ['no domain', { __count: 1 }],
    [
      'a domain without a lower bound',
      { __count: 1, __extra_domain: [['write_date', '<', '2026-11-23 00:00:00']] },
    ],
    [
      'a domain of another field',
      { __count: 1, __extra_domain: [['create_date', '>=', '2026-11-23 00:00:00']] },
    ],
    ['nothing at all', null],
  ])('a group with %s fails loudly', (_what, group) => {
    expect(() => readGroups([group])).toThrow(expect.objectContaining({ kind: 'bug' }));
  });

  test.each([undefined, null, 0.5, -3, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 53, '7', [7], { $gt: 0 }])(
    'a count of %p leaves its day uncounted',
    (count) => {
      expect(readGroups([{ __count: count, __extra_domain: [SINCE] }])).toEqual([
        { start: day('2026-08-24'), records: null },
      ]);
    },
  );

  test('days outside of what was asked for are left out', () => {
    const group = (text: string) => ({ __count: 1, __domain: [['write_date', '>=', `${text} 00:00:00`]] });
    const groups = ['0001-01-01', '2026-08-23', '2026-08-24', '2026-08-31', '2026-09-01', '9999-12-31'].map(
      group,
    );
    const range = { start: day('2026-08-24'), end: day('2026-09-01') };
    expect(readGroups(groups, range).map(({ start }) => start)).toEqual([
      day('2026-08-24'),
      day('2026-08-31'),
    ]);
  });

  test('a day that is no date is a broken answer', () => {
    expect(() => readGroups([{ __count: 1, __domain: [['write_date', '>=', '22/11/2026']] }])).toThrow(
      expect.objectContaining({ kind: 'transient' }),
    );
  });
});
