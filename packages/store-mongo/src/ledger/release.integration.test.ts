import { describe, expect, test } from '@jest/globals';
import {
  type Candidate,
  DEFAULT_SETTINGS,
  FIRST_ROTA,
  odooTime,
  type PlanSnapshot,
  storeTime,
} from '@odoo-sync/core';
import {
  firstDay,
  layWindows,
  MongoWorld,
  newUser,
  runningBatch,
  TAIL_END,
  until,
} from '../testing/mongoWorld.js';

const world = new MongoWorld();
const LATER = new Date('2200-01-01T00:00:00Z');

async function open() {
  const store = await world.open();
  const user = await store.addUser(newUser());
  await layWindows(store, user, user.connectedAt);
  const snapshot = async (): Promise<PlanSnapshot> => (await store.snapshot('acme'))!;
  const release = (rev: number, tail: boolean, round: readonly Candidate[]) =>
    store.release(user, {
      rev,
      ...{ tail, round },
      rota: { ...FIRST_ROTA, tailWasLast: tail },
      nextTurnAt: storeTime(LATER),
      idleUntil: null,
      at: storeTime(new Date()),
    });
  return { store, user, snapshot, release };
}

describe('a release', () => {
  test('raises the numbers of tail and turns, and notes the rota, in one', async () => {
    const { store, snapshot, release } = await open();
    const { plan, candidates } = await snapshot();
    const [first] = candidates;
    const released = await release(plan.rev, true, [first!]);
    expect(released).toEqual([
      expect.objectContaining({
        kind: 'tail',
        turnId: 'tail-acme',
        release: 1,
        module: null,
        replaces: null,
      }),
      expect.objectContaining({
        kind: 'backfill',
        turnId: first!.turnId,
        release: 1,
        startTime: first!.startTime,
      }),
    ]);
    const after = await store.syncState(await world.ref('acme'));
    expect(after).toMatchObject({
      rev: plan.rev + 1,
      nextTurnAt: LATER,
      rota: { tailWasLast: true },
      tail: { status: 'queued', release: 1 },
    });
    expect(await store.batch(first!.turnId)).toMatchObject({ status: 'queued', release: 1, attempts: 0 });
    const now = await snapshot();
    expect(now.inFlight.map(({ turnId, status }) => ({ turnId, status }))).toEqual([
      { turnId: 'tail-acme', status: 'queued' },
      { turnId: first!.turnId, status: 'queued' },
    ]);
    expect(now.candidates.map(({ turnId }) => turnId)).not.toContain(first!.turnId);
  });

  test('of two at once from the same view one is carried out', async () => {
    const { store, snapshot, release } = await open();
    const { plan, candidates } = await snapshot();
    const tries = await Promise.all(candidates.slice(0, 4).map((turn) => release(plan.rev, false, [turn])));
    expect(tries.filter((released) => released !== null)).toHaveLength(1);
    expect(await world.stored.batches.countDocuments({ status: 'queued' })).toBe(1);
    expect((await store.syncState(await world.ref('acme')))?.rev).toBe(plan.rev + 1);
  });

  test('from a view that is out of date changes nothing', async () => {
    const { store, snapshot, release } = await open();
    const { plan, candidates } = await snapshot();
    await store.makeUserDue(await world.ref('acme'));
    const before = await store.syncState(await world.ref('acme'));
    expect(await release(plan.rev, true, [candidates[0]!])).toBeNull();
    expect(await release(plan.rev, false, [])).toBeNull();
    expect(await store.syncState(await world.ref('acme'))).toEqual(before);
    expect(await world.stored.batches.countDocuments({ release: { $gt: 0 } })).toBe(0);
  });

  test('undoes the tail and the turns before one that has moved on', async () => {
    const { store, snapshot, release } = await open();
    const { candidates } = await snapshot();
    const plan = (await store.syncState(await world.ref('acme')))!;
    const [first, second] = candidates;
    const moved = await store.batch(second!.turnId);
    await store.batchEvent(moved!, { type: 'release', at: storeTime(new Date()) });
    expect(await release(plan.rev, true, [first!, second!])).toBeNull();
    expect(await store.syncState(await world.ref('acme'))).toEqual(plan);
    expect(await store.batch(first!.turnId)).toMatchObject({ status: 'pending', release: 0 });
  });

  test('of nothing notes when to look again, once', async () => {
    const { store, snapshot, release } = await open();
    const { plan } = await snapshot();
    expect(await release(plan.rev, false, [])).toEqual([]);
    expect(await store.dueUsers(10)).toEqual([]);
    expect(await release(plan.rev, false, [])).toBeNull();
  });

  test('has no date that is none', async () => {
    const { store, user, snapshot } = await open();
    const { plan } = await snapshot();
    const never = new Date(Number.NaN);
    await expect(
      store.release(user, {
        rev: plan.rev,
        ...{ tail: false, round: [] },
        rota: plan.rota,
        idleUntil: null,
        nextTurnAt: storeTime(never),
        at: storeTime(LATER),
      }),
    ).rejects.toThrow('has no date');
  });

  test('of a failed batch names the job that it replaces, and starts a new series of attempts', async () => {
    const { store, user, snapshot, release } = await open();
    const batch = await runningBatch(store, user);
    const error = { kind: 'bug', message: 'no', at: storeTime(LATER) } as const;
    let failing = batch;
    for (let attempt = 1; attempt <= 4; attempt++) {
      const failed = await store.batchEvent(failing, {
        type: 'fail',
        error,
        retryAt: storeTime(LATER),
        healAt: odooTime(firstDay(user)),
      });
      failing =
        (failed?.status === 'queued' && (await store.batchEvent(failed, { type: 'start' }))) || failed!;
    }
    expect(failing).toMatchObject({ status: 'failed', attempts: 4, lastError: error });
    expect(await store.failedTurns(null, 10)).toEqual([
      {
        kind: 'backfill',
        userKey: 'acme',
        life: batch.life,
        turnId: batch._id,
        release: 1,
        module: 'contacts',
        startTime: batch.startTime,
      },
    ]);
    const { plan, candidates } = await snapshot();
    const healing = candidates.find(({ turnId }) => turnId === batch._id);
    const [turn] = (await release(plan.rev, false, [healing!]))!;
    expect(turn).toMatchObject({ release: 2, replaces: `${batch._id}-1` });
    expect(await store.batch(batch._id)).toMatchObject({ status: 'queued', attempts: 0 });
  });

  test('of a resync hands out its window', async () => {
    const { store, user, snapshot, release } = await open();
    const asked = await store.requestResync(await world.ref('acme'), {
      modules: ['invoices', 'contacts'],
      from: user.connectedAt,
      requestedBy: 'a test',
    });
    expect(asked).toMatchObject({ status: 'pending', total: 2, position: 0 });
    const { plan, candidates } = await snapshot();
    const turn = candidates.find(({ kind }) => kind === 'resync');
    expect(turn).toMatchObject({ turnId: asked._id, module: 'invoices', startTime: asked.from });
    expect(await release(plan.rev, false, [turn!])).toEqual([
      expect.objectContaining({ kind: 'resync', turnId: asked._id, release: 1, module: 'invoices' }),
    ]);
    expect(await store.resync(asked._id)).toMatchObject({ status: 'queued', release: 1 });
  });

  test("stamps turns with the moment of the snapshot, which is the store's clock", async () => {
    const { store, snapshot } = await open();
    const before = await store.now();
    const { now, plan, candidates } = await snapshot();
    expect(now >= before && now <= (await store.now())).toBe(true);
    const turns = { tail: false, round: [candidates[0]!] };
    await store.release(await world.ref('acme'), {
      rev: plan.rev,
      ...turns,
      rota: FIRST_ROTA,
      idleUntil: null,
      nextTurnAt: storeTime(LATER),
      at: now,
    });
    expect((await store.batch(candidates[0]!.turnId))?.queuedAt).toEqual(now);
  });
});

describe('an event', () => {
  test('on a batch that is not any more what was read is dropped', async () => {
    const { store, user } = await open();
    const batch = await runningBatch(store, user);
    const back = { type: 'handBack', until: null } as const;
    const both = await Promise.all([store.batchEvent(batch, back), store.batchEvent(batch, back)]);
    expect(both.filter((done) => done !== null)).toHaveLength(1);
    expect(await store.batchEvent((await store.batch(batch._id))!, { type: 'commitPart' })).toBeNull();
  });

  test('a turn whose job has ended untold gets a new number, and one that ran counts as expired', async () => {
    const { store, user, snapshot } = await open();
    const batch = await runningBatch(store, user);
    const out = (await snapshot()).inFlight.find(({ turnId }) => turnId === batch._id);
    expect(out).toMatchObject({ status: 'running' });
    expect(await store.reissue({ ...out!, release: 7 })).toBeNull();
    expect(await store.reissue(out!)).toMatchObject({ turnId: batch._id, release: 2 });
    expect(await store.batch(batch._id)).toMatchObject({
      status: 'queued',
      release: 2,
      expiries: 1,
      attempts: 0,
    });
    expect(await store.reissue(out!)).toBeNull();
  });
});

describe('a tail', () => {
  test('whose workers die is counted, until a pass ends', async () => {
    const { store, snapshot, release } = await open();
    await release((await snapshot()).plan.rev, true, []);
    const deaths = async () => (await store.syncState(await world.ref('acme')))?.tail.expiries;
    await store.tailStart(await world.ref('acme'), 1);
    expect(await deaths()).toBe(0);
    await store.tailHandBack(await world.ref('acme'), 1);
    await store.tailStart(await world.ref('acme'), 1);
    expect(await deaths()).toBe(0);
    await store.tailStart(await world.ref('acme'), 1);
    expect(await deaths()).toBe(1);
    await store.tailReissue(await world.ref('acme'), 1);
    expect(await deaths()).toBe(2);
    await store.tailReissue(await world.ref('acme'), 2);
    expect(await deaths()).toBe(2);
    await store.tailStart(await world.ref('acme'), 3);
    await store.tailEnd(await world.ref('acme'), 3, { ...TAIL_END, expiries: 2 });
    expect(await deaths()).toBe(2);
    await store.tailStart(await world.ref('acme'), 4);
    await store.tailEnd(await world.ref('acme'), 4, TAIL_END);
    expect(await deaths()).toBe(0);
  });

  test('goes from release to release, and an old one is a no-op', async () => {
    const { store, snapshot, release } = await open();
    const { plan } = await snapshot();
    await release(plan.rev, true, []);
    expect(await store.tailStart(await world.ref('acme'), 2)).toBe(false);
    expect(await store.tailStart(await world.ref('acme'), 1)).toBe(true);
    const end = { ...TAIL_END, pauseMs: 60_000, waitMs: 10, changed: true };
    const next = await store.tailEnd(await world.ref('acme'), 1, end);
    expect(next).toMatchObject({ turnId: 'tail-acme', release: 2 });
    expect(next!.delayMs).toBeGreaterThan(50_000);
    expect(next!.delayMs).toBeLessThanOrEqual(60_000);
    expect(await store.tailEnd(await world.ref('acme'), 1, end)).toBeNull();
    expect(await store.tailStart(await world.ref('acme'), 1)).toBe(false);
    expect(await store.tailReissue(await world.ref('acme'), 1)).toBeNull();
    expect(await store.tailReissue(await world.ref('acme'), 2)).toMatchObject({ release: 3, delayMs: 0 });
    expect(await store.tailStart(await world.ref('acme'), 3)).toBe(true);
    await store.tailHandBack(await world.ref('acme'), 3);
    expect((await store.syncState(await world.ref('acme')))?.tail).toMatchObject({
      status: 'queued',
      release: 3,
    });
  });

  test('slower than its interval is due a little after its end, not at once', async () => {
    const { store, snapshot, release } = await open();
    await release((await snapshot()).plan.rev, true, []);
    await store.tailStart(await world.ref('acme'), 1);
    const { startedAt } = (await store.syncState(await world.ref('acme')))!.tail;
    await until(
      'some time has passed',
      async () => (await store.now()).getTime() - startedAt!.getTime() > 20,
    );
    const next = await store.tailEnd(await world.ref('acme'), 1, { ...TAIL_END, pauseMs: 1, waitMs: 500 });
    expect(next?.delayMs).toBe(500);
  });

  test('notes at its end what it saw of each module and of the clock, and nothing of an old release', async () => {
    const { store, snapshot, release } = await open();
    await release((await snapshot()).plan.rev, true, []);
    const at = odooTime(1_700_000_000_000);
    const unreadable = [{ odooId: 7, reason: 'costs $5', writeDate: at, at }];
    const passes = new Map([
      ['contacts' as const, { lastPass: at, lastWide: at, unreadable }],
      ['invoices' as const, { lastPass: at }],
    ]);
    const hour = 3_600_000;
    const ahead = async () => odooTime((await store.now()).getTime() + hour);
    expect(
      await store.tailEnd(await world.ref('acme'), 1, {
        ...TAIL_END,
        passes,
        odooNow: odooTime(await ahead()),
      }),
    ).toBeNull();
    const before = (await store.syncState(await world.ref('acme')))!;
    expect(before.modules.contacts.lastPass).toBeNull();

    await store.tailStart(await world.ref('acme'), 1);
    await store.tailEnd(await world.ref('acme'), 1, {
      ...TAIL_END,
      passes,
      odooNow: odooTime(await ahead()),
    });
    const after = (await store.syncState(await world.ref('acme')))!;
    expect(after.modules).toEqual({
      ...before.modules,
      contacts: { ...before.modules.contacts, lastPass: at, lastWide: at, unreadable },
      invoices: { ...before.modules.invoices, lastPass: at },
    });
    const looked = after.nextTurnAt.getTime() - after.tail.dueAt.getTime();
    expect([after.skewMs, looked]).toEqual([0, DEFAULT_SETTINGS.repairMs]);
    await store.tailStart(await world.ref('acme'), 2);
    await store.tailEnd(await world.ref('acme'), 2, { ...TAIL_END, odooNow: odooTime(await ahead()) });
    const { skewMs, nextTurnAt } = (await store.syncState(await world.ref('acme')))!;
    expect(Math.abs(skewMs - hour)).toBeLessThan(2_000);
    expect(nextTurnAt.getTime()).toBeLessThanOrEqual((await store.now()).getTime());
  });
});

test('users who are set aside come behind all others who are due, and nobody is put off who is not due', async () => {
  const { store } = await open();
  const later = await store.addUser(newUser('later'));
  const aWhileAgo = new Date(Date.now() - 5_000);
  await world.stored.plans.updateOne({ _id: 'acme' }, { $set: { nextTurnAt: storeTime(aWhileAgo) } });
  await world.stored.plans.updateOne({ _id: later.userKey }, { $set: { nextTurnAt: storeTime(LATER) } });
  await store.setAside(['acme', 'later', 'nobody'], 500);
  expect(await store.dueUsers(10)).toEqual([]);
  expect((await store.syncState(later))?.nextTurnAt).toEqual(LATER);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await store.dueUsers(10)).toEqual(['acme']);
});
