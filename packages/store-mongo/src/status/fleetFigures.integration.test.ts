import { describe, expect, test } from '@jest/globals';
import { MODULE_NAMES, type ModuleState, odooTime, type Standing, storeTime } from '@odoo-sync/core';
import type { MongoStore } from '../openStore.js';
import { layWindows, MongoWorld, newUser } from '../testing/mongoWorld.js';

const world = new MongoWorld();
const HOUR = 3_600_000;

/** A user of an Odoo of its own, every module passed so long ago unless told. */
async function addUser(
  store: MongoStore,
  userId: string,
  passedMs: number | null,
  modules: Partial<Record<(typeof MODULE_NAMES)[number], Partial<ModuleState>>> = {},
  standing: Standing = 'active',
) {
  const user = await store.addUser(
    newUser(userId, { address: { url: `https://${userId}.example`, db: userId } }),
  );
  const lastPass = passedMs === null ? null : odooTime((await store.now()).getTime() - passedMs);
  for (const module of MODULE_NAMES)
    await world.noteModule(store, user.userKey, module, { lastPass, ...modules[module] });
  if (standing !== 'active')
    await world.stored.users.updateOne({ _id: user.userKey }, { $set: { standing } });
  return user;
}

/** Seconds go by between the making of a ledger and the look at it. */
const near = (seconds: number) => {
  const within = (value: number) => value >= seconds && value <= seconds + 30;
  return { asymmetricMatch: (value: unknown) => typeof value === 'number' && within(value) };
};
const sorted = <T extends { readonly value: number }>(shares: readonly T[]): readonly T[] =>
  [...shares].sort((a, b) => a.value - b.value);

describe('the figures of a fleet', () => {
  test('are all at zero where there is nobody', async () => {
    const store = await world.open();
    expect(await store.fleetFigures()).toEqual({
      users: { active: 0, needs_attention: 0, removing: 0 },
      freshnessSeconds: [],
      proofAgeSeconds: [],
      windowsLeft: [{ value: 0, users: 0 }],
      failedBatches: {},
      openResyncs: 0,
      failedResyncs: 0,
      documents: 0,
      breakersOpen: 0,
      unavailableModules: {},
      inTrouble: [],
    });
  });

  test('count users by their standing, and only the active ones in what concerns them', async () => {
    const store = await world.open();
    await layWindows(store, await addUser(store, 'fresh', 100_000), new Date());
    for (const [userId, standing] of [
      ['locked', 'needs_attention'],
      ['leaving', 'removing'],
    ] as const) {
      const user = await addUser(store, userId, 900_000, { employees: { state: 'unavailable' } }, standing);
      await layWindows(store, user, new Date());
    }
    const figures = await store.fleetFigures();
    expect(figures.users).toEqual({ active: 1, needs_attention: 1, removing: 1 });
    expect(figures.freshnessSeconds).toEqual([{ value: near(100), users: 1 }]);
    expect(sorted(figures.windowsLeft)).toEqual([
      { value: 0, users: 0 },
      { value: 16, users: 1 },
    ]);
    expect(figures.unavailableModules).toEqual({});
  });

  test("take a user's slowest module that it can read; without a pass, the time since it was connected", async () => {
    const store = await world.open();
    const ago = async (ms: number) => new Date((await store.now()).getTime() - ms);
    await addUser(store, 'slow', 100_000, {
      contacts: { lastPass: odooTime(await ago(700_000)) },
      employees: { lastPass: odooTime(await ago(10 * HOUR)), state: 'unavailable' },
    });
    await addUser(store, 'half', 100_000, { invoices: { lastPass: null } });
    await addUser(store, 'new', null);
    await addUser(
      store,
      'blind',
      null,
      Object.fromEntries(MODULE_NAMES.map((module) => [module, { state: 'unavailable' }])),
    );
    await world.stored.users.updateOne(
      { _id: 'half' },
      { $set: { connectedAt: storeTime(await ago(3 * HOUR)) } },
    );
    await world.stored.users.updateOne(
      { _id: 'new' },
      { $set: { connectedAt: storeTime(await ago(2 * HOUR)) } },
    );
    // Odoo's clock runs an hour ahead, and so do its passes.
    await addUser(store, 'ahead', 300_000 - HOUR);
    await world.stored.plans.updateOne({ _id: 'ahead' }, { $set: { skewMs: HOUR } });
    const figures = await store.fleetFigures();
    expect(sorted(figures.freshnessSeconds)).toEqual([
      { value: near(300), users: 1 },
      { value: near(700), users: 1 },
      { value: near(7_200), users: 1 },
      { value: near(10_800), users: 1 },
    ]);
    expect(figures.unavailableModules).toEqual({ saleOrders: 1, invoices: 1, contacts: 1, employees: 2 });
  });

  test('count what was never read, and failures by their kind, those of an older engine left out', async () => {
    const store = await world.open();
    const until = new Date();
    for (const userId of ['one', 'two', 'done'])
      await layWindows(store, await addUser(store, userId, 100_000), until);
    // Nobody knows yet what this user has.
    await addUser(store, 'new', null);
    const { batches } = world.stored;
    const at = new Date();
    await batches.updateMany(
      { userKey: 'done' },
      { $set: { status: 'succeeded', readStartedAt: odooTime(at) } },
    );
    const ofOne = await batches.find({ userKey: 'one' }).sort({ _id: 1 }).toArray();
    expect(ofOne).toHaveLength(16);
    const [read, again, failed, crashed, reread] = ofOne.map(({ _id }) => _id);
    const set = (_id = '', change: object = {}) => batches.updateOne({ _id }, { $set: change });
    await set(read, { status: 'open', readStartedAt: at });
    await set(again, { status: 'running', readStartedAt: at });
    const error = (kind: string) => ({ kind, message: 'no', at });
    await set(failed, { status: 'failed', lastError: error('transient') });
    await set(crashed, { status: 'failed', lastError: error('crashed') });
    await set(reread, { status: 'failed', readStartedAt: at, lastError: error('transient') });
    await batches.insertOne({ _id: 'old', userKey: 'one', status: 'failed', readStartedAt: null } as never);

    const figures = await store.fleetFigures();
    expect(sorted(figures.windowsLeft)).toEqual([
      { value: 0, users: 1 },
      { value: 13, users: 1 },
      { value: 16, users: 1 },
    ]);
    expect(figures.failedBatches).toEqual({ transient: 2, crashed: 1 });
  });

  test("tell the age of users' proofs, and who differs", async () => {
    const store = await world.open();
    for (const userId of ['fresh', 'old', 'none', 'stopped', 'open'])
      await layWindows(store, await addUser(store, userId, 100_000), new Date());
    const { audits } = world.stored;
    const proved = async (userKey: string, hoursAgo: number) =>
      audits.updateMany(
        { userKey },
        { $set: { result: { asOf: new Date(Date.now() - hoursAgo * HOUR), open: 0 } } as never },
      );
    await proved('fresh', 1.5);
    await proved('old', 1.5);
    await audits.updateOne(
      { userKey: 'old' },
      { $set: { 'result.asOf': new Date(Date.now() - 30.5 * HOUR) } as never },
    );
    await audits.updateOne({ userKey: 'stopped' }, { $set: { status: 'stopped' } });
    await proved('open', 2.5);
    await audits.updateOne({ userKey: 'open' }, { $set: { 'result.open': 3 } as never });
    const { proofAgeSeconds, inTrouble } = await store.fleetFigures();
    expect(sorted(proofAgeSeconds)).toEqual([
      { value: 3_600, users: 1 },
      { value: 7_200, users: 1 },
      { value: 108_000, users: 1 },
    ]);
    expect(inTrouble).toEqual(expect.arrayContaining(['open', 'stopped']));
    expect(inTrouble).not.toContain('fresh');
  });

  test('count resyncs that failed, and an Odoo that is out of reach once, whoever shares it', async () => {
    const store = await world.open();
    const user = await addUser(store, 'one', 100_000);
    await layWindows(store, user, new Date());
    const resync = await store.requestResync(await world.ref('one'), {
      modules: ['contacts'],
      requestedBy: 'a test',
    });
    await store.requestResync(await world.ref('one'), { modules: ['invoices'], requestedBy: 'a test' });
    await world.stored.resyncs.updateOne({ _id: resync._id }, { $set: { status: 'failed' } });
    await store.addUser(newUser('other', { address: user.address }));
    await addUser(store, 'reached', 100_000);
    await store.noteFault(await world.ref('reached'));
    for (let fault = 0; fault < 3; fault++) await store.noteFault(await world.ref('one'));
    const figures = await store.fleetFigures();
    expect(figures.openResyncs).toBe(1);
    expect(figures.failedResyncs).toBe(1);
    expect(figures.breakersOpen).toBe(1);
  });

  test('count the documents in the mirror, whoever keeps them there', async () => {
    const store = await world.open();
    await world.db.collection('odoocontacts').insertMany([1, 2].map((odooId) => ({ userId: 'one', odooId })));
    await world.db.collection('odooinvoices').insertOne({ of: 'another program' });
    expect((await store.fleetFigures()).documents).toBe(3);
  });

  test('name whom somebody should look at, the worst first, and no more than anybody would read', async () => {
    const store = await world.open();
    const { batches, plans } = world.stored;
    for (const userId of ['away', 'fine', 'many', 'unfollowed', 'young'])
      await addUser(store, userId, 100_000);
    await addUser(store, 'behind', 2 * HOUR);
    await addUser(store, 'leaving', 2 * HOUR, {}, 'removing');
    await addUser(store, 'locked', 2 * HOUR, {}, 'needs_attention');
    await world.stored.plans.updateOne({ _id: 'young' }, { $set: { 'modules.contacts.lastPass': null } });
    const error = { kind: 'transient' as const, message: 'no', at: new Date() };
    await plans.updateOne({ _id: 'unfollowed' }, { $set: { 'tail.lastError': error } });
    for (let fault = 0; fault < 3; fault++) await store.noteFault(await world.ref('away'));
    await layWindows(store, (await store.user('many'))!, new Date());
    await batches.updateMany({ userKey: 'many' }, { $set: { status: 'failed' } });
    const { inTrouble } = await store.fleetFigures();
    expect(inTrouble.slice(0, 2)).toEqual(['locked', 'many']);
    expect(inTrouble.slice(2).toSorted()).toEqual(['away', 'behind', 'unfollowed']);

    for (let n = 0; n < 120; n++) await addUser(store, `behind${n}`, 2 * HOUR);
    const { inTrouble: some } = await store.fleetFigures();
    expect(some.slice(0, 2)).toEqual(['locked', 'many']);
    expect(some).toHaveLength(100);
  });
});
