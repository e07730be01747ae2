import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Bench } from './workbench.js';

export function describePaging(bench: Bench): void {
  describe('pages and order', () => {
    let ids: number[] = [];
    let domain: readonly unknown[] = [];
    beforeAll(async () => {
      const { client, prefix } = bench();
      ids = await client.call<number[]>('res.partner', 'create', [
        Array.from({ length: 7 }, (_, number) => ({
          name: `${prefix} page ${6 - number}`,
          color: number % 2,
        })),
      ]);
      domain = [['name', '=like', `${prefix} page%`]];
    });
    const search = (kwargs: Readonly<Record<string, unknown>>): Promise<number[]> =>
      bench().client.call('res.partner', 'search', [domain], kwargs);

    test('id asc, id desc, write_date then id, and two fields', async () => {
      expect(await search({ order: 'id asc' })).toEqual(ids);
      expect(await search({ order: 'id' })).toEqual(ids);
      expect(await search({ order: 'id desc' })).toEqual([...ids].reverse());
      expect(await search({ order: 'write_date asc, id asc' })).toEqual(ids);
      expect(await search({ order: 'write_date desc, id desc' })).toEqual([...ids].reverse());
      expect(await search({ order: 'name' })).toEqual([...ids].reverse());
      const odd = ids.filter((_, index) => index % 2 === 1);
      const even = ids.filter((_, index) => index % 2 === 0);
      expect(await search({ order: 'color desc, id asc' })).toEqual([...odd, ...even]);
    });

    test('limit and offset; nothing, 0 and false are no limit', async () => {
      expect(await search({ order: 'id asc', limit: 3 })).toEqual(ids.slice(0, 3));
      expect(await search({ order: 'id asc', limit: 3, offset: 5 })).toEqual(ids.slice(5));
      for (const limit of [0, false, null, 1000])
        expect(await search({ order: 'id asc', limit })).toEqual(ids);
    });

    test('keyset pages give every record once, and the page after the last is empty', async () => {
      const { client } = bench();
      const seen: number[] = [];
      const sizes: number[] = [];
      for (let last = 0; sizes.at(-1) !== 0; last = seen.at(-1) ?? 0) {
        const page = await client.call<{ id: number }[]>(
          'res.partner',
          'search_read',
          [
            [...domain, ['id', '>', last]],
            ['id', 'write_date'],
          ],
          { order: 'id asc', limit: 3 },
        );
        sizes.push(page.length);
        seen.push(...page.map(({ id }) => id));
      }
      expect(seen).toEqual(ids);
      expect(sizes).toEqual([3, 3, 1, 0]);
    });

    test('a window that holds nothing gives an empty list', async () => {
      const { client } = bench();
      const nothing = [
        ['write_date', '>=', '1990-01-01 00:00:00'],
        ['write_date', '<', '1990-01-02 00:00:00'],
      ];
      expect(
        await client.call('res.partner', 'search_read', [nothing, ['id']], { order: 'id asc', limit: 200 }),
      ).toEqual([]);
      expect(await client.call('res.partner', 'search_count', [nothing])).toBe(0);
    });

    test('only fields asked come, id always, twice asked comes once', async () => {
      const [row] = await bench().client.call<object[]>(
        'res.partner',
        'search_read',
        [domain, ['name', 'name', 'color']],
        { order: 'id asc', limit: 1 },
      );
      expect(Object.keys(row ?? {})).toEqual(['id', 'name', 'color']);
      const [bare] = await bench().client.call<object[]>('res.partner', 'search_read', [domain, ['id']], {
        order: 'id asc',
        limit: 1,
      });
      expect(bare).toEqual({ id: ids[0] });
    });

    test('load null gives bare ids for many2one', async () => {
      const read = (load: unknown): Promise<unknown> =>
        bench().client.call(
          'res.partner',
          'read',
          [[ids[0]], ['create_uid', 'parent_id']],
          load === undefined ? {} : { load },
        );
      const named = (await read(undefined)) as { create_uid: [number, string] }[];
      expect(named).toEqual([
        { id: ids[0], create_uid: [expect.any(Number), expect.any(String)], parent_id: false },
      ]);
      expect(await read(null)).toEqual([
        { id: ids[0], create_uid: named[0]?.create_uid[0], parent_id: false },
      ]);
    });

    test('search_count stops at its limit', async () => {
      expect(await bench().client.call('res.partner', 'search_count', [domain, 4])).toBe(4);
      expect(await bench().client.call('res.partner', 'search_count', [domain])).toBe(7);
    });
  });
}
