import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ConformanceClient } from './conformance/client.js';
import type { Fault } from './faults.js';
import type { Simulator } from './simulator.js';
import { startSimulator } from './startSimulator.js';

const KEY = 'f'.repeat(40);
const PAGE = {
  domain: [
    ['write_date', '>=', '2000-01-01 00:00:00'],
    ['write_date', '<', '2100-01-01 00:00:00'],
    ['id', '>', 0],
  ],
  fields: ['name', 'write_date'],
  order: 'id asc',
  limit: 5,
};
type Row = { readonly id?: number; readonly write_date?: string };

describe('faults', () => {
  let simulator: Simulator;
  let client: ConformanceClient;
  beforeAll(async () => {
    simulator = await startSimulator({
      databases: [
        {
          name: 'f',
          users: [{ login: 'admin', password: 'admin', apiKey: KEY }],
          models: { 'res.partner': { count: 40 } },
        },
      ],
    });
    client = new ConformanceClient(
      {
        url: simulator.url,
        db: 'f',
        login: 'admin',
        password: 'admin',
        apiKey: KEY,
        limited: { login: '', password: '' },
      },
      { uid: 2, password: 'admin' },
    );
  });
  afterEach(() => simulator.faults.clear());
  afterAll(async () => simulator.close());
  const page = (): ReturnType<ConformanceClient['json2']> => client.json2('res.partner', 'search_read', PAGE);
  const rows = async (): Promise<Row[]> => (await page()).value as Row[];
  const arm = (fault: Fault): void => void simulator.faults.add(fault);

  test('a status comes with its headers, as often as told, and then all is well', async () => {
    arm({ kind: 'status', status: 429, headers: { 'Retry-After': '7' }, times: 2 });
    const first = await page();
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await page()).status).toBe(429);
    expect((await page()).status).toBe(200);
  });

  test.each<readonly [Fault, number, string, string]>([
    [{ kind: 'html404' }, 404, 'text/html', 'No database is selected'],
    [{ kind: 'garbage' }, 200, 'text/html', '<!DOCTYPE html>'],
    [{ kind: 'expiredKey' }, 401, 'application/json', 'Invalid apikey'],
    [{ kind: 'accessError' }, 403, 'application/json', 'odoo.exceptions.AccessError'],
    [
      {
        kind: 'odooError',
        name: 'psycopg2.errors.SerializationFailure',
        message: 'could not serialize access',
      },
      500,
      'application/json',
      'SerializationFailure',
    ],
  ])('%j on JSON-2', async (fault, status, type, text) => {
    arm(fault);
    const answer = await page();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain(type);
    expect(answer.text).toContain(text);
  });

  test.each<readonly [Fault, string]>([
    [{ kind: 'expiredKey' }, 'odoo.exceptions.AccessDenied'],
    [{ kind: 'odooError', name: 'psycopg2.OperationalError' }, 'psycopg2.OperationalError'],
  ])('%j on /jsonrpc stays HTTP 200', async (fault, name) => {
    arm(fault);
    expect((await client.refusal('res.partner', 'search', [[]])).data.name).toBe(name);
  });

  test.each<Fault>([{ kind: 'reset' }, { kind: 'truncate' }])('%j breaks the connection', async (fault) => {
    arm(fault);
    await expect(page()).rejects.toThrow();
    expect((await page()).status).toBe(200);
  });

  test('hang answers never', async () => {
    arm({ kind: 'hang' });
    const answer = client.http('/json/2/res.partner/search', {
      method: 'POST',
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(150),
    });
    await expect(answer).rejects.toThrow(/timeout|abort/i);
  });

  test.each<Fault>([
    { kind: 'latency', ms: 120 },
    { kind: 'slow', ms: 120 },
  ])('%j delays, with the data of the moment of the request', async (fault) => {
    arm(fault);
    const year = fault.kind === 'slow' ? '2031' : '2030';
    const started = performance.now();
    const pending = rows();
    while (simulator.faults.list().length > 0) await new Promise(setImmediate);
    simulator.db('f').write('res.partner', [1], { at: `${year}-05-05 00:00:00` });
    expect((await pending)[0]?.write_date).not.toContain(year);
    expect(performance.now() - started).toBeGreaterThan(100);
    expect((await rows())[0]?.write_date).toContain(year);
  });

  test('short pages give fewer rows than asked', async () => {
    arm({ kind: 'shortPages', rows: 2, times: 'always' });
    expect(await rows()).toHaveLength(2);
    expect(await rows()).toHaveLength(2);
  });

  test('a poison record fails every page it is on, or only some fields of it', async () => {
    arm({ kind: 'rowError', ids: [3], fields: ['name'], times: 'always' });
    expect((await page()).status).toBe(500);
    expect((await client.json2('res.partner', 'read', { ids: [3], fields: ['ref'] })).status).toBe(200);
    expect((await client.json2('res.partner', 'read', { ids: [3], fields: ['name'] })).value).toMatchObject({
      name: 'builtins.ZeroDivisionError',
    });
    expect((await client.json2('res.partner', 'read', { ids: [2], fields: ['name'] })).status).toBe(200);
  });

  test.each<readonly [Extract<Fault, { kind: 'tamper' }>['how'], (got: Row[]) => boolean]>([
    ['unsorted', (got) => got[0]!.id! > got[1]!.id!],
    ['duplicate', (got) => got[0]!.id === got[1]!.id],
    ['withoutWriteDate', (got) => got.every((row) => row.write_date === undefined)],
    ['withoutId', (got) => got.every((row) => row.id === undefined)],
    ['outsideWindow', (got) => got[0]!.write_date! < '2000'],
    ['belowLastId', (got) => got[0]!.id === 0],
    ['tooMany', (got) => got.length === 6],
  ])('a page can be tampered with: %s', async (how, holds) => {
    arm({ kind: 'tamper', how });
    expect(holds(await rows())).toBe(true);
    expect(holds(await rows())).toBe(false);
  });

  test('records come with values of any kind', async () => {
    arm({ kind: 'oddRows', ids: [2], set: { name: '{"$where": 1}', _id: '[1e999]' } });
    const [first, second] = await rows();
    expect(second).toMatchObject({ id: 2, name: { $where: 1 }, _id: [Number.POSITIVE_INFINITY] });
    expect(first).not.toHaveProperty('_id');
    arm({ kind: 'oddRows', set: { name: 'NaN' } });
    await expect(rows()).rejects.toThrow(SyntaxError);
  });

  test('a match chooses by window, model, method and number of pages', async () => {
    arm({
      kind: 'status',
      status: 503,
      match: {
        windowStart: '2000-01-01 00:00:00',
        model: 'res.partner',
        method: 'search_read',
        afterPages: 1,
      },
    });
    expect((await page()).status).toBe(200);
    expect((await client.json2('res.partner', 'search', PAGE.limit === 5 ? { domain: [] } : {})).status).toBe(
      200,
    );
    expect((await page()).status).toBe(503);
    expect((await page()).status).toBe(200);
  });

  test('a server that is down refuses, and comes back at the same address', async () => {
    await simulator.down();
    await expect(page()).rejects.toThrow();
    await simulator.up();
    expect((await page()).status).toBe(200);
  });

  test('a stopped PostgreSQL shows in every answer but the version, and in the health page when that is asked to look', async () => {
    arm({ kind: 'databaseDown', times: 'always' });
    expect(await page()).toMatchObject({
      status: 404,
      text: expect.stringContaining('No database is selected'),
    });
    const { data } = await client.refusal('res.partner', 'search', [[]]);
    expect(data).toMatchObject({
      name: 'psycopg2.OperationalError',
      message: expect.stringContaining('Connection refused'),
    });
    expect((await client.rpc('common', 'version', [])).error).toBeUndefined();
    expect((await client.http('/web/version')).status).toBe(200);
    expect((await client.http('/web/health')).status).toBe(200);
    const health = await client.http('/web/health?db_server_status=1');
    expect([health.status, JSON.parse(health.text)]).toEqual([
      500,
      { status: 'fail', db_server_status: false },
    ]);
    simulator.faults.clear();
    expect((await client.http('/web/health?db_server_status=1')).status).toBe(200);
    expect((await page()).status).toBe(200);
  });

  test.each([
    [14, 404, null],
    [16, 200, { status: 'pass' }],
    [17, 500, { status: 'fail', db_server_status: false }],
  ])('the health page of an Odoo %i whose PostgreSQL is stopped', async (version, status, told) => {
    const url = await simulator.listenAs(version);
    arm({ kind: 'databaseDown', times: 'always' });
    // A database named that isn't there: the version is then the listener's.
    const answer = await fetch(`${url}/web/health?db_server_status=1`, {
      headers: { 'X-Odoo-Database': 'none' },
    });
    expect(answer.status).toBe(status);
    if (told) expect(await answer.json()).toEqual(told);
  });

  test('a fault that is not well formed is refused', () => {
    expect(() => simulator.faults.add({ kind: 'latency' } as never)).toThrow(/ms/);
  });
});
