import { describe, expect, test } from '@jest/globals';
import { auditIdOf, type ModuleName, moduleOf, SyncError } from '@odoo-sync/core';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';

const contacts = (count: number) => ({ [PARTNER]: { count, days: 1, activeDays: 1 } });
const idsOf = (rows: readonly { readonly odooId: number }[]) => rows.map(({ odooId }) => odooId);

/** A user all of whose windows were read, with so many contacts. */
async function mirrored(count: number, options: Parameters<TurnWorld['connect']>[0] = {}): Promise<Tenant> {
  const tenant = await world.connect({ models: contacts(count), ...options });
  await tenant.drain();
  expect(await tenant.mirrored()).toHaveLength(count);
  return tenant;
}

/** Has a module audited, and runs whatever follows. */
async function audited(tenant: Tenant, module: ModuleName = 'contacts') {
  await tenant.engine.store.requestAudit(tenant.user, [module]);
  await tenant.drain();
  const audit = await tenant.engine.store.audit(auditIdOf(tenant.user.userKey, module));
  if (!audit) throw new Error('there is no audit');
  return audit;
}

const tombstones = async (tenant: Tenant) =>
  idsOf((await tenant.mirrored()).filter(({ _sync }) => (_sync as { deletedAt?: Date }).deletedAt));

describe('an audit', () => {
  test('proves that mirror and source are equal, and writes nothing', async () => {
    const tenant = await mirrored(30);
    const before = await tenant.mirrored();
    const audit = await audited(tenant);
    expect(audit).toMatchObject({
      status: 'idle',
      run: null,
      cliff: null,
      result: { records: 30, healed: 0, open: 0, found: { missing: 0, stale: 0, gone: 0 } },
    });
    expect(audit.result?.asOf.getTime()).toBeLessThanOrEqual(Date.now());
    expect(audit.dueAt.getTime()).toBeGreaterThan(Date.now() + 80_000_000);
    expect(await tenant.mirrored()).toEqual(before);
  });

  test('buries what was deleted, and revives what returns', async () => {
    const tenant = await mirrored(30);
    const [first = 0, , third = 0, ...rest] = tenant.odoo.ids(PARTNER);
    const last = rest.at(-1) ?? 0;
    tenant.odoo.unlink(PARTNER, [first, third, last]);
    const { result } = await audited(tenant);
    expect(result).toMatchObject({
      records: 27,
      healed: 3,
      open: 0,
      found: { missing: 0, stale: 0, gone: 3, ids: { gone: [first, third, last] } },
    });
    expect(await tombstones(tenant)).toEqual([first, third, last]);
    // Its content stays for whoever refers to it.
    expect((await tenant.mirrored())[0]).toMatchObject({ odooId: first, display_name: expect.any(String) });
    expect((await audited(tenant)).result).toMatchObject({ records: 27, healed: 0, open: 0 });

    // A right taken and given back: the record was there all the time.
    await world.db
      .collection('odoocontacts')
      .updateOne(
        { userId: tenant.user.userId, odooId: rest[0] },
        { $set: { '_sync.deletedAt': new Date() } },
      );
    expect((await audited(tenant)).result).toMatchObject({ healed: 1, found: { missing: 1, gone: 0 } });
    expect(await tombstones(tenant)).toEqual([first, third, last]);
  });

  test('reads what the mirror lacks, and what it holds of another date', async () => {
    const tenant = await mirrored(30);
    const [first = 0, second = 0, third = 0] = tenant.odoo.ids(PARTNER);
    const mirror = world.db.collection('odoocontacts');
    const of = (odooId: number) => ({ userId: tenant.user.userId, odooId });
    await mirror.deleteOne(of(first));
    await mirror.updateOne(of(second), { $set: { write_date: new Date('2020-01-01'), '_sync.hash': 'old' } });
    await mirror.updateOne(of(third), { $unset: { _sync: 1 } });
    const { result } = await audited(tenant);
    expect(result).toMatchObject({
      healed: 3,
      open: 0,
      found: { missing: 1, stale: 2, gone: 0, ids: { missing: [first], stale: [second, third] } },
    });
    const again = await tenant.mirrored();
    for (const odooId of [first, second, third]) {
      const row = tenant.odoo.row(PARTNER, odooId);
      expect(again.find((one) => one.odooId === odooId)).toMatchObject({ display_name: row?.display_name });
    }
  });

  test('leaves alone what is older than the mirror', async () => {
    const tenant = await mirrored(5);
    const [old = 0] = tenant.odoo.create(PARTNER, 1, { at: new Date('2001-01-01T00:00:00Z') });
    const { result } = await audited(tenant);
    expect(result).toMatchObject({ records: 6, found: { missing: 0 }, open: 0 });
    expect(idsOf(await tenant.mirrored())).not.toContain(old);
  });

  test('goes on after a death where its last slice ended, and counts the death', async () => {
    const tenant = await mirrored(30);
    const { store } = tenant.engine;
    const [audit] = await store.requestAudit(tenant.user, ['contacts']);
    if (!audit) throw new Error('there is no audit');
    await tenant.patchPlan({ nextTurnAt: new Date() });
    const queued = await store.auditEvent(audit, { type: 'release', at: await store.now() });
    if (!queued) throw new Error('it was not released');
    await store.auditEvent(queued, { type: 'start' });
    const { userKey, life } = tenant.user;
    const turn = { kind: 'audit' as const, userKey, life, turnId: queued._id, release: queued.release };
    expect((await tenant.run(turn)).outcome).toMatchObject({ type: 'done' });
    expect(await store.audit(queued._id)).toMatchObject({ status: 'idle', expiries: 0, result: { open: 0 } });
  });

  test('of a module whose history is still read waits for that', async () => {
    const tenant = await world.connect({ models: contacts(5) });
    const { store } = tenant.engine;
    const [asked] = await store.requestAudit(tenant.user, ['contacts']);
    const queued = asked && (await store.auditEvent(asked, { type: 'release', at: await store.now() }));
    if (!queued) throw new Error('it was not released');
    const { userKey, life } = tenant.user;
    await tenant.run({ kind: 'audit', userKey, life, turnId: queued._id, release: queued.release });
    const postponed = await store.audit(queued._id);
    expect(postponed).toMatchObject({ status: 'idle', run: null, result: null });
    expect(postponed?.dueAt.getTime()).toBeGreaterThan(Date.now() + 500_000);
  });
});

describe('an audit in full', () => {
  /** Some more, that no tail looks at, in the mirror by an audit. */
  async function withOld(tenant: Tenant, count: number, module: ModuleName = 'contacts') {
    const ids = tenant.odoo.create(moduleOf(module).model as typeof PARTNER, count, { at: tenant.noon() });
    expect((await audited(tenant, module)).result).toMatchObject({ found: { missing: count } });
    return ids;
  }

  test('finds and writes what changed without a word in its date', async () => {
    const tenant = await mirrored(30);
    const [first = 0, second = 0] = await withOld(tenant, 2);
    tenant.odoo.write(PARTNER, [first], { silent: true });
    await tenant.engine.store.requestAudit(tenant.user, ['contacts'], true);
    await tenant.drain();
    const audit = await tenant.engine.store.audit(auditIdOf(tenant.user.userKey, 'contacts'));
    expect(audit).toMatchObject({ deep: false, result: { found: { content: 1, stale: 0 }, healed: 1 } });
    expect(audit?.result?.contentAsOf).toEqual(audit?.result?.asOf);
    const written = (await tenant.mirrored()).find(({ odooId }) => odooId === first);
    expect(written?.name).toBe(tenant.odoo.row(PARTNER, first)?.name);
    // A record that the run finds gone on the way is buried like any other.
    tenant.odoo.unlink(PARTNER, [second]);
    await tenant.engine.store.requestAudit(tenant.user, ['contacts'], true);
    await tenant.drain();
    expect(await tombstones(tenant)).toEqual([second]);
  });

  test('goes round: each run reads the share that waited longest', async () => {
    const tenant = await mirrored(30, { settings: { deepDays: 2 } });
    // That run took the first share.
    const ids = await withOld(tenant, 6);
    tenant.odoo.write(PARTNER, ids, { silent: true });
    const odd = ids.filter((id) => id % 2 === 1).length;
    const second = await audited(tenant);
    expect(second.result?.found.content).toBe(odd);
    expect(second.result?.contentAsOf?.getTime()).toBeLessThanOrEqual(second.result?.asOf.getTime() ?? 0);
    expect((await audited(tenant)).result?.found.content).toBe(ids.length - odd);
    expect((await audited(tenant)).result).toMatchObject({ found: { content: 0 }, healed: 0 });
  });

  test('of employees is each', async () => {
    const tenant = await world.connect({ models: { 'hr.employee': { count: 4, days: 1, activeDays: 1 } } });
    await tenant.drain();
    const ids = await withOld(tenant, 2, 'employees');
    tenant.odoo.write('hr.employee', ids, { silent: true });
    expect((await audited(tenant, 'employees')).result).toMatchObject({ found: { content: 2 }, healed: 2 });
  });

  test('follows where fields appear: what is mirrored has them too, and is not caught up before', async () => {
    const tenant = await mirrored(30);
    const { store } = tenant.engine;
    await audited(tenant);
    const mirror = world.db.collection('odoocontacts');
    await mirror.updateMany(
      { userId: tenant.user.userId },
      { $unset: { phone: 1 }, $set: { '_sync.hash': 'x' } },
    );
    const schemas = world.db.collection('odoosyncschemas');
    const of = { userKey: tenant.user.userKey, module: 'contacts' };
    const known = await schemas.findOne(of);
    if (!known) throw new Error('there is no schema');
    const fields = (known.fields.fields as { name: string }[]).filter(({ name }) => name !== 'phone');
    await schemas.updateOne(of, {
      $set: { 'fields.fields': fields, 'fields.version': 'before', version: 'before' },
    });
    await tenant.patchPlan({ 'modules.contacts.schema': 'before', 'modules.contacts.describedAt': null });
    await world.db
      .collection('odoosyncaudits')
      .updateOne({ userKey: tenant.user.userKey, module: 'contacts' }, { $set: { filledBy: 'before' } });
    await tenant.tail();
    const reportOf = async () => (await store.report(tenant.user.userKey))?.modules[2];
    expect(await reportOf()).toMatchObject({ state: 'syncing', audit: { refilling: true } });
    await tenant.drain();
    const after = await reportOf();
    expect(after).toMatchObject({ audit: { refilling: false, result: { open: 0 } } });
    expect(after?.audit?.result?.contentAsOf).toEqual(after?.audit?.result?.asOf);
    for (const one of await tenant.mirrored()) expect(one).toHaveProperty('phone');
  });
});

describe('an audit stops before a cliff', () => {
  test('where more than a fifth of the records is gone, until somebody says that they may go', async () => {
    const tenant = await mirrored(30);
    const { store } = tenant.engine;
    const gone = tenant.odoo.ids(PARTNER).slice(3, 10);
    tenant.odoo.unlink(PARTNER, gone);
    const stopped = await audited(tenant);
    expect(stopped).toMatchObject({
      status: 'stopped',
      cliff: { reason: 'share', gone: 7, of: 30, company: null },
    });
    expect(await tombstones(tenant)).toEqual([]);
    expect(await store.acceptAudit(tenant.user, ['contacts', 'invoices'])).toEqual(['contacts']);
    await tenant.drain();
    expect(await tombstones(tenant)).toEqual(gone);
    expect(await store.audit(stopped._id)).toMatchObject({
      status: 'idle',
      cliff: null,
      result: { records: 23, healed: 7, open: 0 },
    });
    await expect(store.acceptAudit(tenant.user, ['contacts'])).rejects.toThrow(SyncError);
  });

  test('where the module answers nothing, be it few', async () => {
    const tenant = await mirrored(3);
    tenant.odoo.unlink(PARTNER, tenant.odoo.ids(PARTNER));
    expect(await audited(tenant)).toMatchObject({ status: 'stopped', cliff: { reason: 'nothing', gone: 3 } });
    expect(await tombstones(tenant)).toEqual([]);
  });

  test('where every record of a company is gone', async () => {
    const tenant = await mirrored(30);
    const mirror = world.db.collection('odoocontacts');
    const ids = tenant.odoo.ids(PARTNER);
    const theirs = ids.slice(0, 3);
    await mirror.updateMany(
      { userId: tenant.user.userId },
      { $set: { company_id: { id: 1, name: 'Acme' } } },
    );
    await mirror.updateMany(
      { userId: tenant.user.userId, odooId: { $in: theirs } },
      { $set: { company_id: { id: 2, name: 'Acme East' } } },
    );
    tenant.odoo.unlink(PARTNER, theirs);
    expect(await audited(tenant)).toMatchObject({
      status: 'stopped',
      cliff: { reason: 'company', gone: 3, of: 3, company: { id: 2, name: 'Acme East' } },
    });
    expect(await tombstones(tenant)).toEqual([]);
  });

  test('and asked again, goes on where they are there again', async () => {
    const tenant = await mirrored(30);
    const { store } = tenant.engine;
    const mirror = world.db.collection('odoocontacts');
    const strangers = Array.from({ length: 12 }, (_, n) => ({
      userId: tenant.user.userId,
      odooId: 900_000 + n,
      _sync: { hash: 'x', deletedAt: null },
    }));
    await mirror.insertMany(strangers);
    expect(await audited(tenant)).toMatchObject({ status: 'stopped', cliff: { reason: 'share', gone: 12 } });
    await mirror.deleteMany({ userId: tenant.user.userId, odooId: { $gte: 900_000 } });
    expect(await audited(tenant)).toMatchObject({ status: 'idle', cliff: null, result: { open: 0 } });
    expect(store).toBeDefined();
  });
});

describe('is never evidence:', () => {
  test('a page that comes back short', async () => {
    const tenant = await mirrored(30);
    world.simulator.faults.add({
      kind: 'shortPages',
      rows: 7,
      match: { db: tenant.odoo.name },
      times: 'always',
    });
    expect((await audited(tenant)).result).toMatchObject({ records: 30, healed: 0, open: 0 });
    expect(await tombstones(tenant)).toEqual([]);
  });

  test.each(['truncate', 'reset', 'garbage'] as const)('a page that fails by %s', async (kind) => {
    const tenant = await mirrored(30);
    const { store } = tenant.engine;
    const [first = 0] = tenant.odoo.ids(PARTNER);
    tenant.odoo.unlink(PARTNER, [first]);
    const [asked] = await store.requestAudit(tenant.user, ['contacts']);
    const queued = asked && (await store.auditEvent(asked, { type: 'release', at: await store.now() }));
    if (!queued) throw new Error('it was not released');
    // More often than a page can be halved.
    const armed = world.simulator.faults.add({
      kind,
      match: { db: tenant.odoo.name, method: 'search_read' },
      times: 'always',
    });
    const { userKey, life } = tenant.user;
    const turn = { kind: 'audit' as const, userKey, life, turnId: queued._id, release: queued.release };
    expect((await tenant.run(turn)).outcome).toMatchObject({ type: 'retry' });
    expect(await store.audit(queued._id)).toMatchObject({ status: 'queued', attempts: 1, result: null });
    expect(await tombstones(tenant)).toEqual([]);
    world.simulator.faults.clear(armed);
    expect((await tenant.run(turn)).outcome).toMatchObject({ type: 'done' });
    await tenant.drain();
    expect(await tombstones(tenant)).toEqual([first]);
  });
});
