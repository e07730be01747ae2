import { describe, expect, test } from '@jest/globals';
import { WINDOW_MS } from '@odoo-sync/core';
import { must } from '@odoo-sync/testkit';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';
/** Not stored in Odoo: computed whenever it is read. */
const COMPUTED = 'company_type';

interface Poison {
  readonly ids: readonly number[];
  readonly fields?: readonly string[];
  readonly name?: string;
}

const poison = ({ odoo }: Tenant, { ids, ...more }: Poison): void => {
  const fault = {
    kind: 'rowError' as const,
    ids: [...ids],
    message: 'float division by zero',
    times: 'always' as const,
  };
  const { fields } = more;
  world.simulator.faults.add({
    ...fault,
    ...(more.name ? { name: more.name } : {}),
    // Reading a record at all still tells its id and date.
    fields: fields ? [...fields] : ['name', 'city', 'email'],
    match: { db: odoo.name, model: PARTNER, method: 'search_read' },
  });
};

const mirroredIds = async (tenant: Tenant) => (await tenant.mirrored()).map(({ odooId }) => odooId);
const asked = (tenant: Tenant): number => tenant.requests('search_read', PARTNER);

describe.each([
  ['JSON-2', 19],
  ['JSON-RPC', 14],
] as const)('over %s', (_name, version) => {
  test('a record that Odoo can not read is kept as unreadable with its reason, and the window goes on', async () => {
    const tenant = await world.connect({ version });
    const ids = tenant.odoo.create(PARTNER, 450, { at: tenant.noon() });
    const poisoned = must(ids[217], 'no such record');
    poison(tenant, { ids: [poisoned] });
    const before = asked(tenant);
    const { outcome, lines } = await tenant.window();
    expect(outcome.type).toBe('done');
    expect(asked(tenant) - before).toBeLessThan(40);
    expect(await tenant.batch()).toMatchObject({
      status: 'succeeded',
      attempts: 0,
      counts: { read: 449, inserted: 449 },
      unreadable: [{ odooId: poisoned, reason: expect.stringContaining('float division by zero') }],
    });
    expect(await mirroredIds(tenant)).toEqual(ids.filter((id) => id !== poisoned));
    expect(lines).toContainEqual(expect.stringContaining(`record ${poisoned} can't be read`));
    const report = must(await tenant.engine.store.report(tenant.user.userKey), 'no report');
    expect(report.unreadable).toEqual([
      {
        odooId: poisoned,
        reason: expect.any(String),
        module: 'contacts',
        turnId: (await tenant.batch())._id,
      },
    ]);
    expect(report.modules.find(({ module }) => module === 'contacts')?.unreadable).toBe(1);

    world.simulator.faults.clear();
    const { tilingFrom, end } = { tilingFrom: tenant.noon(), end: new Date(tenant.noon().getTime() + 1) };
    await tenant.engine.store.requestResync(tenant.user, {
      modules: ['contacts'],
      from: tilingFrom,
      to: end,
      requestedBy: 'a test',
    });
    await tenant.drain();
    expect(await mirroredIds(tenant)).toEqual(ids);
    expect((await tenant.batch()).unreadable).toEqual([]);
  });

  test('one that fails over a computed field is mirrored by its stored ones, and says which are unread', async () => {
    const tenant = await world.connect({ version });
    const ids = tenant.odoo.create(PARTNER, 5, { at: tenant.noon() });
    const poisoned = must(ids[2], 'no such record');
    poison(tenant, { ids: [poisoned], fields: [COMPUTED] });
    expect((await tenant.window()).outcome.type).toBe('done');
    expect(await tenant.batch()).toMatchObject({ counts: { read: 5, inserted: 5 }, unreadable: [] });
    const [row] = tenant.odoo.rows(PARTNER, [poisoned], ['name', COMPUTED]);
    const stored = must(
      (await tenant.mirrored()).find(({ odooId }) => odooId === poisoned),
      'not mirrored',
    );
    expect(stored).toMatchObject({ name: row?.name, [COMPUTED]: null });
    expect(stored._sync).toMatchObject({ unread: expect.arrayContaining([COMPUTED]) });
    const others = (await tenant.mirrored()).filter(({ odooId }) => odooId !== poisoned);
    for (const { _sync } of others) expect(_sync).not.toHaveProperty('unread');

    world.simulator.faults.clear();
    const range = {
      modules: ['contacts'] as const,
      from: tenant.noon(),
      to: new Date(tenant.noon().getTime() + 1),
    };
    await tenant.engine.store.requestResync(tenant.user, { ...range, requestedBy: 'a test' });
    await tenant.drain();
    const whole = must(
      (await tenant.mirrored()).find(({ odooId }) => odooId === poisoned),
      'not mirrored',
    );
    expect(whole[COMPUTED]).toBe(row?.[COMPUTED]);
    expect(whole._sync).not.toHaveProperty('unread');
  });

  test('poisoned records at the ends of pages, and a page of nothing else, lose no other record', async () => {
    const tenant = await world.connect({ version, pageSize: 4 });
    const ids = tenant.odoo.create(PARTNER, 14, { at: tenant.noon() });
    const poisoned = [ids[0], ids[3], ids[4], ids[5], ids[6], ids[7], ids[13]].map((id) => must(id, 'no id'));
    poison(tenant, { ids: poisoned });
    expect((await tenant.window()).outcome.type).toBe('done');
    expect(await mirroredIds(tenant)).toEqual(ids.filter((id) => !poisoned.includes(id)));
    expect((await tenant.batch()).unreadable.map(({ odooId }) => odooId)).toEqual(poisoned);
  });

  test('one that links to what the user may not see is told from a module that the user may not read', async () => {
    const tenant = await world.connect({ version });
    const ids = tenant.odoo.create(PARTNER, 30, { at: tenant.noon() });
    const poisoned = must(ids[11], 'no such record');
    poison(tenant, { ids: [poisoned], name: 'odoo.exceptions.AccessError' });
    expect((await tenant.window()).outcome.type).toBe('done');
    expect((await tenant.batch()).unreadable).toMatchObject([{ odooId: poisoned }]);
    expect(await tenant.mirrored()).toHaveLength(29);
    expect((await tenant.plan()).modules.contacts.state).toBe('active');
  });

  test('a field that fails for every record is dropped, and the window goes on without it', async () => {
    const tenant = await world.connect({ version });
    const ids = tenant.odoo.create(PARTNER, 60, { at: tenant.noon() });
    poison(tenant, { ids, fields: ['city'] });
    const before = asked(tenant);
    expect((await tenant.window()).outcome.type).toBe('done');
    expect(asked(tenant) - before).toBeLessThan(300);
    expect((await tenant.plan()).modules.contacts.dropped).toContain('city');
    expect(await tenant.mirrored()).toHaveLength(60);
    expect((await tenant.batch()).unreadable).toEqual([]);
  });

  test('however many records of a page are poisoned, all others come', async () => {
    const tenant = await world.connect({ version });
    const ids = tenant.odoo.create(PARTNER, 200, { at: tenant.noon() });
    const poisoned = ids.filter((_, n) => n % 5 === 1);
    poison(tenant, { ids: poisoned, fields: ['city'] });
    expect((await tenant.window()).outcome.type).toBe('done');
    expect(await tenant.batch()).toMatchObject({ status: 'succeeded', attempts: 0, counts: { read: 160 } });
    expect(await mirroredIds(tenant)).toEqual(ids.filter((id) => !poisoned.includes(id)));
    expect((await tenant.batch()).unreadable.map(({ odooId }) => odooId)).toEqual(poisoned);
    expect((await tenant.plan()).modules.contacts.dropped).not.toContain('city');
  });

  test('a record that refuses a field takes it from no other', async () => {
    const tenant = await world.connect({ version });
    const ids = tenant.odoo.create(PARTNER, 30, { at: tenant.noon() });
    expect((await tenant.window()).outcome.type).toBe('done');
    const before = await tenant.mirrored();
    for (const poisoned of [ids[0], ids[29]].map((id) => must(id, 'no id'))) {
      poison(tenant, { ids: [poisoned], fields: [COMPUTED], name: 'odoo.exceptions.AccessError' });
      tenant.odoo.write(PARTNER, [...ids], { at: new Date(tenant.noon().getTime() + 1_000) });
      const range = { modules: ['contacts'] as const, from: tenant.noon(), to: tenant.noon() };
      await tenant.engine.store.requestResync(tenant.user, {
        ...range,
        to: new Date(tenant.noon().getTime() + 1),
        requestedBy: 'a test',
      });
      await tenant.drain();
      const now = await tenant.mirrored();
      expect(now.map(({ odooId, [COMPUTED]: told }) => [odooId, told])).toEqual(
        before.map(({ odooId, [COMPUTED]: told }) => [odooId, odooId === poisoned ? null : told]),
      );
      const { fields, retired } = await tenant.schema();
      expect(fields.dropped).not.toContain(COMPUTED);
      expect(retired).toEqual([]);
      world.simulator.faults.clear();
    }
  });

  test('a tail leaves one alone for an hour, unless it is written', async () => {
    const tenant = await world.connect({ version });
    await tenant.tail();
    const ids = tenant.odoo.create(PARTNER, 6);
    const poisoned = must(ids[4], 'no such record');
    poison(tenant, { ids: [poisoned] });
    await tenant.tail();
    expect(await mirroredIds(tenant)).toEqual(ids.filter((id) => id !== poisoned));
    const noted = (await tenant.plan()).modules.contacts.unreadable;
    expect(noted).toMatchObject([{ odooId: poisoned, reason: expect.stringContaining('float division') }]);

    const count = async () => {
      const before = asked(tenant);
      await tenant.tail();
      return asked(tenant) - before;
    };
    await count();
    // One light page, and the empty one behind it.
    expect(await count()).toBeLessThanOrEqual(3);
    tenant.odoo.write(PARTNER, [poisoned], { at: new Date(Date.now() + 1_000) });
    expect(await count()).toBeGreaterThan(3);
    await tenant.patchPlan({ 'modules.contacts.unreadable.0.at': new Date(Date.now() - WINDOW_MS / 23) });
    world.simulator.faults.clear();
    await tenant.tail();
    expect(await mirroredIds(tenant)).toEqual(ids);
    expect((await tenant.plan()).modules.contacts.unreadable).toEqual([]);
  });
});
