import { expect, test } from '@jest/globals';
import {
  batchIdOf,
  type ModuleName,
  rangeStartOf,
  storeTime,
  type TurnSummary,
  type User,
} from '@odoo-sync/core';
import type { MongoStore } from '../openStore.js';
import { layWindows, MongoWorld, newUser, turnOf, until } from '../testing/mongoWorld.js';

const world = new MongoWorld();
const HOUR = 3_600_000;
const NOTHING: TurnSummary = { end: 'noop', pages: 0, counts: null };

async function take(store: MongoStore, user: User, module: ModuleName, turnId: string) {
  const grant = await store.takeLane({ ...turnOf(user, turnId), kind: 'backfill', release: 1 }, module);
  if (!('lane' in grant)) throw new Error('the lane is taken');
  return grant.lane;
}

test('leases are those that are held, the expired ones too', async () => {
  const store = await world.open({ userConcurrency: 4 });
  const user = await store.addUser(newUser());
  expect(await store.leases(user)).toEqual([]);
  await (await take(store, user, 'invoices', 'given-back')).giveBack(NOTHING);
  const { takenAt } = await take(store, user, 'contacts', 'one');
  await take(store, user, 'employees', 'two');
  await world.expire(user.userKey, 'employees');
  expect(await store.leases(user)).toEqual([
    {
      module: 'contacts',
      holder: { kind: 'backfill', turnId: 'one', release: 1 },
      takenAt,
      expiresAt: expect.any(Date),
    },
    expect.objectContaining({ module: 'employees', expiresAt: new Date(0) }),
  ]);
  expect(await store.leases({ ...user, life: 'another' })).toEqual([]);
});

test('past turns are the last ones of the life, newest first, each with its window', async () => {
  const store = await world.open();
  const user = await store.addUser(newUser());
  const other = await store.addUser(newUser('other'));
  await layWindows(store, user, new Date());
  const start = rangeStartOf(user) ?? user.connectedAt;
  const window = batchIdOf(user.userKey, 'contacts', start);
  const counts = { read: 3, inserted: 2, updated: 1, unchanged: 0 };
  for (const [of, turnId] of [
    [user, 'resync-1'],
    [other, 'its-own'],
    [user, window],
    [user, 'tail-acme'],
  ] as const)
    await (await take(store, of, 'contacts', turnId)).giveBack({ end: 'succeeded', pages: 1, counts });
  // No majority is waited for when the history is written.
  await until('the history can be read', async () => {
    const [last] = await store.pastTurns(user, 1);
    return last?.turnId === 'tail-acme';
  });
  const turns = await store.pastTurns(user, 2);
  expect(turns).toEqual([
    expect.objectContaining({ turnId: 'tail-acme', windowStart: null }),
    {
      kind: 'backfill',
      module: 'contacts',
      turnId: window,
      windowStart: start,
      outcome: 'succeeded',
      pages: 1,
      counts,
      takenAt: expect.any(Date),
      endedAt: expect.any(Date),
    },
  ]);
  expect(await store.pastTurns({ ...user, life: 'another' }, 10)).toEqual([]);
});

test('the index of the history serves the question for the last turns', async () => {
  await world.open();
  const plan = await world.db
    .collection('odoosyncturns')
    .find({ userKey: 'acme', life: 'first' })
    .sort({ takenAt: -1 })
    .limit(10)
    .explain();
  const stages = JSON.stringify(plan.queryPlanner.winningPlan);
  expect(stages).toContain('odoosync_user');
  expect(stages).not.toContain('"SORT"');
});

test('waiting turns are counted by kind and module, by the clocks that say what is due', async () => {
  const store = await world.open();
  const user = await store.addUser(newUser());
  await layWindows(store, user, new Date());
  const { batches } = world.stored;
  const ofContacts = await batches.find({ module: 'contacts' }).sort({ _id: 1 }).toArray();
  expect(ofContacts).toHaveLength(4);
  await batches.deleteMany({ module: { $ne: 'contacts' } });
  const now = storeTime(Date.now());
  const [skewMs, dbSkewMs] = [HOUR, 60_000];
  const odooIn = (ms: number) => new Date(now.getTime() + skewMs + ms);
  const set = (n: number, change: object) =>
    batches.updateOne({ _id: ofContacts[n]?._id ?? '' }, { $set: change });
  // Past by Odoo's clock, but not yet by its database's.
  await set(1, { status: 'open', dueAt: odooIn(-1_000) });
  await set(2, { status: 'open', dueAt: odooIn(-dbSkewMs) });
  await set(3, { status: 'failed', dueAt: odooIn(5_000) });
  await store.requestResync(user, { modules: ['contacts'], requestedBy: 'a test' });
  const counted = await store.waitingTurns(user, { now, skewMs, dbSkewMs });
  const inMs = (ms: number) => new Date(now.getTime() + ms);
  expect(counted).toEqual([
    { kind: 'resync', module: 'contacts', due: 1, later: 0, nextDueAt: null },
    { kind: 'seal', module: 'contacts', due: 1, later: 1, nextDueAt: inMs(dbSkewMs - 1_000) },
    { kind: 'backfill', module: 'contacts', due: 1, later: 1, nextDueAt: inMs(5_000) },
  ]);
});
