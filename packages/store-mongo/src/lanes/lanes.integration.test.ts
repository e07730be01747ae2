import { describe, expect, test } from '@jest/globals';
import {
  FencedOutError,
  type LaneGrant,
  type LanesGrant,
  type ModuleName,
  type TurnRef,
} from '@odoo-sync/core';
import {
  MongoWorld,
  NOBODY,
  newUser,
  passOf,
  RESULT,
  record,
  records,
  runningBatch,
  SUMMARY,
  streamOf,
  turnOf,
  until,
} from '../testing/mongoWorld.js';

const world = new MongoWorld();
/** Turns of the user who was added last. */
let A: TurnRef;
let B: TurnRef;
let TAIL: TurnRef;

const isTaken = (grant: LaneGrant): boolean => 'lane' in grant;
const laneOf = async (module: ModuleName = 'contacts') =>
  (await world.stored.lanes.findOne({ _id: 'acme' }))?.lanes[module];

async function open(settings: Parameters<MongoWorld['open']>[0] = {}) {
  const store = await world.open(settings);
  const user = await store.addUser(newUser());
  [A, B, TAIL] = [turnOf(user, 'one'), turnOf(user, 'two'), turnOf(user)];
  return { store, user };
}

describe('a lane', () => {
  test('goes to one of many takers', async () => {
    const { store, user } = await open({ userConcurrency: 4 });
    const other = await world.open({ userConcurrency: 4 });
    const takers = [store, other, store, other, store].map((by, n) =>
      by.takeLane(turnOf(user, `taker-${n}`), 'contacts'),
    );
    const grants = await Promise.all(takers);
    expect(grants.filter(isTaken)).toHaveLength(1);
    for (const grant of grants) {
      if ('busyForMs' in grant) expect(grant.busyForMs).toBeGreaterThan(0);
    }
  });

  test('of another module is not given while the user has no place left', async () => {
    const { store, user } = await open({ userConcurrency: 1 });
    const lane = await world.take(store, user, 'contacts', A);
    expect(await store.takeLane(B, 'invoices')).toEqual({ busyForMs: expect.any(Number) });
    await lane.giveBack(SUMMARY);
    await world.take(store, user, 'invoices', B);
    expect(isTaken(await store.takeLane(A, 'contacts'))).toBe(false);
  });

  test('two users, or two places, are not in each other’s way', async () => {
    const { store, user } = await open({ userConcurrency: 2 });
    await store.addUser(newUser('other'));
    await world.take(store, user, 'contacts', A);
    await world.take(store, user, 'invoices', B);
    expect(isTaken(await store.takeLane(B, 'employees'))).toBe(false);
    expect(isTaken(await store.takeLane(turnOf(await world.ref('other')), 'contacts'))).toBe(true);
  });

  test('of nobody is not given', async () => {
    const store = await world.open();
    expect(isTaken(await store.takeLane(turnOf(NOBODY), 'contacts'))).toBe(false);
  });

  test('that was given back is free at once, under a higher token, with its history written', async () => {
    const { store, user } = await open();
    const first = await world.take(store, user, 'contacts', A);
    const counts = { read: 3, inserted: 2, updated: 1, unchanged: 0 };
    await first.giveBack({ end: 'open', pages: 4, counts });
    const grant = await store.takeLane(B, 'contacts');
    expect(grant).toMatchObject({ expired: null, lane: { token: first.token + 1 } });
    const history = world.db.collection('odoosyncturns');
    await until('the history is there', async () => (await history.countDocuments()) === 1);
    expect(await history.find().toArray()).toEqual([
      expect.objectContaining({ doc: 'one', token: first.token, outcome: 'open', pages: 4, counts }),
    ]);
  });

  test('is kept past its lease by a holder that lives', async () => {
    const { store, user } = await open({ leaseMs: 200 });
    const lane = await world.take(store, user, 'contacts', A);
    const { expiresAt } = (await laneOf())!;
    await until('the lease has been renewed thrice over', async () => {
      expect(isTaken(await store.takeLane(B, 'contacts'))).toBe(false);
      return (await laneOf())!.expiresAt.getTime() > expiresAt.getTime() + 600;
    });
    expect(lane.lost.aborted).toBe(false);
    await lane.giveBack(SUMMARY);
  });

  test('given back late takes nothing from who has it now', async () => {
    const { store, user } = await open();
    const first = await world.take(store, user, 'contacts', A);
    await world.expire('acme', 'contacts');
    const second = await world.take(store, user, 'contacts', B);
    await first.giveBack(SUMMARY);
    expect(await laneOf()).toMatchObject({ token: second.token, holder: { doc: 'two' } });
    expect(await world.db.collection('odoosyncturns').countDocuments()).toBe(0);
  });
});

describe('the lanes of a tail', () => {
  const FOUR = ['saleOrders', 'invoices', 'contacts', 'employees'] as const;
  const modulesIn = (grant: LanesGrant) => ('lanes' in grant ? grant.lanes.map(({ module }) => module) : []);
  const history = () => world.db.collection('odoosyncturns').find().toArray();

  test('are taken and given back together, in one place, and only what is worth telling is', async () => {
    const { store } = await open({ userConcurrency: 2 });
    const grant = await store.takeLanes(TAIL, FOUR);
    expect(modulesIn(grant)).toEqual(FOUR);
    if (!('lanes' in grant)) return;
    expect(grant.expired).toEqual([]);
    for (const { module, token } of grant.lanes)
      expect(await world.stored.fences.findOne({ _id: `acme/${module}` })).toMatchObject({ token });
    expect(isTaken(await store.takeLane(B, 'contacts'))).toBe(false);
    await grant.giveBack(new Map([['invoices', { ...SUMMARY, end: 'failed' }]]));
    await until('the history is there', async () => (await history()).length > 0);
    expect(await history()).toEqual([
      expect.objectContaining({ module: 'invoices', doc: 'tail-acme', outcome: 'failed' }),
    ]);
    expect(isTaken(await store.takeLane(B, 'contacts'))).toBe(true);
    expect(modulesIn(await store.takeLanes(A, ['invoices']))).toEqual(['invoices']);
    expect(await store.takeLanes(TAIL, ['employees'])).toEqual({ busyForMs: expect.any(Number) });
  });

  test('leave out those that another turn has, and need a place', async () => {
    const { store, user } = await open({ userConcurrency: 2 });
    await world.take(store, user, 'contacts', A);
    expect(modulesIn(await store.takeLanes(TAIL, FOUR))).toEqual(['saleOrders', 'invoices', 'employees']);
    const alone = await world.open({ userConcurrency: 1 });
    const other = await store.addUser(newUser('other'));
    await world.take(alone, other);
    const grant = await alone.takeLanes(turnOf(other, 'a-tail'), FOUR);
    expect(grant).toEqual({ busyForMs: expect.any(Number) });
  });

  test('whose fence is locked are left out, and the others given', async () => {
    const { store } = await open();
    await world.raw.withSession(async (session) => {
      session.startTransaction();
      const fence = { _id: 'acme/invoices' };
      await world.stored.fences.updateOne(fence, { $inc: { commits: 1 } }, { session });
      const grant = await store.takeLanes(TAIL, FOUR);
      expect(modulesIn(grant)).toEqual(['saleOrders', 'contacts', 'employees']);
      await session.abortTransaction();
      if ('lanes' in grant) await grant.giveBack(new Map());
    });
    expect(modulesIn(await store.takeLanes(TAIL, FOUR))).toEqual(FOUR);
  });

  test('whose fence is ahead of the lease are given with the next try', async () => {
    const { store } = await open();
    await world.stored.fences.updateOne({ _id: 'acme/contacts' }, { $set: { token: 41 } });
    const grant = await store.takeLanes(TAIL, FOUR);
    expect(modulesIn(grant)).toEqual(['saleOrders', 'invoices', 'employees']);
    if ('lanes' in grant) await grant.giveBack(new Map());
    const again = await store.takeLanes(TAIL, FOUR);
    expect('lanes' in again && again.lanes[2]?.token).toBe(42);
  });

  test('are lost together: a tail that hangs can commit nothing where another turn came', async () => {
    const { store, user } = await open({ leaseMs: 2_000, userConcurrency: 2 });
    const grant = await store.takeLanes(TAIL, FOUR);
    if (!('lanes' in grant)) throw new Error('busy');
    await world.expire('acme', 'contacts');
    const next = await store.takeLane(B, 'contacts');
    expect(next).toMatchObject({ expired: { turnId: 'tail-acme', kind: 'tail' } });
    await until('the tail is told', () => grant.lanes.every(({ lost }) => lost.aborted));
    const late = () => streamOf([record(1)]);
    const [, , contacts] = grant.lanes;
    await expect(store.commitTail(passOf(user, contacts!), late())).rejects.toThrow(FencedOutError);
    await grant.giveBack(new Map([['contacts', SUMMARY]]));
    expect(await history()).toEqual([]);
    expect(await laneOf()).toMatchObject({ holder: { doc: 'two' } });
    // Its session may serve another turn from now on: no lane may name it.
    for (const module of FOUR)
      if (module !== 'contacts')
        expect(await laneOf(module)).toMatchObject({ holder: null, session: null, dead: [] });
  });

  test('of a dead tail name it once, and its session is killed before they are given', async () => {
    const { store } = await open();
    const dead = await store.takeLanes(TAIL, FOUR);
    if (!('lanes' in dead)) throw new Error('busy');
    for (const module of FOUR) await world.expire('acme', module);
    const grant = await store.takeLanes({ ...TAIL, release: 2 }, FOUR);
    expect(grant).toMatchObject({ expired: [{ turnId: 'tail-acme', release: 1 }] });
    if ('lanes' in grant) await grant.giveBack(new Map());
    expect(await laneOf('invoices')).toMatchObject({ holder: null, expired: null, dead: [], session: null });
  });

  test('of a dead turn stay known as its, with its session, when the taker could not raise the fence', async () => {
    const { store, user } = await open({ userConcurrency: 2 });
    const dead = await world.take(store, user, 'invoices', A);
    const { session, holder } = (await laneOf('invoices'))!;
    await world.expire('acme', 'invoices');
    await world.raw.withSession(async (locking) => {
      locking.startTransaction();
      const fence = { _id: 'acme/invoices' };
      await world.stored.fences.updateOne(fence, { $inc: { commits: 1 } }, { session: locking });
      const refused = await store.takeLane(B, 'invoices');
      await locking.abortTransaction();
      expect(isTaken(refused)).toBe(false);
    });
    expect(await laneOf('invoices')).toMatchObject({ session: null, holder, dead: [session] });
    const grant = await store.takeLane(B, 'invoices');
    expect(grant).toMatchObject({ expired: { turnId: 'one' }, lane: { token: dead.token + 2 } });
    if ('lane' in grant) await grant.lane.giveBack(SUMMARY);
    expect(await laneOf('invoices')).toMatchObject({ holder: null, dead: [] });
  });
});

describe('an expired lease', () => {
  test('is taken with a raised token, the turn that had it is named, and its holder is told', async () => {
    const { store, user } = await open({ leaseMs: 2_000 });
    const first = await world.take(store, user, 'contacts', A);
    expect(isTaken(await store.takeLane(B, 'contacts'))).toBe(false);
    await world.expire('acme', 'contacts');
    const grant = await store.takeLane(B, 'contacts');
    expect(grant).toMatchObject({ expired: { turnId: 'one', release: 1 }, lane: { token: first.token + 1 } });
    await until('the first holder is told', () => first.lost.aborted);
    expect(String(first.lost.reason)).toContain('was taken over');
  });

  test('is told to a holder that hears nothing from the store any more', async () => {
    await open();
    const { proxy, store } = await world.openBehindProxy({ leaseMs: 400 });
    const user = (await store.user('acme'))!;
    const lane = await world.take(store, user);
    proxy.onChunk = () => false;
    await until('the holder gives up', () => lane.lost.aborted, 3_000);
  });

  test('shuts its holder out: it cannot commit, and none of its records shows', async () => {
    const { store, user } = await open();
    const batch = await runningBatch(store, user);
    const turn = { ...A, kind: 'backfill' as const, turnId: batch._id };
    const first = await world.take(store, user, 'contacts', turn);
    await world.expire('acme', 'contacts');
    const second = await world.take(store, user, 'contacts', B);
    const late = streamOf(records(1, 5));
    const pass = passOf(user, first);
    await expect(store.commitBatch(pass, batch, { stream: late, pass: RESULT })).rejects.toThrow(
      FencedOutError,
    );
    await expect(store.commitTail(pass, late)).rejects.toThrow(FencedOutError);
    expect(await store.countRecords(user, 'contacts')).toBe(0);
    expect(await store.batch(batch._id)).toEqual(batch);
    await store.commitTail(passOf(user, second), late);
    expect(await store.countRecords(user, 'contacts')).toBe(5);
  });

  test('in the middle of a commit: the commit drops all that it had written', async () => {
    const { store, user } = await open();
    const first = await world.take(store, user, 'contacts', A);
    const stream = streamOf(records(1, 40), {
      chunk: 10,
      async onChunk(chunk, reading) {
        if (chunk !== 2 || reading !== 1) return;
        await world.expire('acme', 'contacts');
        await world.take(store, user, 'contacts', B);
      },
    });
    await expect(store.commitTail(passOf(user, first), stream)).rejects.toThrow(FencedOutError);
    expect(await world.stored.contacts.countDocuments()).toBe(0);
  });

  test("a dead worker's open transaction doesn't hold up who comes next", async () => {
    const { user } = await open();
    const { proxy, store: dying } = await world.openBehindProxy({ leaseMs: 500 });
    const first = await world.take(dying, user, 'contacts', A);
    // Its records are asked for behind the write on the fence, and never come.
    await new Promise<void>((locked) => {
      const stream = streamOf([record(1)], { onChunk: () => new Promise(() => locked()) });
      dying.commitTail(passOf(user, first), stream).catch(() => {});
    });
    proxy.onChunk = () => false;
    const store = await world.open({ leaseMs: 500 });
    let grant: LaneGrant | undefined;
    let began = 0;
    await until('the lane is taken', async () => {
      began = performance.now();
      grant = await store.takeLane(B, 'contacts');
      return isTaken(grant);
    });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(grant).toMatchObject({ expired: { turnId: 'one' }, lane: { token: first.token + 1 } });
    if (!grant || !('lane' in grant)) return;
    await store.commitTail(passOf(user, grant.lane), streamOf([record(1)]));
    await grant.lane.giveBack(SUMMARY);
  });
});

describe('a taker that comes late', () => {
  /** Takes the lane of a store whose fence is locked, while another turn takes it over. */
  async function lateTaker(other: () => Promise<void>) {
    const { store } = await open({ userConcurrency: 1 });
    await world.raw.withSession(async (session) => {
      session.startTransaction();
      await world.stored.fences.updateOne({ _id: 'acme/contacts' }, { $inc: { commits: 1 } }, { session });
      const late = store.takeLane(A, 'contacts');
      await until('it has the lease', async () => (await laneOf())?.holder?.doc === 'one');
      await other();
      expect(await late).toEqual({ busyForMs: 1_000 });
      await session.abortTransaction();
    });
  }

  test('gives back nothing of who has the lane now', async () => {
    const token = 7;
    const holder = { doc: 'two', release: 1, kind: 'backfill' };
    const path = 'lanes.contacts';
    await lateTaker(async () => {
      const set = { [`${path}.token`]: token, [`${path}.holder`]: holder, [`${path}.session`]: null };
      await world.stored.lanes.updateOne({ _id: 'acme' }, { $set: set } as object);
    });
    expect(await laneOf()).toMatchObject({ token, holder });
    expect((await laneOf())!.expiresAt.getTime()).toBeGreaterThan(Date.now());
  });

  test('gives back its own, under the name of who held it before', async () => {
    await lateTaker(async () => {});
    expect(await laneOf()).toMatchObject({ holder: null, session: null });
    expect((await laneOf())!.expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
  });
});

describe('the fence', () => {
  test('a lane whose fence is locked is not given, and is given when it is free', async () => {
    const { store, user } = await open();
    const fence = { _id: 'acme/contacts' };
    await world.raw.withSession(async (session) => {
      session.startTransaction();
      await world.stored.fences.updateOne(fence, { $inc: { commits: 1 } }, { session });
      const began = performance.now();
      expect(await store.takeLane(A, 'contacts')).toEqual({ busyForMs: 1_000 });
      expect(performance.now() - began).toBeLessThan(2_000);
      await session.abortTransaction();
    });
    const lane = await world.take(store, user, 'contacts', B);
    await store.commitTail(passOf(user, lane), streamOf([record(1)]));
    expect(await world.stored.fences.findOne(fence)).toMatchObject({ token: lane.token, commits: 1 });
  });

  test('goes on from its own token when the leases are behind it', async () => {
    const { store, user } = await open();
    await world.stored.fences.updateOne({ _id: 'acme/contacts' }, { $set: { token: 41 } });
    expect(isTaken(await store.takeLane(A, 'contacts'))).toBe(false);
    expect((await world.take(store, user, 'contacts', A)).token).toBe(42);
  });

  test('that carries a token already is not passed with it by another, as where an older backup came back', async () => {
    const { store, user } = await open();
    await world.stored.fences.updateOne({ _id: 'acme/contacts' }, { $set: { token: 1 } });
    expect(isTaken(await store.takeLane(A, 'contacts'))).toBe(false);
    expect((await world.take(store, user, 'contacts', A)).token).toBe(2);
  });

  test('is raised as soon as a removal begins: a holder that has not heard of it commits nothing', async () => {
    const { store, user } = await open();
    const holder = await world.take(store, user, 'contacts', A);
    await store.beginRemoval(user);
    expect(holder.lost.aborted).toBe(false);
    const commit = store.commitTail(passOf(user, holder), streamOf([record(1)]));
    await expect(commit).rejects.toThrow(FencedOutError);
    const fence = await world.stored.fences.findOne({ _id: 'acme/contacts' });
    expect(fence?.token).toBeGreaterThan(holder.token);
  });

  test('stays ahead of every old holder, though the user is removed and made again', async () => {
    const { store, user } = await open({ leaseMs: 1_000 });
    const old = await world.take(store, user, 'contacts', A);
    await store.beginRemoval(user);
    await until('it is told', () => old.lost.aborted, 6_000);
    expect(isTaken(await store.takeLane(B, 'contacts'))).toBe(false);
    while (!(await store.purgeStep(user)).done);
    expect(isTaken(await store.takeLane(B, 'contacts'))).toBe(false);
    const again = await store.addUser(newUser());
    const lane = await world.take(store, again);
    expect(lane.token).toBeGreaterThan(old.token + 1);
    await expect(store.commitTail(passOf(user, old), streamOf([record(1)]))).rejects.toThrow(FencedOutError);
    await store.commitTail(passOf(again, lane), streamOf([record(1)]));
    expect(await store.countRecords(again, 'contacts')).toBe(1);
  });
});
