import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import {
  type Batch,
  FencedOutError,
  FIRST_ROTA,
  MODULE_NAMES,
  odooTime,
  storeTime,
  type User,
  windowOf,
} from '@odoo-sync/core';
import { COLLECTIONS } from '../collections.js';
import type { MongoStore } from '../openStore.js';
import {
  firstDay,
  layWindows,
  MongoWorld,
  newUser,
  passOf,
  RESULT,
  record,
  SUMMARY,
  streamOf,
  TAIL_END,
  turnOf,
} from '../testing/mongoWorld.js';

const world = new MongoWorld();
const ELSEWHERE = { url: 'https://globex.example', db: 'globex' };
const AT = storeTime(new Date('2026-11-24T00:30:00Z'));

async function remove(store: MongoStore, user: User): Promise<void> {
  await store.beginRemoval(user);
  while (!(await store.purgeStep(user)).done);
}

/** Everything that is stored, for a comparison; but the history of turns, whose writes nobody waits for. */
async function everything(): Promise<unknown> {
  const { turns, ...others } = COLLECTIONS;
  const names = [...Object.values(others), 'odoocontacts'];
  const all = names.map((name) => world.db.collection(name).find().sort({ _id: 1 }).toArray());
  return Promise.all(all);
}

/** A user who was removed in the middle of its work and added again elsewhere, with what a turn of its first life still holds. */
async function twoLives() {
  const store = await world.open({ userConcurrency: 4 });
  const first = await world.runningWindow(store);
  await store.noteSchema(first.lane, first.pass, {});
  const resync = await store.requestResync(first.user, { modules: ['contacts'], requestedBy: 'test' });
  await remove(store, first.user);
  const second = await store.addUser(newUser('acme', { address: ELSEWHERE }));
  await layWindows(store, second, firstDay(second));
  const grant = await store.takeLane(turnOf(second), 'contacts');
  if (!('lane' in grant)) throw new Error("the new life's lane is taken");
  const scope = passOf(second, grant.lane);
  await store.noteSchema(grant.lane, { ...scope, retired: ['fax'] }, {});
  await store.commitTail(scope, streamOf([record(1), record(2)]));
  await grant.lane.giveBack(SUMMARY);
  const plan = await store.syncState(second);
  if (!plan) throw new Error('the new life has no plan');
  return { store, first, resync, second, plan };
}

type Lives = Awaited<ReturnType<typeof twoLives>>;

/** As the second life's own document reads, in the name of the first. */
async function batchInFirstName({ store, first, second }: Lives): Promise<Batch> {
  const batch = await store.batch(`acme.contacts.${firstDay(second).toISOString().slice(0, 10)}`);
  if (!batch) throw new Error('the second life has no window');
  return { ...batch, life: first.user.life };
}

const refused = Symbol('refused');
const fenced = Symbol('fenced');

/** What a process can still do in the name of a life that has ended, with the numbers of the life that goes on. */
const LATE: readonly [string, (lives: Lives) => Promise<unknown>, unknown][] = [
  ['its removal', ({ store, first }) => store.beginRemoval(first.user), refused],
  ['its purge', ({ store, first }) => store.purgeStep(first.user), { done: true, purged: 0, what: 'user' }],
  ['reading credentials', ({ store, first }) => store.credentials(first.user), refused],
  [
    'new credentials',
    ({ store, first }) =>
      store.setCredentials(first.user, { kind: 'apiKey', login: 'a', secret: 'the first life’s' }),
    refused,
  ],
  ['a wider range', ({ store, first }) => store.widenUser(first.user, 'all'), refused],
  [
    'a verdict on its credentials',
    ({ store, first, second }) =>
      store.needsAttention(
        { ...first.user, credentialVersion: second.credentialVersion },
        { kind: 'credentials', message: 'rejected', at: AT },
        AT,
      ),
    undefined,
  ],
  ['a probe that worked', ({ store, first }) => store.restoreUser(first.user), undefined],
  ['being due', ({ store, first }) => store.makeUserDue(first.user), undefined],
  ['reading its plan', ({ store, first }) => store.syncState(first.user), null],
  ['a tail that starts', ({ store, first, plan }) => store.tailStart(first.user, plan.tail.release), false],
  [
    'a tail that ends',
    ({ store, first, plan }) => store.tailEnd(first.user, plan.tail.release, TAIL_END),
    null,
  ],
  ['a tail put again', ({ store, first, plan }) => store.tailReissue(first.user, plan.tail.release), null],
  [
    'a tail handed back',
    ({ store, first, plan }) => store.tailHandBack(first.user, plan.tail.release),
    undefined,
  ],
  [
    'a release',
    ({ store, first, plan }) =>
      store.release(first.user, {
        rev: plan.rev,
        ...{ tail: true, round: [] },
        rota: FIRST_ROTA,
        idleUntil: null,
        nextTurnAt: AT,
        at: AT,
      }),
    null,
  ],
  [
    'a note of when to look again',
    ({ store, first, plan }) =>
      store.release(first.user, {
        rev: plan.rev,
        ...{ tail: false, round: [] },
        rota: FIRST_ROTA,
        idleUntil: null,
        nextTurnAt: AT,
        at: AT,
      }),
    null,
  ],
  [
    'windows that begin',
    ({ store, first }) => store.extendTiling(first.user, odooTime(new Date(Date.now() + 3 * 86_400_000))),
    undefined,
  ],
  ['a pace', ({ store, first }) => store.noteSyncState(first.user, { paceMs: 9 }), undefined],
  ['a pace for all', ({ store, first }) => store.noteSource(first.user, { paceMs: 9 }), undefined],
  ['a connection fault', ({ store, first }) => store.noteFault(first.user), null],
  ['an answer', ({ store, first }) => store.noteAnswer(first.user), null],
  [
    'a clock',
    ({ store, first }) => store.noteClock(first.user, odooTime(new Date(Date.now() + 60_000))),
    undefined,
  ],
  [
    'windows that differ',
    ({ store, first, second }) =>
      store.makeWindowsDue(first.user, 'contacts', [firstDay(second), windowOf(new Date()).start]),
    undefined,
  ],
  [
    'a resync',
    ({ store, first }) => store.requestResync(first.user, { modules: ['contacts'], requestedBy: 'test' }),
    refused,
  ],
  ['its resync', ({ store, resync }) => store.resyncEvent(resync, { type: 'release', at: AT }), null],
  [
    'a batch',
    async (lives) => lives.store.batchEvent(await batchInFirstName(lives), { type: 'release', at: AT }),
    null,
  ],
  [
    'a turn put again',
    async (lives) => {
      const { _id: doc, module, startTime, release } = await batchInFirstName(lives);
      const turn = {
        ...turnOf(lives.first.user, doc),
        kind: 'backfill',
        module,
        startTime,
        release,
      } as const;
      return lives.store.reissue({ ...turn, status: 'queued', readyAt: AT, attempts: 0 });
    },
    null,
  ],
  [
    'a lane',
    ({ store, first }) => store.takeLane(turnOf(first.user), 'contacts'),
    { busyForMs: expect.any(Number) },
  ],
  [
    'all lanes',
    ({ store, first }) => store.takeLanes(turnOf(first.user), MODULE_NAMES),
    { busyForMs: expect.any(Number) },
  ],
  [
    'what it learned of a module',
    ({ store, first }) => store.noteModule(first.lane, { surveyTries: 2 }),
    fenced,
  ],
  [
    'what is read of a module',
    ({ store, first: { lane, pass } }) => store.noteSchema(lane, pass, { dropped: ['late'] }),
    fenced,
  ],
  [
    'windows sealed by its survey',
    ({ store, first, second }) => {
      const tiling = { range: 7, from: firstDay(second), until: odooTime(windowOf(new Date()).end) };
      const empty = [{ start: tiling.from, end: tiling.until }];
      return store.createWindows(first.lane, null, {
        tiling,
        toRead: [],
        empty,
        surveyedAt: odooTime(AT),
        records: 0,
      });
    },
    false,
  ],
  [
    'its window',
    ({ store, first }) =>
      store.commitBatch(first.pass, first.batch, { stream: streamOf([record(1), record(9)]), pass: RESULT }),
    fenced,
  ],
  ['its tail', ({ store, first }) => store.commitTail(first.pass, streamOf([record(1), record(9)])), fenced],
  ['its lane given back', ({ first }) => first.lane.giveBack(SUMMARY), undefined],
];

describe('a user who was removed and added again', () => {
  test.each(LATE)('is not reached by an earlier life: %s', async (_, act, expected) => {
    const lives = await twoLives();
    const before = await everything();
    const came = await act(lives).catch((error: unknown) => {
      if (error instanceof FencedOutError) return fenced;
      if ((error as { kind?: unknown }).kind === 'conflict') return refused;
      throw error;
    });
    expect(came).toEqual(expected);
    expect(await everything()).toEqual(before);
  });

  test('has a life of its own, and release numbers of its own', async () => {
    const { first, second, plan } = await twoLives();
    expect(second.life).not.toBe(first.user.life);
    expect(plan.tail.release).toBeGreaterThanOrEqual(1_000_000);
    for (const stored of [world.stored.users, world.stored.plans, world.stored.lanes])
      expect(await stored.findOne({ _id: 'acme' } as object)).toMatchObject({ life: second.life });
    expect(await world.stored.batches.distinct('life')).toEqual([second.life]);
    expect(await world.stored.schemas.distinct('life')).toEqual([second.life]);
  });
});

describe('adding', () => {
  test('of several at once, one makes the user and the others touch nothing of it', async () => {
    const store = await world.open();
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) =>
        store.addUser(newUser('acme', { address: { url: `https://odoo${n}.example`, db: 'db' } })),
      ),
    );
    const added = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(added).toHaveLength(1);
    for (const one of tries)
      if (one.status === 'rejected') expect(String(one.reason)).toContain('exists already');
    const [user] = added as [User];
    expect(await store.user('acme')).toEqual(user);
    expect(await store.snapshot('acme')).toMatchObject({ user: { life: user.life } });
    expect(await world.stored.plans.findOne({ _id: 'acme' })).toMatchObject({
      life: user.life,
      source: `${user.address.url}/?db=db`,
    });
    expect(await store.takeLane(turnOf(user), 'contacts')).toHaveProperty('lane');
  });

  test('that is refused leaves the living user as it was', async () => {
    const store = await world.open();
    const { user } = await world.runningWindow(store);
    const before = await everything();
    await expect(store.addUser(newUser('acme', { address: ELSEWHERE }))).rejects.toThrow('exists already');
    await store.beginRemoval(user);
    const removing = await everything();
    await expect(store.addUser(newUser('acme'))).rejects.toThrow('is being removed');
    expect(await everything()).toEqual(removing);
    expect(removing).not.toEqual(before);
  });

  test('that is cut off leaves nothing behind', async () => {
    const { proxy, store } = await world.openBehindProxy();
    proxy.onChunk = (chunk) => {
      // In the middle of its transaction the connection goes, each time.
      const cut = chunk.includes(COLLECTIONS.fences);
      if (cut) proxy.drop();
      return !cut;
    };
    await expect(store.addUser(newUser('acme'))).rejects.toThrow();
    proxy.onChunk = undefined;
    expect(await world.stored.users.countDocuments()).toBe(0);
    expect(await world.stored.plans.countDocuments()).toBe(0);
  });
});

test('lanes that somebody has deleted are made again, with tokens above those that were given', async () => {
  const store = await world.open();
  const { user, lane } = await world.runningWindow(store);
  await lane.giveBack(SUMMARY);
  await world.stored.lanes.deleteOne({ _id: 'acme' });
  let token = 0;
  for (let tries = 0; tries < 5 && token === 0; tries++) {
    const grant = await store.takeLane(turnOf(user), 'contacts');
    if ('lane' in grant) token = grant.lane.token;
  }
  expect(token).toBeGreaterThan(lane.token);
  expect(world.logged.map(({ message }) => message)).toContain(
    "a user's lanes were gone: they are made again",
  );
});

test('users of a version without lives are given one, and plans that it left without a user go', async () => {
  const before = await world.open();
  const user = await before.addUser(newUser());
  await layWindows(before, user, firstDay(user));
  await before.requestResync(user, { modules: ['contacts'], requestedBy: 'test' });
  const { users, plans, lanes, batches, resyncs } = world.stored;
  for (const collection of [users, plans, lanes, batches, resyncs])
    await collection.updateMany({}, { $unset: { life: true } });
  const [left] = await plans.find().toArray();
  if (left) await plans.insertOne({ ...left, _id: 'left' });
  const [one, other] = await Promise.all([world.open(), world.open()]);
  const given = await one.user('acme');
  expect(given?.life).toMatch(/^since-\d+$/);
  expect(await other.user('acme')).toEqual(given);
  for (const collection of [users, plans, lanes, batches, resyncs])
    expect(await collection.distinct('life')).toEqual([given?.life]);
  expect(await plans.countDocuments()).toBe(1);
  expect(await one.snapshot('acme')).not.toBeNull();
});

describe('two hundred removals and additions', () => {
  test('lose no user, and leave nothing of an earlier life, while others go on with removals by old lists', async () => {
    const store = await world.open();
    const users = new Map<string, User>();
    let ended = false;
    /** A scheduler that works through a list which is old by the time that it comes to its end. */
    const goOn = async () => {
      while (!ended) {
        await pause(20);
        for (const user of await store.usersBeingRemoved()) {
          try {
            await store.beginRemoval(user);
            await store.purgeStep(user);
          } catch (error) {
            // Its own life has ended meanwhile, by another's doing.
            if ((error as { kind?: unknown }).kind !== 'conflict') throw error;
          }
        }
      }
    };
    const live = async (id: string, rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        const address = round % 2 === 0 ? ELSEWHERE : newUser().address;
        const user = await store.addUser(newUser(id, { address }));
        await layWindows(store, user, firstDay(user));
        const grant = await store.takeLane(turnOf(user), 'contacts');
        if (!('lane' in grant)) throw new Error(`the lane of ${id} is taken`);
        await store.commitTail(passOf(user, grant.lane), streamOf([record(round + 1)]));
        await grant.lane.giveBack(SUMMARY);
        users.set(id, user);
        if (round < rounds - 1) await remove(store, user);
      }
    };
    const stale = Promise.all([goOn(), goOn()]);
    const ids = Array.from({ length: 8 }, (_, n) => `user${n}`);
    await Promise.all(ids.map((id) => live(id, 26)));
    ended = true;
    await stale;
    expect(await world.stored.users.distinct('_id')).toEqual(ids);
    for (const [id, user] of users) {
      expect(await store.snapshot(id)).toMatchObject({ user: { life: user.life, standing: 'active' } });
      const mine = { userId: id } as object;
      expect(await world.stored.contacts.distinct('odooId', mine)).toEqual([26]);
      expect(await world.stored.batches.distinct('life', { userKey: id })).toEqual([user.life]);
    }
  }, 180_000);
});
