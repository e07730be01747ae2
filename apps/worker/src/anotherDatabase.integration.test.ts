import { describe, expect, test } from '@jest/globals';
import { auditIdOf } from '@odoo-sync/core';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';
const mirror = () => world.db.collection('odoocontacts');

async function mirrored(): Promise<Tenant> {
  const tenant = await world.connect({ models: { [PARTNER]: { count: 30, days: 1, activeDays: 1 } } });
  await tenant.drain();
  await tenant.tail();
  return tenant;
}

/** As if some records of the mirror had been created by another database. */
const ofAnother = (tenant: Tenant, odooIds: readonly number[]) =>
  mirror().updateMany(
    { userId: tenant.user.userId, odooId: { $in: [...odooIds] } },
    { $set: { create_date: new Date('2019-05-05T05:05:05Z'), '_sync.hash': 'of another' } },
  );

const userOf = async (tenant: Tenant) => {
  const user = await tenant.engine.store.user(tenant.user.userKey);
  if (!user) throw new Error('there is no user');
  return user;
};

async function auditRun(tenant: Tenant) {
  const { store } = tenant.engine;
  const { userKey, life } = tenant.user;
  const [asked] = await store.requestAudit(tenant.user, ['contacts']);
  const queued = asked && (await store.auditEvent(asked, { type: 'release', at: await store.now() }));
  if (!queued) throw new Error('it was not released');
  return tenant.run({ kind: 'audit', userKey, life, turnId: queued._id, release: queued.release });
}

describe('another database behind the same address', () => {
  test('that gives ids to other records is not written over the mirror, until somebody accepts it', async () => {
    const tenant = await mirrored();
    const { store } = tenant.engine;
    const [first = 0, second = 0] = tenant.odoo.ids(PARTNER);
    await ofAnother(tenant, [first, second]);
    const before = await tenant.mirrored();
    tenant.odoo.write(PARTNER, [first, second]);
    await tenant.tail();
    expect(await tenant.mirrored()).toEqual(before);
    expect(await userOf(tenant)).toMatchObject({
      standing: 'needs_attention',
      attention: {
        kind: 'identity',
        message: expect.stringMatching(
          new RegExp(
            `of its contacts, ${first} was created at 2019-05-05T05:05:05.000Z, and now at .*accept-database`,
          ),
        ),
      },
    });
    // A probe that meets no such record proves nothing.
    await mirror().updateMany({ userId: tenant.user.userId }, { $set: { '_sync.hash': 'x' } });
    await tenant.tail();
    expect((await userOf(tenant)).standing).toBe('needs_attention');

    await store.acceptDatabase(tenant.user);
    await tenant.tail();
    expect((await userOf(tenant)).standing).toBe('active');
    const after = await tenant.mirrored();
    for (const [n, odooId] of [first, second].entries())
      expect(after[n]).toMatchObject({ odooId, name: tenant.odoo.row(PARTNER, odooId)?.name });
    await expect(store.acceptDatabase(tenant.user)).rejects.toThrow(/does not wait/);

    // What was written since is that database's, and is guarded as before.
    await ofAnother(tenant, [first, second]);
    tenant.odoo.write(PARTNER, [first, second]);
    await tenant.tail();
    expect((await userOf(tenant)).standing).toBe('needs_attention');
  });

  test('is taken for an accident at one record, and not at a second one', async () => {
    const tenant = await mirrored();
    const [first = 0, second = 0] = tenant.odoo.ids(PARTNER);
    await ofAnother(tenant, [first]);
    tenant.odoo.write(PARTNER, [first]);
    await tenant.tail();
    expect((await userOf(tenant)).standing).toBe('active');
    expect((await tenant.mirrored())[0]?.create_date).not.toEqual(new Date('2019-05-05T05:05:05Z'));
    await ofAnother(tenant, [second]);
    tenant.odoo.write(PARTNER, [second]);
    await tenant.tail();
    expect((await userOf(tenant)).standing).toBe('needs_attention');
  });

  test('is known by its UUID, where the login may read that', async () => {
    const tenant = await mirrored();
    await auditRun(tenant);
    const { databaseUuid } = await tenant.plan();
    expect(databaseUuid).toEqual(expect.any(String));
    await tenant.patchPlan({ databaseUuid: 'of another' });
    const before = await tenant.mirrored();
    await auditRun(tenant);
    expect(await userOf(tenant)).toMatchObject({
      standing: 'needs_attention',
      attention: {
        kind: 'identity',
        message: expect.stringContaining('the one that was mirrored had of another'),
      },
    });
    expect(await tenant.mirrored()).toEqual(before);
    expect(await tenant.engine.store.audit(auditIdOf(tenant.user.userKey, 'contacts'))).toMatchObject({
      status: 'idle',
    });
    await tenant.engine.store.acceptDatabase(tenant.user);
    await auditRun(tenant);
    expect((await tenant.plan()).databaseUuid).toBe(databaseUuid);
    expect((await userOf(tenant)).standing).toBe('active');
  });
});
