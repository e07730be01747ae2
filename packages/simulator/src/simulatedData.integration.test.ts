import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ConformanceClient, logIn } from './conformance/client.js';
import type { ConformanceTarget } from './conformance/target.js';
import type { DatabaseSpec } from './databaseSpec.js';
import { MODELS } from './fieldTable.js';
import type { Simulator } from './simulator.js';
import { SimulatorClient } from './simulatorClient.js';
import { startSimulator } from './startSimulator.js';

const spec = (name: string, version = 19): DatabaseSpec => ({
  name,
  version,
  seed: 4,
  models: {
    'res.partner': {
      count: 500,
      until: '2026-11-20 12:00:00',
      bursts: [{ at: '2026-11-01 10:00:00', count: 100 }],
    },
    'account.move': { count: 200, until: '2026-11-20 12:00:00' },
    'sale.order': { count: 50, until: '2026-11-20 12:00:00' },
    'hr.employee': { count: 20, until: '2026-11-20 12:00:00' },
  },
});

describe('simulated data', () => {
  let simulator: Simulator;
  let number = 0;
  let db = '';
  beforeAll(async () => {
    simulator = await startSimulator();
    simulator.clock.freeze('2026-11-20 12:00:00');
  });
  beforeEach(() => {
    number += 1;
    db = `d${number}`;
    simulator.addDatabase(spec(db));
  });
  afterAll(async () => simulator.close());
  const target = (): ConformanceTarget => ({
    url: simulator.url,
    db,
    login: 'admin',
    password: 'admin',
    apiKey: `key-${db}`,
    limited: { login: '', password: '' },
  });
  const client = (): ConformanceClient => new ConformanceClient(target(), { uid: 2, password: 'admin' });
  const ids = (domain: readonly unknown[], context = { active_test: false }): Promise<number[]> =>
    client().call('res.partner', 'search', [domain], { order: 'id asc', context });

  test('the same seed and name give the same records, in every version the same values', () => {
    const again = simulator.addDatabase({ ...spec(db), name: 'other' });
    simulator.removeDatabase('other');
    simulator.removeDatabase(db);
    const same = simulator.addDatabase(spec(db));
    const first = [...same.all('account.move')];
    simulator.removeDatabase(db);
    expect([...simulator.addDatabase(spec(db)).all('account.move')]).toEqual(first);
    expect([...again.all('account.move')]).not.toEqual(first);
    simulator.removeDatabase(db);
    const old = simulator.addDatabase(spec(db, 14));
    expect([...old.all('res.partner', ['name', 'street', 'write_date'])]).toEqual([
      ...same.all('res.partner', ['name', 'street', 'write_date']),
    ]);
  });

  test('the page is what the oracle says, for every model', async () => {
    for (const model of MODELS) {
      const all = [...simulator.db(db).all(model)];
      const fields = Object.keys(all[0]!);
      expect(
        await client().call(model, 'search_read', [[], fields], {
          order: 'id asc',
          context: { active_test: false },
        }),
      ).toEqual(all);
    }
  });

  test('a window holds the same, found by the index or by walking', async () => {
    const rows = [...simulator.db(db).all('res.partner', ['write_date'])] as {
      id: number;
      write_date: string;
    }[];
    for (const start of new Set(rows.map((row) => `${row.write_date.slice(0, 10)} 00:00:00`))) {
      const end = `${start.slice(0, 10)} 23:59:59`;
      expect(
        await ids([
          ['write_date', '>=', start],
          ['write_date', '<', end],
        ]),
      ).toEqual(rows.filter((row) => row.write_date >= start && row.write_date < end).map(({ id }) => id));
    }
    expect(await ids([['write_date', '=', '2026-11-01 10:00:00']])).toHaveLength(100);
    expect(new Set(rows.map((row) => row.write_date.slice(0, 10))).size).toBeLessThan(20);
  });

  test('a late commit appears in the past, with ids taken when they were asked for', async () => {
    const database = simulator.db(db);
    const transaction = database.begin({ at: '2026-11-20 11:00:00' });
    const [late] = transaction.create('res.partner', 1);
    transaction.write('res.partner', [1]);
    const [early] = database.create('res.partner', 1, { at: '2026-11-20 11:30:00' });
    const since = [['write_date', '>=', '2026-11-20 11:00:00']];
    const before = database.row('res.partner', 1);
    expect(await ids(since)).not.toContain(late);
    expect(late).toBeLessThan(early!);
    transaction.commit();
    expect(await ids(since)).toEqual(expect.arrayContaining([1, late, early]));
    expect(database.row('res.partner', 1)?.write_date).toBe('2026-11-20 11:00:00');
    expect(database.row('res.partner', 1)).not.toEqual({ ...before, write_date: '2026-11-20 11:00:00' });
  });

  test('a rolled back transaction leaves nothing but a gap in the ids', () => {
    const database = simulator.db(db);
    const transaction = database.begin();
    const [id] = transaction.create('res.partner', 1);
    transaction.rollback();
    expect(database.row('res.partner', id!)).toBeUndefined();
    expect(database.create('res.partner', 1)[0]).toBeGreaterThan(id!);
    expect(() => transaction.commit()).toThrow(/has ended/);
  });

  test('writes, silent writes, archiving, removal, bursts and installs do what they say', async () => {
    const database = simulator.db(db);
    const before = database.row('res.partner', 2)!;
    database.write('res.partner', [2], { silent: true });
    const silent = database.row('res.partner', 2)!;
    expect([silent.write_date, silent]).toEqual([before.write_date, expect.not.objectContaining(before)]);
    database.write('res.partner', [2], { sameValues: true, at: '2026-11-20 11:59:59' });
    expect(database.row('res.partner', 2)).toEqual({ ...silent, write_date: '2026-11-20 11:59:59' });
    database.archive('res.partner', [2]);
    expect(await ids([['id', '=', 2]], { active_test: true })).toEqual([]);
    database.unlink('res.partner', [2]);
    expect(await ids([['id', '=', 2]])).toEqual([]);
    expect(database.csvBurst('res.partner', 30, '2026-11-19 09:00:00')).toHaveLength(30);
    expect(await ids([['write_date', '=', '2026-11-19 09:00:00']])).toHaveLength(30);
    const touched = database.installModule('res.partner', { at: '2026-11-20 11:59:00' });
    expect(touched).toBe(529);
    expect(await ids([['write_date', '=', '2026-11-20 11:59:00']])).toHaveLength(529);
  });

  test('the clock stamps writes and answers alike, and a database can show a skewed Date', async () => {
    simulator.clock.set('2026-11-20 13:00:00');
    simulator.db(db).write('res.partner', [1]);
    expect(simulator.db(db).row('res.partner', 1)?.write_date).toBe('2026-11-20 13:00:00');
    simulator.db(db).dateSkewMs = -5000;
    const answer = await client().json2('res.partner', 'search', { domain: [], limit: 1 });
    expect(answer.headers.get('date')).toBe('Fri, 20 Nov 2026 12:59:55 GMT');
    simulator.clock.set('2026-11-20 12:00:00');
  });

  test('14 compares exactly: = never meets, > meets its own second', async () => {
    simulator.removeDatabase(db);
    simulator.addDatabase(spec(db, 14));
    const { write_date: second } = simulator.db(db).row('res.partner', 1) as unknown as {
      write_date: string;
    };
    const meets = async (operator: string, value: string): Promise<boolean> =>
      (
        await ids([
          ['id', '=', 1],
          ['write_date', operator, value],
        ])
      ).length === 1;
    expect(
      await Promise.all([
        meets('>=', second),
        meets('<', second),
        meets('>', second),
        meets('<=', second),
        meets('=', second),
        meets('>=', `${second}Z`),
      ]),
    ).toEqual([true, false, true, false, false, true]);
    const [group] = await client().call<Record<string, unknown>[]>(
      'res.partner',
      'read_group',
      [[['id', '=', 1]], ['__count'], ['write_date:day']],
      { lazy: false, context: { active_test: false } },
    );
    expect(group).toMatchObject({
      __count: 1,
      __range: { write_date: { from: `${second.slice(0, 10)} 00:00:00` } },
    });
    expect(
      (await client().refusal('res.partner', 'formatted_read_group', [[], ['write_date:day'], ['__count']]))
        .code,
    ).toBe(200);
  });

  test('rights change under way: passwords, keys, models, fields, records', async () => {
    const database = simulator.db(db);
    database.changeUser('admin', { keyExpired: true });
    expect((await client().json2('res.partner', 'search', { domain: [] })).status).toBe(401);
    database.changeUser('admin', {
      keyExpired: false,
      unreadable: ['sale.order'],
      hiddenFields: { 'res.partner': ['phone'] },
      rules: { 'res.partner': { maxId: 10 } },
    });
    expect((await client().json2('sale.order', 'search', { domain: [] })).status).toBe(403);
    expect(
      (await client().json2('res.partner', 'search_read', { domain: [], fields: ['phone'] })).status,
    ).toBe(403);
    expect((await ids([])).at(-1)).toBe(10);
    expect((await client().refusal('res.partner', 'read', [[11], ['name']])).data.name).toBe(
      'odoo.exceptions.AccessError',
    );
    database.changeUser('admin', { password: 'new' });
    expect((await client().refusal('res.partner', 'search', [[]])).data.name).toBe(
      'odoo.exceptions.AccessDenied',
    );
    await expect(logIn(target())).rejects.toThrow(/refuses/);
  });

  test('every verb is there for another process too, and the log tells what was asked', async () => {
    const control = new SimulatorClient(simulator.url);
    const { transaction } = await control.call('begin', { db, at: '2026-11-20 10:00:00' });
    const made = await control.call('transaction.create', { transaction, model: 'res.partner', count: 2 });
    await control.call('commit', { transaction });
    expect(
      (await control.call('rows', { db, model: 'res.partner', ids: made.ids, fields: ['write_date'] })).rows,
    ).toEqual(made.ids.map((id) => ({ id, write_date: '2026-11-20 10:00:00' })));
    const { totals } = await control.call('log', { after: Number.MAX_SAFE_INTEGER });
    await client().json2('res.partner', 'search_read', {
      domain: [['id', '>', 7]],
      fields: ['name'],
      limit: 3,
      order: 'id asc',
    });
    const { requests } = await control.call('log', { after: totals.requests });
    expect(requests).toEqual([
      expect.objectContaining({
        db,
        model: 'res.partner',
        method: 'search_read',
        domain: [['id', '>', 7]],
        limit: 3,
        rows: 3,
        status: 200,
      }),
    ]);
    expect((await control.call('clock')).frozen).toBe(true);
    await expect(control.call('unlink', { db: 'nowhere', model: 'res.partner', ids: [1] })).rejects.toThrow(
      /No database "nowhere"/,
    );
    await expect(control.call('write', { db, model: 'no.model' } as never)).rejects.toThrow(/refused write/);
  });

  test('the editor edits until paused', async () => {
    const control = new SimulatorClient(simulator.url);
    await control.call('editor.start', { perSecond: 2000, databases: [db], seed: 1 });
    const edits = async (): Promise<number> =>
      Object.values((await control.call('editor')).editor?.edits ?? {}).reduce(
        (sum, count) => sum + count,
        0,
      );
    while ((await edits()) < 200) await new Promise(setImmediate);
    await control.call('editor.pause');
    const paused = await edits();
    expect((await control.call('editor')).editor?.running).toBe(false);
    expect(
      simulator.db(db).table('res.partner').changes + simulator.db(db).table('account.move').changes,
    ).toBeGreaterThan(100);
    expect(await edits()).toBe(paused);
    await control.call('editor.stop');
  });

  test('a listener of another version tells that version', async () => {
    const url = await simulator.listenAs(14);
    expect((await fetch(`${url}/web/version`)).status).toBe(404);
    const info = await fetch(`${url}/web/webclient/version_info`, {
      method: 'POST',
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
    });
    expect(((await info.json()) as { result: object }).result).toMatchObject({ server_serie: '14.0' });
  });
});
