import { describe, expect, test } from '@jest/globals';
import { type Batch, errorRecordOf, MODULE_NAMES, odooTime, SyncError, storeTime } from '@odoo-sync/core';
import type { MongoStore } from '../openStore.js';
import {
  firstDay,
  layWindows,
  MongoWorld,
  NOBODY,
  newUser,
  passOf,
  RESULT,
  record,
  records,
  streamOf,
  TAIL_END,
} from '../testing/mongoWorld.js';

const world = new MongoWorld();
const HOUR = 3_600_000;
const COUNTS = { read: 7, inserted: 7, updated: 0, unchanged: 0 };

/** A user whose every window has been read: sealed, but the last of each module, which is open for an hour more. */
async function openCaughtUp() {
  const store = await world.open();
  const user = await store.addUser(newUser());
  const now = (await store.now()).getTime();
  const readStartedAt = new Date(now - HOUR);
  await layWindows(store, user, user.connectedAt);
  const batches = await world.stored.batches.find().toArray();
  const last = Math.max(...batches.map(({ startTime }) => startTime.getTime()));
  for (const batch of batches) {
    const seals = batch.startTime.getTime() < last;
    const sealDueAt = new Date(seals ? batch.endTime : now + HOUR);
    await read(store, batch, {
      ...RESULT,
      readStartedAt: odooTime(readStartedAt),
      seals,
      sealDueAt: odooTime(sealDueAt),
    });
  }
  for (const module of MODULE_NAMES) {
    await world.noteModule(store, 'acme', module, {
      lastPass: odooTime(new Date(now - HOUR / 2)),
      surveyed: 30,
    });
  }
  const state = async () => {
    const report = (await store.report('acme'))!;
    const [fleet] = await store.reports(['acme']);
    expect(fleet).toEqual({
      ...report,
      failedBatches: [],
      running: [],
      modules: fleetModules(report.modules),
    });
    return {
      caughtUp: report.caughtUp,
      contacts: report.modules.find(({ module }) => module === 'contacts')!,
    };
  };
  const lastOf = async (module = 'contacts'): Promise<Batch> =>
    (await world.stored.batches.findOne({ module: module as 'contacts', startTime: new Date(last) }))!;
  return { store, user, now, state, lastOf };
}

// The lag grows between two reports.
const fleetModules = (modules: readonly object[]) =>
  modules.map((module) => ({ ...module, lagMs: expect.anything() }));

async function start(store: MongoStore, batch: Batch): Promise<Batch> {
  const queued = await store.batchEvent(batch, { type: 'release', at: storeTime(new Date()) });
  return (await store.batchEvent(queued!, { type: 'start' }))!;
}

async function read(store: MongoStore, batch: Batch, result: typeof RESULT): Promise<void> {
  await store.batchEvent(await start(store, batch), { type: 'commit', pass: { ...result, counts: COUNTS } });
}

describe('a report', () => {
  test('of a user with nothing read is syncing', async () => {
    const store = await world.open();
    const user = await store.addUser(newUser());
    await layWindows(store, user, user.connectedAt);
    const report = (await store.report('acme'))!;
    expect(report).toMatchObject({ user, caughtUp: false, failedBatches: [], resyncs: [], running: [] });
    expect(report.modules.map(({ module }) => module)).toEqual(MODULE_NAMES);
    expect(report.modules[0]).toMatchObject({
      state: 'syncing',
      windows: { total: 4, done: 0, pending: 4, succeeded: 0 },
      surveyed: null,
      lagMs: null,
    });
    expect(await store.report('nobody')).toBeNull();
  });

  test('says why the last tail failed, until one goes well', async () => {
    const store = await world.open();
    await store.addUser(newUser());
    await world.stored.plans.updateOne(
      { _id: 'acme' },
      { $set: { 'tail.status': 'queued', 'tail.release': 1 } },
    );
    const error = { kind: 'transient' as const, message: 'refused', at: storeTime(new Date()) };
    for (const [release, told] of [
      [1, error],
      [2, null],
    ] as const) {
      await store.tailStart(await world.ref('acme'), release);
      await store.tailEnd(await world.ref('acme'), release, { ...TAIL_END, error: told });
      expect((await store.report('acme'))?.tailError).toEqual(told);
      expect((await store.reports(['acme']))[0]?.tailError).toEqual(told);
    }
  });

  test('says caught up when all is sealed or open, and a tail has come since', async () => {
    const { state } = await openCaughtUp();
    const { caughtUp, contacts } = await state();
    expect(caughtUp).toBe(true);
    expect(contacts).toMatchObject({
      state: 'caught_up',
      windows: { total: 4, done: 4, pending: 0, inFlight: 0, open: 1, succeeded: 3, failed: 0 },
      recordsRead: 28,
      surveyed: 30,
      pages: 8,
    });
    expect(contacts.lagMs).toBeGreaterThanOrEqual(HOUR / 2);
  });

  test('says syncing while no tail has come since the last window was read', async () => {
    const { store, now, state } = await openCaughtUp();
    await world.noteModule(store, 'acme', 'contacts', { lastPass: odooTime(new Date(now - 2 * HOUR)) });
    expect(await state()).toMatchObject({ caughtUp: false, contacts: { state: 'syncing' } });
  });

  test('says syncing while a window is under way, and names it', async () => {
    const { store, state, lastOf } = await openCaughtUp();
    const batch = await lastOf();
    await start(store, batch);
    expect(await state()).toMatchObject({ caughtUp: false, contacts: { windows: { inFlight: 1 } } });
    expect((await store.report('acme'))!.running).toEqual([
      { kind: 'seal', module: 'contacts', turnId: batch._id },
    ]);
  });

  test('says syncing while an open window could have been sealed', async () => {
    const { store, now, state, lastOf } = await openCaughtUp();
    const due = await store.batchEvent(await lastOf(), {
      type: 'makeDue',
      at: odooTime(new Date(now - 1_000)),
    });
    expect(due?.status).toBe('open');
    expect(await state()).toMatchObject({ caughtUp: false, contacts: { state: 'syncing' } });
    await store.noteSyncState(await world.ref('acme'), { dbSkewMs: HOUR });
    expect(await state()).toMatchObject({ caughtUp: true });
  });

  test('says syncing when a day has begun whose window was not made yet', async () => {
    const { now, state } = await openCaughtUp();
    await world.stored.plans.updateOne(
      { _id: 'acme' },
      { $set: { 'modules.contacts.tiling.until': new Date(now - 1_000) } },
    );
    expect(await state()).toMatchObject({ caughtUp: false, contacts: { state: 'syncing' } });
  });

  test('is not caught up while a resync waits, runs or has failed, and is again when it is done', async () => {
    const { store, state } = await openCaughtUp();
    const resync = await store.requestResync(await world.ref('acme'), {
      modules: ['contacts'],
      requestedBy: 'a test',
    });
    for (const [status, word] of [
      ['pending', 'syncing'],
      ['queued', 'syncing'],
      ['running', 'syncing'],
      ['failed', 'failing'],
    ] as const) {
      await world.stored.resyncs.updateOne({ _id: resync._id }, { $set: { status } });
      expect(await state()).toMatchObject({ caughtUp: false, contacts: { state: word } });
    }
    await world.stored.resyncs.updateOne({ _id: resync._id }, { $set: { status: 'succeeded' } });
    expect(await store.report('acme')).toMatchObject({ caughtUp: true });
  });

  test.each([
    ['ahead by centuries', 8_000 * 365 * 24 * HOUR, true],
    ['behind by a day, which a tail looks back over', -24 * HOUR, true],
    ['behind by more than a tail looks back', -47 * HOUR, false],
  ])('of a clock that is not believed says how far it is off: %s', async (_how, clockOffMs, caughtUp) => {
    const { store, state } = await openCaughtUp();
    await world.stored.plans.updateOne({ _id: 'acme' }, { $set: { clockOffMs } });
    expect(await state()).toMatchObject({ caughtUp });
    expect(await store.report('acme')).toMatchObject({
      clock: { aheadMs: clockOffMs, message: expect.stringMatching(/is not believed/) },
    });
  });

  test.each([0.5, -3, Number.POSITIVE_INFINITY, Number.NaN, 'many', null])(
    'does not fail over a count that is none: %p',
    async (surveyed) => {
      const { store } = await openCaughtUp();
      await world.stored.plans.updateOne(
        { _id: 'acme' },
        { $set: { 'modules.contacts.surveyed': surveyed as number } },
      );
      await world.stored.batches.updateMany(
        { module: 'contacts' },
        { $set: { surveyed: surveyed as number } },
      );
      const contacts = (await store.report('acme'))!.modules.find(({ module }) => module === 'contacts');
      expect(contacts).toMatchObject({ surveyed: null, windows: { total: 4 } });
    },
  );

  test('leaves an unavailable module out of it, with its reason', async () => {
    const { store, state, lastOf } = await openCaughtUp();
    await start(store, await lastOf());
    const reason = errorRecordOf(new SyncError('access', 'not readable'), storeTime(new Date()));
    await world.noteModule(store, 'acme', 'contacts', { state: 'unavailable', reason });
    expect(await state()).toMatchObject({
      caughtUp: true,
      contacts: { state: 'unavailable', reason: 'not readable' },
    });
    for (const module of MODULE_NAMES)
      await world.noteModule(store, 'acme', module, { state: 'unavailable' });
    expect(await state()).toMatchObject({ caughtUp: false });
  });

  test('of a user who needs attention is not caught up', async () => {
    const { store, state } = await openCaughtUp();
    await store.needsAttention(
      { ...(await world.ref('acme')), credentialVersion: 1 },
      errorRecordOf('refused', storeTime(new Date())),
      storeTime(new Date()),
    );
    expect(await state()).toMatchObject({ caughtUp: false, contacts: { state: 'caught_up' } });
  });

  test('lists failed batches with their jobs and errors, and a retry makes them due', async () => {
    const { store, user, state, lastOf } = await openCaughtUp();
    let batch = await lastOf();
    const error = errorRecordOf(new SyncError('transient', 'reset by peer'), storeTime(new Date()));
    batch = await start(store, batch);
    for (let attempt = 1; attempt <= 4; attempt++) {
      const times = { retryAt: storeTime(Date.now()), healAt: odooTime(Date.now() + HOUR) };
      const next = await store.batchEvent(batch, { type: 'fail', error, ...times });
      batch = (next?.status === 'queued' && (await store.batchEvent(next, { type: 'start' }))) || next!;
    }
    expect(await state()).toMatchObject({ caughtUp: false, contacts: { state: 'failing', retries: 4 } });
    expect((await store.report('acme'))!.failedBatches).toEqual([
      {
        jobId: `${batch._id}-2`,
        turnId: batch._id,
        module: 'contacts',
        windowStart: batch.startTime,
        windowEnd: batch.endTime,
        attempts: 4,
        lastError: error,
      },
    ]);
    expect(await store.requestRetry('nothing')).toBeNull();
    expect(await store.requestRetry(batch._id)).toEqual({ userKey: 'acme', jobId: `${batch._id}-2` });
    expect(await store.requestRetry(batch._id)).toBeNull();
    expect((await store.snapshot(user.userKey))!.candidates).toEqual([
      expect.objectContaining({ kind: 'seal', turnId: batch._id, release: 2 }),
    ]);
    expect(await store.dueUsers(10)).toEqual(['acme']);
  });
});

describe('a request to resync', () => {
  test('is widened to whole windows, cut to the tiling, reported, and makes the user due', async () => {
    const { store, user } = await openCaughtUp();
    await world.stored.plans.updateOne(
      { _id: 'acme' },
      { $set: { nextTurnAt: storeTime(new Date('2099-01-01')) } },
    );
    const first = firstDay(user).getTime();
    const asked = await store.requestResync(await world.ref('acme'), {
      modules: ['contacts', 'invoices', 'contacts'],
      from: new Date(first - 10 * 24 * HOUR),
      to: new Date(first + 25 * HOUR),
      requestedBy: 'a test',
    });
    expect(asked).toMatchObject({
      modules: ['contacts', 'invoices'],
      from: firstDay(user),
      to: new Date(first + 48 * HOUR),
      total: 4,
    });
    expect(await store.dueUsers(10)).toEqual(['acme']);
    expect((await store.report('acme'))!.resyncs).toEqual([
      expect.objectContaining({ id: asked._id, status: 'pending', done: 0, total: 4 }),
    ]);
  });

  test('for no window at all is refused, with the range that there is', async () => {
    const { store, user } = await openCaughtUp();
    const asked = store.requestResync(await world.ref('acme'), {
      modules: ['contacts'],
      to: new Date(firstDay(user).getTime() - HOUR),
      requestedBy: 'a test',
    });
    await expect(asked).rejects.toThrow(`its windows go from ${firstDay(user).toISOString()}`);
    await expect(
      store.requestResync(NOBODY, { modules: ['contacts'], requestedBy: 'a test' }),
    ).rejects.toThrow('there is no user nobody');
  });

  test('that a tail has for a sealed window is written once', async () => {
    const { store, user, lastOf } = await openCaughtUp();
    const { startTime } = await lastOf();
    const starts = [firstDay(user), startTime, new Date('2001-01-01')];
    await store.makeWindowsDue(await world.ref('acme'), 'contacts', starts);
    await store.makeWindowsDue(await world.ref('acme'), 'contacts', starts);
    const { candidates } = (await store.snapshot('acme'))!;
    expect(candidates.map(({ kind, startTime: at }) => [kind, at])).toEqual([
      ['resync', firstDay(user)],
      ['seal', startTime],
    ]);
    expect(await world.stored.resyncs.countDocuments()).toBe(1);
  });
});

describe('a removal', () => {
  test('goes in bounded steps that another process can take up, and ends with nothing of the user but its tokens', async () => {
    const { store } = await openCaughtUp();
    const other = await store.addUser(newUser('other'));
    await layWindows(store, other, firstDay(other));
    const theirs = await world.take(store, other);
    await store.commitTail(passOf(other, theirs), streamOf([record(1)]));
    const acme = await world.ref('acme');
    const many = records(1, 5_003).map(({ odooId }) => ({ userId: 'acme', odooId }));
    await world.db.collection('odoocontacts').insertMany(many);
    await world.db.collection('odooinvoices').insertMany(many.slice(0, 3));
    await store.requestResync(acme, { modules: ['contacts'], requestedBy: 'a test' });

    await expect(store.purgeStep(acme)).rejects.toThrow('not marked for removal');
    await store.beginRemoval(acme);
    await store.beginRemoval(acme);
    expect(await store.usersBeingRemoved()).toEqual([{ userKey: 'acme', life: acme.life }]);
    const steps = [await store.purgeStep(acme)];
    const resumed = await world.open();
    while (!steps.at(-1)?.done) steps.push(await resumed.purgeStep(acme));
    expect(steps).toEqual([
      { done: false, purged: 3, what: 'odooinvoices' },
      { done: false, purged: 2_000, what: 'odoocontacts' },
      { done: false, purged: 2_000, what: 'odoocontacts' },
      { done: false, purged: 1_003, what: 'odoocontacts' },
      { done: true, purged: 1, what: 'user' },
    ]);
    expect(await store.purgeStep(acme)).toEqual({ done: true, purged: 0, what: 'user' });
    expect(await store.usersBeingRemoved()).toEqual([]);

    const left: string[] = [];
    for (const { name } of await world.db.listCollections().toArray()) {
      if (await world.db.collection(name).findOne({ userId: 'acme' })) left.push(name);
    }
    expect(left.sort()).toEqual(['odoosyncfences', 'odoosynclanes']);
    expect(await store.countRecords(other, 'contacts')).toBe(1);
    expect(await store.report('other')).toMatchObject({ modules: [{ windows: { total: 1 } }, {}, {}, {}] });
  });

  test('that died behind its last write leaves no lane taken from a user made again', async () => {
    const { store } = await openCaughtUp();
    await store.beginRemoval(await world.ref('acme'));
    await world.stored.users.deleteOne({ _id: 'acme' });
    const again = await store.addUser(newUser());
    for (const module of MODULE_NAMES) {
      const lane = await world.take(store, again, module);
      await lane.giveBack({ end: 'noop', pages: 0, counts: null });
    }
  });

  test('of nobody is told', async () => {
    const store = await world.open();
    await expect(store.beginRemoval(NOBODY)).rejects.toThrow('there is no user nobody');
  });
});
