import { describe, expect, test } from '@jest/globals';
import { HandedBackError, SyncError } from '@odoo-sync/core';
import fc from 'fast-check';
import type { Page } from './askPage.js';
import { type KeysetOptions, keyset } from './keyset.js';
import { createPageGrowth, createPageSizer, type PageSizer } from './pageSizer.js';
import { collect, failureOf, never } from './testing/server.js';
import { TooHeavyError } from './tooHeavy.js';
import type { Answer } from './transport.js';

const AT = '2026-11-22 12:00:00';
const rowsOf = (ids: readonly number[]) => ids.map((id) => ({ id, write_date: AT }));
const answer = (value: unknown): Answer => ({
  value,
  date: null,
  body: Buffer.from(JSON.stringify(value)),
  ms: 1,
});
const fixed = (size: number): PageSizer => ({
  size: () => size,
  took: () => {},
  tooHeavy: () => false,
  ceiling: () => null,
  know: () => {},
});

const read = (options: Partial<KeysetOptions> & Pick<KeysetOptions, 'fetch'>, signal = never) =>
  keyset(
    {
      sizer: fixed(2),
      bounds: null,
      read: null,
      mend: Promise.reject,
      outsized: Promise.reject,
      ...options,
    },
    signal,
  );
const idsOf = (pages: readonly Page[]) => pages.flatMap(({ rows }) => rows.map(({ id }) => id));

/** Pages as they stand, then empty ones; notes what was asked. */
function script(...pages: readonly unknown[]) {
  const asked: (readonly [lastId: number, limit: number])[] = [];
  const fetch: KeysetOptions['fetch'] = async (lastId, limit) => {
    asked.push([lastId, limit]);
    return answer(pages[asked.length - 1] ?? []);
  };
  return { asked, fetch };
}

describe('paging', () => {
  test('goes on behind a short page, and ends at an empty one', async () => {
    const { asked, fetch } = script(rowsOf([1]), rowsOf([5, 9]), rowsOf([10]));
    expect(idsOf(await collect(read({ fetch })))).toEqual([1, 5, 9, 10]);
    expect(asked).toEqual([
      [0, 2],
      [1, 2],
      [9, 2],
      [10, 2],
    ]);
  });

  test('asks once where there is nothing', async () => {
    const { asked, fetch } = script();
    expect(await collect(read({ fetch }))).toEqual([]);
    expect(asked).toEqual([[0, 2]]);
  });

  test('gives the same records whatever the page sizes, and wherever a proxy caps them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 5_000 }), { maxLength: 60 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 20 })),
        fc.infiniteStream(fc.integer({ min: 1, max: 20 })),
        async (ids, sizes, caps) => {
          const table = [...ids].sort((a, b) => a - b);
          let size = 1;
          const sizer: PageSizer = { ...fixed(1), size: () => size };
          const fetch: KeysetOptions['fetch'] = async (lastId, limit) => {
            size = sizes.next().value as number;
            const rows = table.filter((id) => id > lastId);
            return answer(rowsOf(rows.slice(0, Math.min(limit, caps.next().value as number))));
          };
          expect(idsOf(await collect(read({ fetch, sizer })))).toEqual(table);
        },
      ),
    );
  });

  test('keeps what went before a broken page, and gives nothing of that one', async () => {
    const { fetch } = script(rowsOf([1, 2]), rowsOf([2, 3]));
    const pages: Page[] = [];
    const all = (async () => {
      for await (const page of read({ fetch })) pages.push(page);
    })();
    expect(await failureOf(all)).toMatchObject({ kind: 'transient' });
    expect(idsOf(pages)).toEqual([1, 2]);
  });

  test('checks every page against the size that it was asked with, not the one of now', async () => {
    let size = 3;
    const sizer: PageSizer = { ...fixed(0), size: () => size };
    const fetch: KeysetOptions['fetch'] = async (lastId) => {
      size = 1;
      return answer(lastId === 0 ? rowsOf([1, 2, 3]) : []);
    };
    expect(idsOf(await collect(read({ fetch, sizer })))).toEqual([1, 2, 3]);
  });

  test('tells the sizer of each page', async () => {
    const told: number[] = [];
    const { fetch } = script(rowsOf([1, 2]), rowsOf([3]));
    await collect(read({ fetch, sizer: { ...fixed(2), took: (rows) => told.push(rows) } }));
    expect(told).toEqual([2, 1, 0]);
  });

  test('asks for half as much after the same record as long as a page is too heavy', async () => {
    const asked: (readonly [lastId: number, limit: number])[] = [];
    const sizer = createPageSizer(createPageGrowth(8, 8), 8);
    const fetch: KeysetOptions['fetch'] = async (lastId, limit) => {
      asked.push([lastId, limit]);
      if (limit > 2) throw new TooHeavyError('transient', 'too slow');
      return answer(rowsOf([1, 2, 3].filter((id) => id > lastId).slice(0, limit)));
    };
    expect(idsOf(await collect(read({ fetch, sizer })))).toEqual([1, 2, 3]);
    expect(asked).toEqual([
      [0, 8],
      [0, 4],
      [0, 2],
      [2, 2],
      [3, 2],
    ]);
  });

  test('fails where a single record is too heavy, and asks nothing smaller of an Odoo that is away', async () => {
    const sizes = async (error: Error) => {
      const asked: number[] = [];
      const fetch: KeysetOptions['fetch'] = async (_lastId, limit) => {
        asked.push(limit);
        throw error;
      };
      const sizer = createPageSizer(createPageGrowth(5, 5), 5);
      expect(await failureOf(collect(read({ fetch, sizer })))).toBe(error);
      return asked;
    };
    expect(await sizes(new TooHeavyError('transient', 'too slow'))).toEqual([5, 2, 1]);
    expect(await sizes(new TooHeavyError('transient', 'away', { unreachable: true }))).toEqual([5]);
  });

  test('passes an error on as it is', async () => {
    const error = new SyncError('throttled', 'slow down');
    const fetch = async () => {
      throw error;
    };
    expect(await failureOf(collect(read({ fetch })))).toBe(error);
  });
});

describe('an end from outside', () => {
  /** A first page, then nothing until the signal of the request is aborted. */
  const hanging =
    (seen: AbortSignal[]): KeysetOptions['fetch'] =>
    async (lastId, _limit, signal) => {
      if (lastId === 0) return answer(rowsOf([1]));
      seen.push(signal);
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return answer([]);
    };

  test('while a page is awaited hands the turn back', async () => {
    const stop = new AbortController();
    const fetch = hanging([]);
    const all = (async () => {
      for await (const _page of read({ fetch }, stop.signal)) stop.abort();
    })();
    expect(await failureOf(all)).toBeInstanceOf(HandedBackError);
  });

  test.each(['break', 'throw'])('by a %s in the loop ends the request that is out', async (how) => {
    const seen: AbortSignal[] = [];
    const all = (async () => {
      for await (const _page of read({ fetch: hanging(seen) })) {
        if (how === 'break') break;
        throw new Error('the reader failed');
      }
    })();
    await (how === 'break' ? all : expect(all).rejects.toThrow('the reader failed'));
    expect(seen).toHaveLength(1);
    expect(seen[0]?.aborted).toBe(true);
  });
});
