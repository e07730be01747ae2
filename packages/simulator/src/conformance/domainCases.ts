import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Bench } from './workbench.js';

export function describeDomains(bench: Bench): void {
  describe('domains', () => {
    let prefix = '';
    let a = 0;
    let b = 0;
    let gone = 0;
    beforeAll(async () => {
      prefix = `${bench().prefix} dom`;
      a = await bench().contact({
        name: `${prefix} Alpha`,
        ref: '',
        color: 3,
        country_id: 233,
        category_id: [[6, 0, [1, 2]]],
      });
      b = await bench().contact({
        name: `${prefix} Beta`,
        ref: 'R',
        color: 5,
        email: 'Beta@Example.com',
        is_company: true,
      });
      gone = await bench().contact({ name: `${prefix} Archived`, active: false });
    });
    const found = (
      domain: readonly unknown[],
      context: Readonly<Record<string, unknown>> = {},
    ): Promise<number[]> =>
      bench().client.call<number[]>('res.partner', 'search', [[['name', '=like', `${prefix}%`], ...domain]], {
        order: 'id asc',
        context,
      });
    const cases: readonly (readonly [
      title: string,
      domain: () => readonly unknown[],
      expected: () => readonly number[],
    ])[] = [
      [
        'terms side by side are joined by and',
        () => [
          ['id', '>=', a],
          ['id', '<', b],
        ],
        () => [a],
      ],
      ['id >', () => [['id', '>', a]], () => [b]],
      ['id in', () => [['id', 'in', [b, a, 99_999_999]]], () => [a, b]],
      ['id in nothing', () => [['id', 'in', []]], () => []],
      ['id not in', () => [['id', 'not in', [a]]], () => [b]],
      ['!=', () => [['name', '!=', `${prefix} Alpha`]], () => [b]],
      ['or', () => ['|', ['color', '=', 3], ['color', '=', 5]], () => [a, b]],
      ['not', () => ['!', ['color', '=', 3]], () => [b]],
      [
        'and inside or',
        () => ['|', '&', ['color', '=', 3], ['ref', '=', 'R'], ['is_company', '=', true]],
        () => [b],
      ],
      ['empty text equals false', () => [['ref', '=', false]], () => [a]],
      ['set', () => [['ref', '!=', false]], () => [b]],
      ['=like is case sensitive', () => [['name', '=like', '%alpha']], () => []],
      ['ilike is not', () => [['name', 'ilike', 'ALPHA']], () => [a]],
      ['like of a part', () => [['name', 'like', 'Bet']], () => [b]],
      ['not ilike', () => [['name', 'not ilike', 'alpha']], () => [b]],
      ['many2one by id', () => [['country_id', '=', 233]], () => [a]],
      ['many2one in', () => [['country_id', 'in', [20, 233]]], () => [a]],
      ['many2one empty', () => [['country_id', '=', false]], () => [b]],
      ['many2many in', () => [['category_id', 'in', [2]]], () => [a]],
      [
        'integer range',
        () => [
          ['color', '>', 3],
          ['color', '<=', 5],
        ],
        () => [b],
      ],
      ['the term that is always true', () => [[1, '=', 1]], () => [a, b]],
      ['the term that is never true', () => [[0, '=', 1]], () => []],
      ['archived ones by asking for them', () => [['active', '=', false]], () => [gone]],
      ['all by active in both', () => [['active', 'in', [true, false]]], () => [a, b, gone]],
    ];
    test.each(cases)('%s', async (_title, domain, expected) => {
      expect(await found(domain())).toEqual(expected());
    });

    test('archived records come with active_test false, in search, search_read and search_count', async () => {
      const { client } = bench();
      const domain = [['name', '=like', `${prefix}%`]];
      expect(await found([], { active_test: false })).toEqual([a, b, gone]);
      expect(await found([], { active_test: true })).toEqual([a, b]);
      expect(await client.call('res.partner', 'search_count', [domain])).toBe(2);
      expect(
        await client.call('res.partner', 'search_count', [domain], { context: { active_test: false } }),
      ).toBe(3);
      const rows = await client.call('res.partner', 'search_read', [domain, ['active']], {
        order: 'id asc',
        context: { active_test: false },
      });
      expect(rows).toEqual([
        { id: a, active: true },
        { id: b, active: true },
        { id: gone, active: false },
      ]);
    });

    test('active_test does no harm where a model has no active', async () => {
      const count = (context: object): Promise<number> =>
        bench().client.call('sale.order', 'search_count', [[]], { context });
      expect(await count({ active_test: false })).toBe(await count({}));
    });

    test('read finds archived records, and leaves out those that are gone, in the order asked', async () => {
      const { client } = bench();
      expect(await client.call('res.partner', 'read', [[gone, 99_999_999, a], ['color']])).toEqual([
        { id: gone, color: 0 },
        { id: a, color: 3 },
      ]);
      expect(await client.call('res.partner', 'read', [[99_999_999], ['id']])).toEqual([{ id: 99_999_999 }]);
    });

    test('a removed record leaves no trace and its id does not come back', async () => {
      const { client, contact } = bench();
      const id = await contact({ name: `${prefix} removed` });
      expect(await client.call('res.partner', 'unlink', [[id]])).toBe(true);
      expect(await client.call('res.partner', 'read', [[id], ['name']])).toEqual([]);
      expect(await found([['id', '=', id]], { active_test: false })).toEqual([]);
      expect(await contact({ name: `${prefix} next` })).toBeGreaterThan(id);
      await client.call('res.partner', 'unlink', [await found([['name', '=', `${prefix} next`]])]);
    });
  });
}
