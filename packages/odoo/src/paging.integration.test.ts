import { describe, expect, test } from '@jest/globals';
import {
  type FieldList,
  HandedBackError,
  type ModuleName,
  type Source,
  type SourcePage,
  type Window,
} from '@odoo-sync/core';
import { until } from '@odoo-sync/testkit';
import { fieldListVersion } from './decode.js';
import {
  ANSWERED,
  collect,
  failureOf,
  never,
  type OdooCall,
  PythonError,
  reply,
  Servers,
} from './testing/server.js';

const servers = new Servers();

const WINDOW: Window = { start: new Date('2026-11-22T00:00:00Z'), end: new Date('2026-11-23T00:00:00Z') };
const FIELDS: FieldList = (() => {
  const fields = [
    { name: 'id', type: 'integer' },
    { name: 'name', type: 'char' },
    { name: 'write_date', type: 'datetime' },
  ];
  return { fields, dropped: [], version: fieldListVersion(fields) };
})();

interface Row {
  readonly id: number;
  readonly name: string;
  readonly write_date: string;
}
const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, n) => ({
    id: n + 1,
    name: `record ${n + 1}`,
    write_date: '2026-11-22 12:00:00',
  }));

type Term = readonly [field: string, operator: string, value: unknown];
const termsOf = ({ kwargs }: OdooCall) => kwargs.domain as readonly Term[];
const lastIdOf = (call: OdooCall): number =>
  termsOf(call).find(([field, operator]) => field === 'id' && operator === '>')?.[2] as number;
const limitOf = ({ kwargs }: OdooCall) => kwargs.limit as number;

/** What Odoo gives of a table. */
function searchRead(call: OdooCall, table: readonly Row[]): Row[] {
  const ids = termsOf(call).find(([field, operator]) => field === 'id' && operator === 'in')?.[2] as
    | number[]
    | undefined;
  const rows = ids
    ? table.filter(({ id }) => ids.includes(id))
    : table.filter(({ id }) => id > lastIdOf(call));
  return rows.slice(0, limitOf(call));
}

const window = (source: Source, module: ModuleName = 'contacts', signal = never) =>
  source.window(module, FIELDS, WINDOW, signal);
const idsOf = (pages: readonly SourcePage[]) =>
  pages.flatMap(({ records }) => records.map(({ odooId }) => odooId));

/** A proxy before Odoo that answers by itself. */
const gateway =
  (status: number) =>
  ({ response }: OdooCall) => {
    reply(response, status, '<h1>Gateway</h1>');
    return ANSWERED;
  };

const reset = ({ response }: OdooCall) => {
  response.socket?.resetAndDestroy();
  return ANSWERED;
};

/** Reads a source to its end while the test looks on. */
function consume(pages: AsyncIterable<unknown>, onPage: () => unknown = () => {}): Promise<void> {
  return (async () => {
    for await (const _page of pages) await onPage();
  })();
}

describe.each([19, 14])('a window of Odoo %i', (version) => {
  test('is asked for as the engine says, and comes whole', async () => {
    const calls: OdooCall[] = [];
    const { source } = await servers.odoo(
      version,
      (call) => {
        calls.push(call);
        return searchRead(call, rowsOf(5));
      },
      { limitPerCall: 2, limitPerCallMax: 2, lang: 'fr_FR' },
    );
    const pages = await collect(window(source));
    expect(idsOf(pages)).toEqual([1, 2, 3, 4, 5]);
    expect(pages[0]?.records[0]).toMatchObject({
      odooId: 1,
      writeDate: new Date('2026-11-22T12:00:00Z'),
      fields: { id: 1, name: 'record 1', write_date: new Date('2026-11-22T12:00:00Z') },
    });
    expect(pages[0]?.packed.length).toBeGreaterThan(50);
    expect(calls.map(({ model, method, ids, kwargs }) => ({ model, method, ids, kwargs }))).toEqual(
      [0, 2, 4, 5].map((lastId) => ({
        model: 'res.partner',
        method: 'search_read',
        ids: undefined,
        kwargs: {
          domain: [
            ['write_date', '>=', '2026-11-22 00:00:00'],
            ['write_date', '<', '2026-11-23 00:00:00'],
            ['id', '>', lastId],
          ],
          fields: ['id', 'name', 'write_date'],
          order: 'id asc',
          limit: 2,
          context: { active_test: false, lang: 'fr_FR' },
        },
      })),
    );
  });

  test('of a module with terms of its own carries them first', async () => {
    const domains: unknown[] = [];
    const { source } = await servers.odoo(version, (call) => {
      domains.push(termsOf(call)[0]);
      return [];
    });
    await collect(window(source, 'invoices'));
    expect(domains).toEqual([['move_type', 'in', expect.arrayContaining(['out_invoice', 'in_receipt'])]]);
  });

  test('with a record outside of it fails, save where the date shown is not the one searched', async () => {
    const outside = { ...(rowsOf(1)[0] as Row), write_date: '2026-11-23 00:00:00' };
    const { source } = await servers.odoo(version, (call) => searchRead(call, [outside]));
    expect(await failureOf(collect(window(source)))).toMatchObject({ kind: 'transient' });
    expect(idsOf(await collect(window(source, 'employees')))).toEqual([1]);
  });

  test('grows its pages while they come full and fast', async () => {
    const limits: number[] = [];
    const { source } = await servers.odoo(
      version,
      (call) => {
        limits.push(limitOf(call));
        return searchRead(call, rowsOf(60));
      },
      { limitPerCall: 8, limitPerCallMax: 20 },
    );
    expect(idsOf(await collect(window(source)))).toHaveLength(60);
    expect(limits).toEqual([8, 12, 18, 20, 20, 20]);
  });

  test('has its next page on the way while the last is being consumed', async () => {
    const { source, requests } = await servers.odoo(version, (call) => searchRead(call, rowsOf(3)), {
      limitPerCall: 1,
      limitPerCallMax: 1,
    });
    let seen = requests.length;
    await consume(window(source), async () => {
      await until('the next request is there', () => requests.length > seen);
      seen = requests.length;
    });
    expect(seen).toBeGreaterThanOrEqual(4);
  });

  test('keeps the pause between its pages', async () => {
    const { source, requests } = await servers.odoo(version, (call) => searchRead(call, rowsOf(3)), {
      limitPerCall: 1,
      limitPerCallMax: 1,
      apiCallDelayMs: 3_600_000,
    });
    source.setPace(60);
    await collect(window(source));
    const pages = requests.filter(({ text }) => text.includes('search_read') || text.includes('id asc'));
    const gaps = pages.slice(1).map(({ at }, n) => at - (pages[n]?.at ?? 0));
    expect(gaps).toHaveLength(3);
    // Timers of Node fire up to a millisecond early.
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(58);
  });

  test('that is aborted in the middle of a page is handed back, and its connection closed', async () => {
    const { source, requests } = await servers.odoo(version, (call) => {
      if (lastIdOf(call) === 0) return searchRead(call, rowsOf(1));
      call.response.writeHead(200, { 'Content-Type': 'application/json' });
      call.response.write('[{"id": 2, "na');
      return ANSWERED;
    });
    const stop = new AbortController();
    const seen = requests.length;
    const all = failureOf(consume(window(source, 'contacts', stop.signal)));
    const firstPages = version === 19 ? 2 : 3;
    await until('half a page is there', () => requests.length === seen + firstPages);
    stop.abort();
    expect(await all).toBeInstanceOf(HandedBackError);
    await until('the connection is closed', () => requests.at(-1)?.cut === true);
  });

  test('that is left early ends the request for its next page', async () => {
    const { source, requests } = await servers.odoo(version, (call) =>
      lastIdOf(call) === 0 ? searchRead(call, rowsOf(1)) : ANSWERED,
    );
    for await (const _page of window(source)) {
      await until('the next request is there', () => requests.at(-1)?.text.includes('"id",">",1') === true);
      break;
    }
    await until('the connection is closed', () => requests.at(-1)?.cut === true);
  });

  test.each<[what: string, refuse: (call: OdooCall) => unknown]>([
    ['time out', () => ANSWERED],
    ['are answered 504', gateway(504)],
    ['are answered 502', gateway(502)],
    ['are answered 413', gateway(413)],
    ['are answered 500 by a proxy', gateway(500)],
    ['are reset', reset],
    [
      'are cut off',
      ({ response }) => {
        response.writeHead(200, { 'Content-Length': '1000' });
        response.write('[{"id"', () => response.socket?.destroy());
        return ANSWERED;
      },
    ],
    [
      'take PostgreSQL too long',
      () => {
        throw new PythonError('psycopg2.errors.QueryCanceled', 'canceling statement', 500);
      },
    ],
  ])('whose pages over 50 rows %s comes whole, in pages that are small enough', async (_what, refuse) => {
    const limits: number[] = [];
    const { source } = await servers.odoo(
      version,
      (call) => {
        limits.push(limitOf(call));
        return limitOf(call) > 50 ? refuse(call) : searchRead(call, rowsOf(600));
      },
      { limitPerCall: 200, limitPerCallMax: 200, requestTimeoutMs: 300 },
    );
    expect(idsOf(await collect(window(source)))).toHaveLength(600);
    expect(limits).toEqual([200, 100, ...Array(13).fill(50)]);
    expect(source.pageCeilings('contacts')).toEqual({ full: { rows: 50, patience: 20 }, light: null });
    expect(source.pageCeilings('invoices')).toEqual({ full: null, light: null });
  });

  test('of which a single record is too heavy fails, but not as that of an Odoo that is away', async () => {
    const { source } = await servers.odoo(version, gateway(504), { limitPerCall: 4 });
    expect(await failureOf(collect(window(source)))).toMatchObject({
      kind: 'transient',
      unreachable: false,
      message: expect.stringMatching(/504/),
    });
    expect(source.pageCeilings('contacts').full).toBeNull();
  });

  test('of an Odoo that is away fails at once', async () => {
    let away = false;
    const { source, requests } = await servers.odoo(version, (call) => {
      if (lastIdOf(call) === 0) return searchRead(call, rowsOf(1));
      away = true;
      return gateway(502)(call);
    });
    servers.refuse(() => away);
    expect(await failureOf(collect(window(source)))).toMatchObject({ kind: 'transient', unreachable: true });
    expect(requests.at(-1)?.text).not.toMatch(/search_read/);
    expect(source.pageCeilings('contacts').full).toBeNull();
  });

  test('whose pages are too large but fast comes through', async () => {
    const limits: number[] = [];
    const { source } = await servers.odoo(
      version,
      (call) => {
        limits.push(limitOf(call));
        return searchRead(call, rowsOf(300)).map((row) => ({ ...row, name: 'x'.repeat(100) }));
      },
      { limitPerCall: 40, limitPerCallMax: 100, maxAnswerBytes: 10_000 },
    );
    expect(idsOf(await collect(window(source)))).toHaveLength(300);
    expect(limits).toEqual([40, 60, 90, ...Array(6).fill(45)]);
  });

  test('with records larger than any answer may be lacks these alone, and names them', async () => {
    const { source } = await servers.odoo(
      version,
      (call) => searchRead(call, rowsOf(30)).map(hugeAmong(call)),
      {
        limitPerCall: 8,
        limitPerCallMax: 8,
        maxAnswerBytes: 10_000,
      },
    );
    const pages = await collect(window(source));
    expect(idsOf(pages)).toEqual(rowsOf(30).flatMap(({ id }) => (HUGE.includes(id) ? [] : [id])));
    expect(pages.flatMap(({ unreadable }) => unreadable)).toEqual(
      HUGE.map((odooId) => ({
        odooId,
        reason: expect.stringMatching(
          /^it is too large to be read: expected at most 10000 bytes .* raise ODOO_MAX/,
        ),
      })),
    );
    const read = await collect(source.read('contacts', FIELDS, [4, 5, 6, 30], never));
    expect(idsOf(read)).toEqual([4, 6]);
    expect(read.flatMap(({ unreadable }) => unreadable)).toMatchObject([{ odooId: 5 }, { odooId: 30 }]);
  });
});

const HUGE = [5, 13, 14, 30];
const hugeAmong =
  ({ kwargs }: OdooCall) =>
  (row: Row): object => {
    const { name, ...light } = row;
    if (!(kwargs.fields as readonly string[]).includes('name')) return light;
    return HUGE.includes(row.id) ? { ...row, name: name.repeat(2_000) } : row;
  };

describe.each([19, 14])('reading by ids from Odoo %i', (version) => {
  const read = (source: Source, ids: readonly number[], signal = never) =>
    source.read('contacts', FIELDS, ids, signal);

  test('asks for all of them in pages, and leaves out what is gone', async () => {
    const asked: unknown[] = [];
    const { source } = await servers.odoo(
      version,
      (call) => {
        asked.push([termsOf(call), limitOf(call)]);
        return searchRead(call, rowsOf(4));
      },
      { limitPerCall: 2, limitPerCallMax: 2 },
    );
    expect(idsOf(await collect(read(source, [1, 3, 4, 9, 10])))).toEqual([1, 3, 4]);
    expect(asked).toEqual([
      [[['id', 'in', [1, 3]]], 2],
      [[['id', 'in', [4, 9]]], 2],
      // A short answer proves nothing: 9 is asked for once more.
      [[['id', 'in', [9, 10]]], 2],
    ]);
  });

  test('of none asks for nothing', async () => {
    const { source, requests } = await servers.odoo(version, () => []);
    const seen = requests.length;
    expect(await collect(read(source, []))).toEqual([]);
    expect(requests).toHaveLength(seen);
  });

  test.each<[what: string, answer: unknown]>([
    ['no list', { records: [] }],
    ['a record that was not asked for', [{ ...rowsOf(3)[2] }]],
    ['a record twice', [rowsOf(2)[1], rowsOf(2)[1]]],
    ['a record without an id', [{ name: 'x', write_date: '2026-11-22 12:00:00' }]],
    ['nothing where a record belongs', [null]],
  ])('fails transient when the answer holds %s', async (_what, answer) => {
    const { source } = await servers.odoo(version, () => answer);
    expect(await failureOf(collect(read(source, [2, 4])))).toMatchObject({ kind: 'transient' });
  });

  test('asks for half as many as long as a page is too heavy', async () => {
    const { source } = await servers.odoo(
      version,
      (call) => (limitOf(call) > 2 ? gateway(504)(call) : searchRead(call, rowsOf(9))),
      { limitPerCall: 9, limitPerCallMax: 9 },
    );
    expect(idsOf(await collect(read(source, [1, 2, 3, 4, 8, 9, 10])))).toEqual([1, 2, 3, 4, 8, 9]);
  });

  test('keeps the pause between its pages', async () => {
    const { source, requests } = await servers.odoo(version, (call) => searchRead(call, rowsOf(2)), {
      limitPerCall: 1,
      limitPerCallMax: 1,
    });
    source.setPace(60);
    await collect(read(source, [1, 2]));
    const [one, two] = requests.slice(-2);
    expect((two?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThanOrEqual(58);
  });

  test('is handed back when it is aborted, and its connection closed', async () => {
    const { source, requests } = await servers.odoo(version, () => ANSWERED);
    const stop = new AbortController();
    const all = failureOf(collect(read(source, [1], stop.signal)));
    await until('the request is there', () => requests.at(-1)?.text.includes('"in"') === true);
    stop.abort();
    expect(await all).toBeInstanceOf(HandedBackError);
    await until('the connection is closed', () => requests.at(-1)?.cut === true);
  });
});

describe('a light pass', () => {
  test('asks for id and write_date only, without an end, and tells the Date of each answer', async () => {
    const calls: OdooCall[] = [];
    const { source } = await servers.odoo(19, (call) => {
      calls.push(call);
      reply(call.response, 200, searchRead(call, rowsOf(1)), { Date: 'Sun, 22 Nov 2026 13:00:00 GMT' });
      return ANSWERED;
    });
    const pages = await collect(source.light('contacts', WINDOW.start, never));
    expect(pages).toEqual([
      {
        rows: [{ odooId: 1, writeDate: new Date('2026-11-22T12:00:00Z') }],
        unreadable: [],
        date: new Date('2026-11-22T13:00:00Z'),
        lastId: 1,
      },
    ]);
    expect(calls[0]?.kwargs).toMatchObject({
      domain: [
        ['write_date', '>=', '2026-11-22 00:00:00'],
        ['id', '>', 0],
      ],
      fields: ['id', 'write_date'],
      limit: 2_000,
    });
    expect(source.clock().lastAnswer).toEqual(new Date('2026-11-22T13:00:00Z'));
  });

  test('fails at a record older than it asked for', async () => {
    const old = { id: 1, name: 'x', write_date: '2026-11-21 23:59:59' };
    const { source } = await servers.odoo(19, (call) => searchRead(call, [old]));
    expect(await failureOf(collect(source.light('contacts', WINDOW.start, never)))).toMatchObject({
      kind: 'transient',
    });
  });

  test('halves its own pages when they are too heavy, and not those of windows', async () => {
    const limits: number[] = [];
    const { source } = await servers.odoo(19, (call) => {
      limits.push(limitOf(call));
      return limitOf(call) === 2_000 ? gateway(504)(call) : [];
    });
    await collect(source.light('contacts', WINDOW.start, never));
    await collect(window(source));
    expect(limits).toEqual([2_000, 1_000, 200]);
    expect(source.pageCeilings('contacts')).toEqual({ full: null, light: { rows: 1_000, patience: 20 } });
  });
});
