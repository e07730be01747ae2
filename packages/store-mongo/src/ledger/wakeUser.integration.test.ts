import { describe, expect, test } from '@jest/globals';
import { heldUntil, type SyncState, storeTime, type User } from '@odoo-sync/core';
import type { MongoStore } from '../openStore.js';
import { MongoWorld, newUser } from '../testing/mongoWorld.js';

const world = new MongoWorld();
const HOUR = 3_600_000;
const soon = storeTime(Date.now() + HOUR);

/** A user whose plan was changed. */
async function open(change: object = {}): Promise<{ store: MongoStore; user: User }> {
  const store = await world.open();
  const user = await store.addUser(newUser());
  const quiet = { nextTurnAt: soon, 'tail.dueAt': soon, 'tail.status': 'queued', 'tail.release': 1 };
  await world.stored.plans.updateOne({ _id: user.userKey }, { $set: { ...quiet, ...change } });
  return { store, user };
}

async function planOf(store: MongoStore, user: User): Promise<SyncState> {
  const plan = await store.syncState(user);
  if (!plan) throw new Error('the user has no plan');
  return plan;
}

describe('waking a user', () => {
  test('makes it and its tail due, under a new revision, and releases nothing', async () => {
    const { store, user } = await open();
    const before = await planOf(store, user);
    expect(await store.wakeUser(user)).toEqual({ probed: [], breakerTried: false });
    const now = await store.now();
    const after = await planOf(store, user);
    expect(after.tail.dueAt.getTime()).toBeLessThanOrEqual(now.getTime());
    expect(after).toEqual({
      ...before,
      rev: before.rev + 1,
      nextTurnAt: after.tail.dueAt,
      tail: { ...before.tail, dueAt: after.tail.dueAt },
    });
    expect(await store.dueUsers(10)).toEqual([user.userKey]);
  });

  test('refuses a release from a snapshot that was taken before', async () => {
    const { store, user } = await open({ 'tail.status': 'idle' });
    const { rev, rota } = await planOf(store, user);
    await store.wakeUser(user);
    const at = await store.now();
    expect(
      await store.release(user, { rev, tail: true, round: [], rota, idleUntil: null, nextTurnAt: at, at }),
    ).toBeNull();
  });

  test('leaves alone a tail that runs, and keeps the place in line of what is overdue', async () => {
    const { store, user } = await open({ 'tail.status': 'running', 'tail.startedAt': new Date() });
    await store.wakeUser(user);
    expect((await planOf(store, user)).tail).toMatchObject({ status: 'running', dueAt: soon });
    const overdue = storeTime(Date.now() - HOUR);
    const change = { nextTurnAt: overdue, 'tail.dueAt': overdue, 'tail.status': 'queued' };
    await world.stored.plans.updateOne({ _id: user.userKey }, { $set: change });
    await store.wakeUser(user);
    const { nextTurnAt, tail } = await planOf(store, user);
    expect([nextTurnAt, tail.dueAt]).toEqual([overdue, overdue]);
  });

  test('has unavailable modules probed, and only those', async () => {
    const { store, user } = await open({
      'modules.employees.state': 'unavailable',
      'modules.employees.probeAt': soon,
    });
    const before = await planOf(store, user);
    expect(await store.wakeUser(user)).toMatchObject({ probed: ['employees'] });
    const { modules } = await planOf(store, user);
    const { probeAt } = modules.employees;
    expect(probeAt?.getTime()).toBeLessThanOrEqual((await store.now()).getTime());
    expect(modules).toEqual({ ...before.modules, employees: { ...before.modules.employees, probeAt } });
  });

  test('tries an Odoo that is left alone, by this user only; one more fault opens its breaker for longer', async () => {
    const { store, user } = await open();
    const other = await store.addUser(newUser('other'));
    for (let fault = 0; fault < 3; fault++) await store.noteFault(user);
    const { outage } = await planOf(store, user);
    expect(await store.wakeUser(user)).toMatchObject({ breakerTried: true });
    const until = heldUntil(await planOf(store, user));
    expect(until?.getTime()).toBeLessThanOrEqual((await store.now()).getTime());
    expect((await planOf(store, other)).outage).toEqual(outage);
    expect(await store.wakeUser(user)).toMatchObject({ breakerTried: false });
    const again = await store.noteFault(user);
    expect(again?.outage.pauseMs).toBe((outage?.pauseMs ?? 0) * 2);
  });

  test('keeps the holds of throttling and of suspected credentials', async () => {
    const { store, user } = await open({ holdUntil: soon, suspectUntil: soon, paceMs: 1_000 });
    await store.wakeUser(user);
    expect(await planOf(store, user)).toMatchObject({ holdUntil: soon, suspectUntil: soon, paceMs: 1_000 });
  });

  test('is a conflict where the user is being removed, or lives again', async () => {
    const { store, user } = await open();
    await expect(store.wakeUser({ ...user, life: 'another' })).rejects.toMatchObject({ kind: 'conflict' });
    await store.beginRemoval(user);
    const { nextTurnAt } = await planOf(store, user);
    await expect(store.wakeUser(user)).rejects.toMatchObject({ kind: 'conflict' });
    expect((await planOf(store, user)).nextTurnAt).toEqual(nextTurnAt);
  });
});
