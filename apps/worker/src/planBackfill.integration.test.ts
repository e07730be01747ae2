import { describe, expect, test } from '@jest/globals';
import { batchIdOf, MODULE_NAMES, type RangeDays, WINDOW_MS, windowOf } from '@odoo-sync/core';
import { must } from '@odoo-sync/testkit';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const DAY_MS = WINDOW_MS;
const PARTNER = 'res.partner';
const ORDER = 'sale.order';
const GROUPS = { 14: 'read_group', 19: 'formatted_read_group', 20: 'formatted_read_group' } as const;

const daysAgo = (days: number, at = DAY_MS / 2): Date =>
  new Date(windowOf(new Date()).start.getTime() - days * DAY_MS + at);

interface Row {
  readonly status: string;
  readonly windows: number;
  readonly sealedBy: string | null;
  readonly surveyed: number | null;
}

const rowsOf = async ({ user }: Tenant, module = 'contacts'): Promise<readonly Row[]> => {
  const found = await world.db
    .collection('odoosyncbatches')
    .find({ userKey: user.userKey, module })
    .sort({ startTime: 1 })
    .toArray();
  return found.map(({ status, startTime, endTime, sealedBy, surveyed }) => ({
    status,
    windows: (endTime - startTime) / DAY_MS,
    sealedBy,
    surveyed,
  }));
};

const connect = (rangeDays: RangeDays, version = 19, dateSkewMs = 0) =>
  world.connect({ version, laidOut: false, settings: { rangeDays }, ...(dateSkewMs ? { dateSkewMs } : {}) });

const moduleOf = async ({ engine, user }: Tenant, name = 'contacts') => {
  const report = must(await engine.store.report(user.userKey), 'no report');
  return must(
    report.modules.find(({ module }) => module === name),
    'no such module',
  );
};

const unlessMidnight = async (): Promise<void> => {
  const left = windowOf(new Date()).end.getTime() - Date.now();
  if (left < 60_000) await new Promise((resolve) => setTimeout(resolve, left + 1_000));
};

/** Whether yesterday's window can be sealed by now. */
const yesterdayIsSealable = (): boolean => Date.now() - windowOf(new Date()).start.getTime() >= 900_000;

describe.each([14, 19, 20] as const)('the survey of Odoo %i', (version) => {
  test('seals what is empty and old enough, in one batch a phase, and tells totals before anything is read', async () => {
    await unlessMidnight();
    const tenant = await connect(90, version);
    tenant.odoo.create(PARTNER, 3, { at: daysAgo(60) });
    tenant.odoo.create(PARTNER, 2, { at: daysAgo(59) });
    tenant.odoo.create(PARTNER, 1, { at: daysAgo(10) });
    expect((await tenant.tail()).outcome.type).toBe('done');
    const young = yesterdayIsSealable() ? 0 : 1;
    const empty = (windows: number) => ({ status: 'succeeded', windows, sealedBy: 'survey', surveyed: 0 });
    const held = (surveyed: number) => ({ status: 'pending', windows: 1, sealedBy: null, surveyed });
    expect(
      (await rowsOf(tenant)).map((row) => ({ ...row, status: row.status.replace('queued', 'pending') })),
    ).toEqual([
      empty(30),
      held(3),
      held(2),
      empty(48),
      held(1),
      empty(9 - young),
      ...Array.from({ length: 1 + young }, () => held(0)),
    ]);
    expect(await moduleOf(tenant)).toMatchObject({
      state: 'syncing',
      surveyed: 6,
      recordsRead: 0,
      mirroredFrom: daysAgo(90, 0),
      windows: { total: 91, done: 87 - young, succeeded: 87 - young },
    });
    const { timeLeftMs } = must(await tenant.engine.store.report(tenant.user.userKey), 'no report');
    expect(timeLeftMs).toBeNull();
    await tenant.drain();
    expect(await tenant.mirrored()).toHaveLength(6);
    expect(await moduleOf(tenant)).toMatchObject({
      recordsRead: 6,
      windows: { total: 91, done: 91, pending: 0 },
    });
    const after = must(await tenant.engine.store.report(tenant.user.userKey), 'no report');
    expect(after.timeLeftMs).toBe(0);
  });

  test('that fails leaves every window to be read, one by one', async () => {
    const tenant = await connect(5, version);
    tenant.odoo.create(PARTNER, 3, { at: daysAgo(2) });
    world.simulator.faults.add({
      kind: 'odooError',
      name: 'builtins.ValueError',
      match: { db: tenant.odoo.name, method: GROUPS[version] },
      times: 'always',
    });
    await tenant.tail();
    expect(await rowsOf(tenant)).toHaveLength(6);
    for (const row of await rowsOf(tenant))
      expect(row).toMatchObject({ windows: 1, sealedBy: null, surveyed: null });
    expect(await moduleOf(tenant)).toMatchObject({ surveyed: null, windows: { total: 6, done: 0 } });
    await tenant.drain();
    expect(await tenant.mirrored()).toHaveLength(3);
  });

  test('that fails half-way, before its proof, tells totals and seals nothing', async () => {
    const tenant = await connect(5, version);
    tenant.odoo.create(PARTNER, 3, { at: daysAgo(2) });
    world.simulator.faults.add({
      kind: 'garbage',
      match: { db: tenant.odoo.name, model: PARTNER, method: 'search_count' },
    });
    await tenant.tail();
    expect(
      (await rowsOf(tenant)).map(({ windows, sealedBy, surveyed }) => [windows, sealedBy, surveyed]),
    ).toEqual([0, 0, 0, 3, 0, 0].map((surveyed) => [1, null, surveyed]));
    await tenant.drain();
    expect(await tenant.mirrored()).toHaveLength(3);
  });

  test('is asked again where Odoo could not be reached, and given up after three times', async () => {
    const tenant = await connect(5, version);
    const { name: db } = tenant.odoo;
    for (const match of [
      { db, model: PARTNER, method: GROUPS[version] },
      // By which the two are told apart: an Odoo that is away, and a question that is too heavy for it.
      { db, method: 'context_get' },
    ])
      world.simulator.faults.add({ kind: 'reset', match, times: 'always' });
    for (const tries of [1, 2]) {
      await tenant.patchPlan({ holdUntil: null, outage: null });
      await tenant.tail();
      expect(await rowsOf(tenant)).toEqual([]);
      expect((await tenant.plan()).modules.contacts.surveyTries).toBe(tries);
    }
    expect(await rowsOf(tenant, 'saleOrders')).not.toEqual([]);
    await tenant.patchPlan({ holdUntil: null, outage: null });
    await tenant.tail();
    expect(await rowsOf(tenant)).toHaveLength(6);
  });
});

describe('what a survey says is empty', () => {
  test('is not sealed before late commits are over: one that comes later is read', async () => {
    const tenant = await connect(3);
    // A quarter of an hour is not over yet after yesterday's last second.
    const late = new Date(windowOf(new Date()).start.getTime() + 300_000);
    world.simulator.clock.set(late);
    try {
      await tenant.patchPlan({ skewMs: late.getTime() - Date.now() });
      const open = tenant.odoo.begin({ at: daysAgo(1, DAY_MS - 1_000) });
      open.create(PARTNER, 2);
      await tenant.tail();
      expect((await rowsOf(tenant)).map(({ windows, sealedBy }) => [windows, sealedBy])).toEqual([
        [2, 'survey'],
        [1, null],
        [1, null],
      ]);
      open.commit();
      await tenant.drain();
      expect(await tenant.mirrored()).toHaveLength(2);
    } finally {
      world.simulator.clock.set(new Date());
    }
  });

  test.each([
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
    ['five days ahead', 5 * DAY_MS],
    ['five days behind', -5 * DAY_MS],
  ])('is sealed only where the clocks agree that it can be: Date %s', async (_how, dateSkewMs) => {
    const tenant = await connect(7, 19, dateSkewMs);
    await tenant.tail();
    const rows = await rowsOf(tenant);
    expect(rows.reduce((sum, { windows }) => sum + windows, 0)).toBe(8);
    const earlier = Math.min(Date.now(), Date.now() + dateSkewMs) - 900_000;
    const ended = Math.floor((earlier - daysAgo(7, 0).getTime()) / DAY_MS);
    const sealed = rows.filter(({ sealedBy }) => sealedBy === 'survey');
    expect(sealed.reduce((sum, { windows }) => sum + windows, 0)).toBe(Math.max(0, ended));
  });

  test('keeps its distance from a database whose clock was seen ahead', async () => {
    const settings = { rangeDays: 7, clockMaxSkewMs: 3 * DAY_MS } as const;
    const tenant = await world.connect({ laidOut: false, settings });
    await tenant.patchPlan({ dbSkewMs: 2 * DAY_MS });
    await tenant.tail();
    expect((await rowsOf(tenant)).map(({ windows, sealedBy }) => [windows, sealedBy])).toEqual([
      [yesterdayIsSealable() ? 5 : 4, 'survey'],
      ...Array.from({ length: yesterdayIsSealable() ? 3 : 4 }, () => [1, null]),
    ]);
  });

  test('and turns out to hold something is asked for again, by a resync', async () => {
    const tenant = await connect(30);
    await tenant.tail();
    const [sealed] = await rowsOf(tenant);
    expect(sealed).toMatchObject({ sealedBy: 'survey' });
    const day = daysAgo(12, 0);
    await tenant.engine.store.makeWindowsDue(tenant.user, 'contacts', [day]);
    const { resyncs } = must(await tenant.engine.store.report(tenant.user.userKey), 'no report');
    expect(resyncs).toMatchObject([{ from: day, to: daysAgo(11, 0), total: 1, modules: ['contacts'] }]);
  });
});

describe('a whole history', () => {
  test('starts at the oldest record of each module, however long ago nobody touched it', async () => {
    const tenant = await connect('all');
    const old = new Date('2013-05-06T07:08:09Z');
    const [customer] = tenant.odoo.create(PARTNER, 1, { at: old });
    tenant.odoo.create(ORDER, 4, { at: daysAgo(400) });
    await tenant.tail();
    expect((await moduleOf(tenant)).mirroredFrom).toEqual(windowOf(old).start);
    expect((await moduleOf(tenant, 'saleOrders')).mirroredFrom).toEqual(daysAgo(400, 0));
    expect((await moduleOf(tenant, 'employees')).mirroredFrom).toEqual(daysAgo(0, 0));
    await tenant.drain();
    expect((await tenant.mirrored()).map(({ odooId }) => odooId)).toEqual([customer]);
    expect(await tenant.mirrored('saleOrders')).toHaveLength(4);
    expect((await rowsOf(tenant)).length).toBeLessThanOrEqual(4);
    const days = Math.round((windowOf(new Date()).end.getTime() - windowOf(old).start.getTime()) / DAY_MS);
    expect((await moduleOf(tenant)).windows).toMatchObject({ total: days, done: days });
  });

  const fail = ({ odoo }: Tenant, ...methods: readonly string[]): void => {
    for (const method of methods)
      world.simulator.faults.add({
        kind: 'odooError',
        name: 'odoo.exceptions.UserError',
        message: 'canceling statement due to statement timeout',
        match: { db: odoo.name, model: PARTNER, method },
        times: 'always',
      });
  };

  test.each([
    ['its oldest record is searched for', []],
    ['so it is where no count can be had either', ['search_count']],
  ])('that can not be surveyed is read window by window: %s', async (_how, methods) => {
    const tenant = await connect('all', 14);
    const old = daysAgo(40);
    tenant.odoo.create(PARTNER, 2, { at: old });
    fail(tenant, 'read_group', ...methods);
    await tenant.tail();
    expect((await moduleOf(tenant)).mirroredFrom).toEqual(windowOf(old).start);
    const rows = await rowsOf(tenant);
    expect(rows).toHaveLength(41);
    for (const row of rows) expect(row).toMatchObject({ windows: 1, sealedBy: null, surveyed: null });
    await tenant.drain();
    expect(await tenant.mirrored()).toHaveLength(2);
  });

  test('is surveyed in parts where the whole is too much', async () => {
    const tenant = await connect('all', 14);
    tenant.odoo.create(PARTNER, 2, { at: daysAgo(40) });
    world.simulator.faults.add({
      kind: 'odooError',
      name: 'odoo.exceptions.UserError',
      match: { db: tenant.odoo.name, model: PARTNER, method: 'read_group' },
      times: 2,
    });
    await tenant.tail();
    expect(await moduleOf(tenant)).toMatchObject({ surveyed: 2, mirroredFrom: daysAgo(40, 0) });
    expect((await rowsOf(tenant)).length).toBeLessThan(6);
  });

  test('is begun before there was any Odoo, where nothing can be asked before it is read', async () => {
    const tenant = await connect('all', 14);
    tenant.odoo.create(PARTNER, 1, { at: daysAgo(4_000) });
    fail(tenant, 'read_group', 'search_count');
    // Nothing but the windows' own readings works.
    world.simulator.faults.add({
      kind: 'odooError',
      name: 'odoo.exceptions.UserError',
      match: { db: tenant.odoo.name, model: PARTNER, method: 'search_read' },
      times: 1,
    });
    await tenant.tail();
    const { windows, mirroredFrom } = await moduleOf(tenant);
    expect(mirroredFrom).toEqual(new Date('2005-01-01T00:00:00Z'));
    expect(windows.total).toBeGreaterThan(7_000);
  });

  test('that is widened without a survey or a count goes on meanwhile, and is made', async () => {
    const tenant = await connect(3, 14);
    await tenant.tail();
    await tenant.drain();
    tenant.odoo.create(PARTNER, 3, { at: daysAgo(20) });
    fail(tenant, 'read_group', 'search_count');
    await tenant.engine.store.widenUser(tenant.user, 'all');
    tenant.odoo.create(PARTNER, 1);
    await tenant.tail();
    expect((await tenant.plan()).tail.lastError).toBeNull();
    expect(await tenant.mirrored()).toHaveLength(1);
    await tenant.drain();
    expect(await tenant.mirrored()).toHaveLength(4);
    expect((await moduleOf(tenant)).mirroredFrom).toEqual(daysAgo(20, 0));
  });

  test.each(['0.5', '-3', '1e999', 'NaN', '"7"', 'null'])(
    'of which a day is counted as %s is read there without a count',
    async (count) => {
      const tenant = await connect(3, 14);
      tenant.odoo.create(PARTNER, 3, { at: daysAgo(2) });
      const start = daysAgo(2, 0).toISOString().slice(0, 10);
      world.simulator.faults.add({
        kind: 'garbage',
        body: `{"jsonrpc": "2.0", "id": 1, "result": [{"__count": ${count}, "__domain": [["write_date", ">=", "${start} 00:00:00"]]}]}`,
        match: { db: tenant.odoo.name, model: PARTNER, method: 'read_group' },
      });
      await tenant.tail();
      const [, day] = await rowsOf(tenant);
      expect(day).toMatchObject({ windows: 1, sealedBy: null, surveyed: null });
      expect((await moduleOf(tenant)).surveyed).toBeNull();
      await tenant.drain();
      expect(await tenant.mirrored()).toHaveLength(3);
    },
  );

  test('is given to a user later, backwards, and nothing that is there is read again', async () => {
    const tenant = await connect(10);
    tenant.odoo.create(PARTNER, 2, { at: daysAgo(5) });
    tenant.odoo.create(PARTNER, 3, { at: daysAgo(50) });
    tenant.odoo.create(PARTNER, 4, { at: daysAgo(1_000) });
    await tenant.tail();
    await tenant.drain();
    expect(await tenant.mirrored()).toHaveLength(2);
    const before = await world.db
      .collection('odoosyncbatches')
      .find({ userKey: tenant.user.userKey })
      .sort({ _id: 1 })
      .toArray();

    const { store } = tenant.engine;
    await store.widenUser(tenant.user, 60);
    expect((await moduleOf(tenant)).state).toBe('syncing');
    await tenant.tail();
    await tenant.drain();
    expect(await tenant.mirrored()).toHaveLength(5);
    await store.widenUser(tenant.user, 'all');
    await tenant.tail();
    await tenant.drain();
    expect(await tenant.mirrored()).toHaveLength(9);

    const ids = before.map(({ _id }) => _id);
    const after = await world.db
      .collection('odoosyncbatches')
      .find({ _id: { $in: ids } })
      .sort({ _id: 1 })
      .toArray();
    expect(after).toEqual(before);
    const module = await moduleOf(tenant);
    expect(module).toMatchObject({ surveyed: 9, recordsRead: 9, mirroredFrom: daysAgo(1_000, 0) });
    expect(module.windows).toMatchObject({ total: 1_001, done: 1_001 });
    await expect(store.widenUser(tenant.user, 60)).rejects.toThrow(
      `expected a range wider than the whole history from which ${tenant.user.userKey} is mirrored, but got 60 days`,
    );
  });

  test('is widened by no window where nothing is older', async () => {
    const tenant = await connect(10);
    await tenant.tail();
    await tenant.engine.store.widenUser(tenant.user, 'all');
    await tenant.tail();
    for (const module of MODULE_NAMES) {
      expect((await tenant.plan()).modules[module].tiling).toMatchObject({
        range: 'all',
        from: daysAgo(10, 0),
      });
      const id = batchIdOf(tenant.user.userKey, module, daysAgo(11, 0));
      expect(await tenant.engine.store.batch(id)).toBeNull();
    }
  });
});
