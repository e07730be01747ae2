import { expect } from '@jest/globals';
import { type Batch, FIRST_ROTA, MODULE_NAMES, odooTime } from '@odoo-sync/core';
import { failedBatch, layWindows, planOf, queuedBatch, runningBatch } from './batches.js';
import type { Begin } from './contracted.js';
import {
  dayAfter,
  ERROR,
  firstDay,
  LATER,
  PASS,
  record,
  SUMMARY,
  scopeOf,
  stateOf,
  streamOf,
  TAIL_END,
  take,
  turnOf,
} from './fixtures.js';
import { schemaWith } from './schemas.js';

export const RECORDS = [record(1), record(2)];
export const FENCED = Symbol('fenced');
export const BUSY = { busyForMs: expect.any(Number) };

/** A user who was removed in the middle of its work and added again, with what a turn of its first life still holds. */
export async function twoLives(begin: Begin) {
  const stage = await begin({ userConcurrency: 4 });
  const { store, user } = stage;
  await layWindows(store, user, 2);
  const running = await runningBatch(store, user);
  const lane = await take(store, turnOf(user, running._id), 'contacts');
  await store.noteSchema(lane, schemaWith('id'), {});
  const range = { from: firstDay(user), to: dayAfter(firstDay(user)) };
  const resync = await stage.requestResync(user, { modules: ['contacts'], ...range });
  await stage.endLife(user);
  const second = await stage.addUser('acme');
  await layWindows(store, second, 2);
  const described = await take(store, turnOf(second), 'contacts');
  await store.noteSchema(described, schemaWith('id', 'name'), {});
  await described.giveBack(SUMMARY);
  // As the second life's own documents read, in the name of the first.
  const failed: Batch = { ...(await failedBatch(store, second)), life: user.life };
  const queued: Batch = { ...(await queuedBatch(store, second, 1)), life: user.life };
  // Its tail runs, and its Odoo has failed once: an act of the first life could end both.
  const at = await store.now();
  const tails = { tail: true, round: [], rota: FIRST_ROTA, idleUntil: null, nextTurnAt: LATER };
  await store.release(second, { rev: (await stateOf(store, second)).rev, at, ...tails });
  await store.tailStart(second, (await stateOf(store, second)).tail.release);
  await store.noteFault(second);
  const { rev, tail } = await stateOf(store, second);
  const held = { lane, running, resync, failed, queued, scope: scopeOf(user, lane) };
  return { store, user, second, rev, tail: tail.release, held };
}

export type Lives = Awaited<ReturnType<typeof twoLives>>;

type Late = readonly [string, (lives: Lives) => Promise<unknown>, unknown];

const release = ({ store, user, rev }: Lives) =>
  store.release(user, {
    rev,
    tail: false,
    round: [],
    rota: FIRST_ROTA,
    idleUntil: null,
    nextTurnAt: LATER,
    at: LATER,
  });
const reissued = ({ user, held: { queued } }: Lives) => ({
  ...turnOf(user, queued._id, queued.release),
  ...{ module: queued.module, startTime: queued.startTime },
  ...({ status: 'queued', readyAt: LATER, attempts: 0 } as const),
});

/** What a process can still do in the name of a life that has ended, with the numbers of the life that goes on. */
export const LATE: readonly Late[] = [
  [
    'a verdict on its credentials',
    ({ store, user, second: { credentialVersion } }) =>
      store.needsAttention({ ...user, credentialVersion }, ERROR, LATER),
    undefined,
  ],
  ['a probe that worked', ({ store, user }) => store.restoreUser(user), undefined],
  ['being due', ({ store, user }) => store.makeUserDue(user), undefined],
  ['a look at its window', ({ store, held }) => store.windowView(turnOf(held.lane, held.running._id)), null],
  ['reading its sync state', ({ store, user }) => store.syncState(user), null],
  ['reading a schema', ({ store, user }) => store.schema(user, 'contacts'), null],
  ['a tail that starts', ({ store, user, tail }) => store.tailStart(user, tail), false],
  ['a tail that ends', ({ store, user, tail }) => store.tailEnd(user, tail, TAIL_END), null],
  ['a tail put again', ({ store, user, tail }) => store.tailReissue(user, tail), null],
  ['a tail handed back', ({ store, user, tail }) => store.tailHandBack(user, tail), undefined],
  ['a release', (lives) => release(lives), null],
  [
    'windows that begin',
    ({ store, user }) => store.extendTiling(user, dayAfter(firstDay(user), 6)),
    undefined,
  ],
  ['a pace', ({ store, user }) => store.noteSyncState(user, { paceMs: 9 }), undefined],
  ['a pace for all', ({ store, user }) => store.noteSource(user, { paceMs: 9 }), undefined],
  ['a connection fault', ({ store, user }) => store.noteFault(user), null],
  ['an answer', ({ store, user }) => store.noteAnswer(user), null],
  [
    'a clock',
    ({ store, user }) => store.noteClock(user, odooTime(user.connectedAt.getTime() + 60_000)),
    undefined,
  ],
  [
    'windows that differ',
    ({ store, user, second }) =>
      store.makeWindowsDue(user, 'contacts', [firstDay(second), dayAfter(firstDay(second))]),
    undefined,
  ],
  ['its resync', ({ store, held }) => store.resyncEvent(held.resync, { type: 'release', at: LATER }), null],
  [
    'its failed window',
    ({ store, held }) => store.batchEvent(held.failed, { type: 'release', at: LATER }),
    null,
  ],
  ['its window', ({ store, held }) => store.batchEvent(held.queued, { type: 'start' }), null],
  ['a turn put again', (lives) => lives.store.reissue(reissued(lives)), null],
  ['a lane', ({ store, user }) => store.takeLane(turnOf(user), 'contacts'), BUSY],
  ['all lanes', ({ store, user }) => store.takeLanes(turnOf(user), MODULE_NAMES), BUSY],
  [
    'what it learned of a module',
    ({ store, held }) => store.noteModule(held.lane, { surveyTries: 2 }),
    FENCED,
  ],
  [
    'what is read of a module',
    ({ store, held }) => store.noteSchema(held.lane, schemaWith('id', 'old'), { wanted: 'old' }),
    FENCED,
  ],
  [
    'windows that a survey found',
    ({ store, second, held }) => store.createWindows(held.lane, null, planOf(second, 3)),
    false,
  ],
  [
    'its records',
    ({ store, held }) =>
      store.commitBatch(held.scope, held.running, { stream: streamOf(RECORDS), pass: PASS }),
    FENCED,
  ],
  [
    'a window without a record',
    ({ store, held }) => store.commitBatch(held.scope, held.running, { stream: streamOf([]), pass: PASS }),
    FENCED,
  ],
  [
    "its resync's records",
    ({ store, held: { scope, resync, running } }) =>
      store.commitResync(scope, { resync, batchId: running._id }, { stream: streamOf(RECORDS), pass: PASS }),
    FENCED,
  ],
  ["its tail's records", ({ store, held }) => store.commitTail(held.scope, streamOf(RECORDS)), FENCED],
  [
    'its lane given back',
    ({ held }) => held.lane.giveBack({ end: 'succeeded', pages: 1, counts: null }),
    undefined,
  ],
];
