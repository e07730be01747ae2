import { describe, expect, test } from '@jest/globals';
import { MODULE_NAMES, odooTime, storeTime, WINDOW_MS } from '@odoo-sync/core';
import { ObjectId } from 'mongodb';
import { firstDay, layWindows, MongoWorld, NOBODY, newUser } from '../testing/mongoWorld.js';

const world = new MongoWorld();

const windowsOf = async (userKey: string) => {
  const found = await world.stored.batches.find({ userKey }).sort({ module: 1, startTime: 1 }).toArray();
  return found.map(({ module, startTime, endTime }) => ({ module, startTime, endTime }));
};

/** A batch as an earlier engine wrote it. */
const oldBatch = (startTime: Date, more: object = {}) => ({
  _id: new ObjectId(),
  userId: 'acme',
  module: 'contacts',
  startTime,
  endTime: new Date(startTime.getTime() + WINDOW_MS),
  status: 'failed',
  ...more,
});

describe('the tiling', () => {
  test('takes a module that came after the user was connected as one that was never met', async () => {
    const store = await world.open({ rangeDays: 5 });
    const user = await store.addUser(newUser());
    const fresh = await store.syncState(await world.ref('acme'));
    await world.stored.plans.updateOne({ _id: 'acme' }, { $unset: { 'modules.employees': 1 } });
    expect(await store.syncState(await world.ref('acme'))).toEqual(fresh);
    expect((await store.report('acme'))?.modules.map(({ module }) => module)).toEqual(MODULE_NAMES);
    expect((await store.reports(['acme']))[0]?.modules).toHaveLength(MODULE_NAMES.length);
    await layWindows(store, user, user.connectedAt);
    await store.extendTiling(
      await world.ref('acme'),
      odooTime(new Date(user.connectedAt.getTime() + WINDOW_MS)),
    );
    expect((await windowsOf('acme')).filter(({ module }) => module === 'employees')).toHaveLength(7);
    expect((await store.snapshot('acme'))?.plan.modules.employees.state).toBe('active');
  });

  test('tiles time for every module without gap or overlap, from its stored start to the window of now', async () => {
    const store = await world.open({ rangeDays: 5 });
    const user = await store.addUser(newUser());
    await layWindows(store, user, user.connectedAt);
    const windows = await windowsOf('acme');
    expect(windows).toHaveLength(MODULE_NAMES.length * 6);
    for (const module of MODULE_NAMES) {
      const mine = windows.filter((window) => window.module === module);
      let end = firstDay(user);
      for (const window of mine) {
        expect(window.startTime).toEqual(end);
        expect(window.endTime.getTime() - window.startTime.getTime()).toBe(WINDOW_MS);
        end = window.endTime;
      }
      expect(end.getTime()).toBeGreaterThan(user.connectedAt.getTime());
      expect((await store.syncState(await world.ref('acme')))?.modules[module].tiling?.until).toEqual(end);
    }
  });

  test('made again, or in many processes at once, makes no window twice and touches none that is under way', async () => {
    const [store, other] = [await world.open(), await world.open()];
    const user = await store.addUser(newUser());
    await layWindows(store, user, firstDay(user));
    const extend = (by: typeof store) => by.extendTiling(user, odooTime(user.connectedAt));
    await Promise.all([extend(store), extend(other), extend(store), extend(other)]);
    expect(await windowsOf('acme')).toHaveLength(MODULE_NAMES.length * 4);
    const first = (await world.stored.batches.findOne({ userKey: 'acme' }))!;
    const queued = await store.batchEvent(first, { type: 'release', at: storeTime(new Date()) });
    const plan = await store.syncState(await world.ref('acme'));
    await world.stored.plans.updateOne(
      { _id: 'acme' },
      { $set: { 'modules.contacts.tiling.until': firstDay(user) } },
    );
    await extend(store);
    expect(await windowsOf('acme')).toHaveLength(MODULE_NAMES.length * 4);
    expect(await store.batch(first._id)).toEqual(queued);
    expect((await store.syncState(await world.ref('acme')))?.modules).toEqual(plan?.modules);
  });

  test('goes on where it ended when the day has passed', async () => {
    const store = await world.open();
    const user = await store.addUser(newUser());
    await layWindows(store, user, user.connectedAt);
    const { modules, rev } = (await store.syncState(await world.ref('acme')))!;
    await layWindows(store, user, user.connectedAt);
    expect(await store.syncState(await world.ref('acme'))).toMatchObject({ modules, rev });
    await store.extendTiling(await world.ref('acme'), modules.contacts.tiling!.until);
    expect(await windowsOf('acme')).toHaveLength(MODULE_NAMES.length * 5);
    expect(await store.syncState(await world.ref('acme'))).toMatchObject({ rev: rev + MODULE_NAMES.length });
  });

  test('is nothing for a user who is not there', async () => {
    const store = await world.open();
    await store.extendTiling(NOBODY, odooTime(new Date()));
    expect(await world.stored.batches.countDocuments()).toBe(0);
  });

  test('the same window under another id is refused', async () => {
    const store = await world.open();
    const user = await store.addUser(newUser());
    await layWindows(store, user, firstDay(user));
    const batch = (await world.stored.batches.findOne({ userKey: 'acme' }))!;
    await expect(world.stored.batches.insertOne({ ...batch, _id: 'another' })).rejects.toMatchObject({
      code: 11000,
    });
  });
});

describe('batches of an earlier engine in the same collection', () => {
  test('neither block a window nor are taken for one', async () => {
    const store = await world.open();
    const user = await store.addUser(newUser());
    const old = [1, 2].map((n) => oldBatch(firstDay(user), { n }));
    await world.db.collection('odoosyncbatches').insertMany(old);
    await layWindows(store, user, firstDay(user));
    expect(await windowsOf('acme')).toHaveLength(MODULE_NAMES.length);
    expect(await store.failedTurns(null, 10)).toEqual([]);
    expect((await store.report('acme'))?.failedBatches).toEqual([]);
    expect((await store.snapshot('acme'))?.candidates).toHaveLength(MODULE_NAMES.length);
    await store.makeWindowsDue(await world.ref('acme'), 'contacts', [firstDay(user)]);
    expect(await store.countOldBatches()).toBe(2);
    expect(
      await world.db
        .collection('odoosyncbatches')
        .find({ release: { $exists: false } })
        .sort({ n: 1 })
        .toArray(),
    ).toEqual(old);
  });

  test('survive the removal of their user, and go only when they are cleared', async () => {
    const store = await world.open();
    const user = await store.addUser(newUser());
    await world.db.collection('odoosyncbatches').insertOne(oldBatch(firstDay(user)));
    await layWindows(store, user, firstDay(user));
    expect(await store.clearOldBatches()).toBe(1);
    expect(await store.countOldBatches()).toBe(0);
    expect(await windowsOf('acme')).toHaveLength(MODULE_NAMES.length);
    await world.db.collection('odoosyncbatches').insertOne(oldBatch(firstDay(user)));
    await store.beginRemoval(await world.ref('acme'));
    while (!(await store.purgeStep(await world.ref('acme'))).done);
    expect(await windowsOf('acme')).toEqual([]);
    expect(await store.countOldBatches()).toBe(1);
  });
});

test('what is asked of the ledger over and over never scans it', async () => {
  const store = await world.open();
  const user = await store.addUser(newUser());
  await layWindows(store, user, user.connectedAt);
  await world.db.command({ profile: 2 });
  await store.snapshot('acme');
  await store.report('acme');
  await store.failedTurns(null, 10);
  await store.failedTurns('acme', 10);
  await store.tailView(await world.ref('acme'));
  await store.dueUsers(10);
  await store.makeWindowsDue(await world.ref('acme'), 'contacts', [firstDay(user)]);
  await store.differing(user, 'contacts', [{ odooId: 1, writeDate: new Date() }]);
  await store.countRecords(user, 'contacts');
  await world.db.command({ profile: 0 });
  const seen = await world.db
    .collection('system.profile')
    .find({ planSummary: { $exists: true } })
    .toArray();
  expect(seen.length).toBeGreaterThan(10);
  const scans = seen.filter(({ planSummary }) => planSummary === 'COLLSCAN');
  expect(scans.map(({ ns, command }) => ({ ns, command }))).toEqual([]);
});
