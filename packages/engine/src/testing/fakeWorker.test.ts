import {
  allows,
  type Batch,
  batchIdOf,
  type ErrorRecord,
  jobIdOf,
  type LedgerStore,
  type TurnJob,
  type TurnRef,
  type UserRef,
} from '@odoo-sync/core';
import { advance } from '../dispatch/advance.js';
import { type Dispatch, jobOf } from '../dispatch/job.js';
import type { Actor } from './actors.test.js';
import type { HeldLane } from './fakeLanes.test.js';
import type { Author } from './fakeLedger.test.js';
import type { FakeQueue, Outcome } from './fakeQueue.test.js';
import { type Backend, ledgerSession } from './ledgerSession.test.js';
import { loadWorkItem, type WorkItem } from './subject.test.js';

/** How a turn goes once it has its lane and its worker doesn't die. */
export const ENDINGS = ['commit', 'inParts', 'fail', 'final', 'handBack', 'wait', 'withdraw'] as const;
export type Ending = (typeof ENDINGS)[number];

export interface Workshop extends Backend {
  readonly queue: FakeQueue;
  dispatch(actor: Actor): Dispatch;
}

interface Run {
  readonly shop: Workshop;
  readonly actor: Actor;
  readonly author: Author;
  readonly store: LedgerStore;
  readonly job: TurnJob;
  readonly ending: Ending;
}

const DONE: Outcome = { type: 'done' };
const WAIT_MS = 5_000;
const TAIL_PAUSE_MS = 10_000;

/** Runs the turn that a job carries as the worker does, to the order of its questions, then hands out the next ones. */
export async function runTurn(shop: Workshop, actor: Actor, job: TurnJob, ending: Ending): Promise<void> {
  const stale = shop.ledger.currentRelease(job) !== job.release;
  const author: Author = { turn: job, stale };
  const run: Run = { shop, actor, author, store: ledgerSession(shop, actor, author), job, ending };
  const outcome = job.kind === 'tail' ? await tailTurn(run) : await windowTurn(run);
  await advance(shop.dispatch(actor), job.userKey);
  await shop.actors.stop(actor);
  shop.queue.settle(actor, job, outcome);
}

/** When something of this user that fails now is tried again. */
const healing =
  ({ ledger }: Workshop, userKey: string) =>
  () =>
    new Date(ledger.odooNow(userKey).getTime() + ledger.settings.healMs);

/** The dead holder of a lane counts against its own window, in its own name. */
async function noteExpired({ shop, actor, author }: Run, expired: TurnRef): Promise<void> {
  if (expired.kind === 'tail') return;
  const store = ledgerSession(shop, actor, { ...author, turn: expired });
  await (await loadWorkItem(store, expired, healing(shop, expired.userKey)))?.expire();
}

async function windowTurn(run: Run): Promise<Outcome> {
  const { shop, actor, store, job } = run;
  const healAt = healing(shop, job.userKey);
  const known = await loadWorkItem(store, job, healAt);
  if (!known) return DONE;
  if (known.verdict) return known.verdict;
  const grant = await shop.lanes.take(actor, job, [known.module]);
  if ('busyForMs' in grant) return { type: 'delay', ms: grant.busyForMs };
  const [lane] = grant.lanes;
  if (!lane) throw new Error('a grant names no lane');
  try {
    for (const expired of grant.expired) await noteExpired(run, expired);
    const item = await (await loadWorkItem(store, job, healAt))?.expire();
    if (!item) return DONE;
    if (item.verdict) return item.verdict;
    const heldMs = await heldFor(store, job, shop.ledger.now);
    if (heldMs > 0) return { type: 'delay', ms: heldMs };
    const started = await item.event({ type: 'start' });
    return started ? await attempt(run, started, lane) : DONE;
  } finally {
    await shop.lanes.release(actor, grant.lanes);
  }
}

async function attempt(run: Run, item: WorkItem, lane: HeldLane): Promise<Outcome> {
  const { shop, actor, job, ending } = run;
  const { settings } = shop.ledger;
  const readStartedAt = shop.ledger.odooNow(job.userKey);
  await shop.actors.stop(actor);
  const fencedOut: Outcome = { type: 'delay', ms: 1_000 };
  if (ending === 'commit' || ending === 'inParts')
    return (await commit(run, item, lane, readStartedAt)) ? DONE : fencedOut;
  if (ending === 'handBack') {
    await item.event({ type: 'handBack', until: null });
    return { type: 'handBack' };
  }
  if (shop.lanes.lost(lane)) return fencedOut;
  const now = shop.ledger.now();
  const error: ErrorRecord = { kind: 'transient', message: `a ${ending}`, at: new Date(now) };
  if (ending === 'wait') {
    const until = new Date(now + WAIT_MS);
    await run.store.noteSyncState(job, { holdUntil: until });
    await item.event({ type: 'handBack', until, error });
    return { type: 'delay', ms: WAIT_MS };
  }
  if (ending === 'withdraw') {
    await item.event({ type: 'withdraw', error });
    return DONE;
  }
  const backoffMs = settings.backoffMs * 2 ** item.attempts;
  const retryAt = new Date(now + backoffMs);
  const next = await item.event({ type: 'fail', error, retryAt, final: ending === 'final' });
  if (next?.status === 'queued') return { type: 'retry', backoffMs: 0.75 * backoffMs };
  return next?.status === 'failed' ? { type: 'fail' } : DONE;
}

/** How long nothing of this user may run yet. */
async function heldFor(store: LedgerStore, user: UserRef, now: () => number): Promise<number> {
  return ((await store.syncState(user))?.holdUntil?.getTime() ?? 0) - now();
}

/** @returns false when the lane's fence or the document has moved on: then nothing of this pass is visible. */
async function commit(run: Run, item: WorkItem, lane: HeldLane, readStartedAt: Date): Promise<boolean> {
  const { shop, actor, author, job, ending } = run;
  const { ledger, lanes } = shop;
  const sealableAt = item.startTime.getTime() + 86_400_000 + ledger.settings.settleMs;
  const pass = {
    readStartedAt,
    seals: readStartedAt.getTime() >= sealableAt,
    sealDueAt: new Date(sealableAt + 2_000),
    counts: { read: 1, inserted: 1, updated: 0, unchanged: 0 },
    pages: 1,
    unreadable: [],
    durationMs: 1,
  };
  if (item.resync) {
    await shop.actors.stop(actor);
    if (!lanes.fenceHolds(lane)) return false;
    if (!ledger.resyncEvent(author, item.resync, { type: 'windowDone' })) return false;
    const batch = ledger.batches.get(batchIdOf(job.userKey, item.module, item.startTime));
    if (!batch || !allows(batch, 'makeGood')) return true;
    ledger.batchEvent(author, batch, { type: 'makeGood', pass });
    await shop.dispatch(actor).jobQueue.remove(jobIdOf(batch._id, batch.release));
    return true;
  }
  let from: Batch | null = item.batch;
  const events =
    ending === 'inParts' ? (['commitPart', 'commitPart', 'commit'] as const) : ['commit' as const];
  for (const type of events) {
    await shop.actors.stop(actor);
    if (!from || !lanes.fenceHolds(lane) || !allows(from, type)) return false;
    from = ledger.batchEvent(author, from, type === 'commit' ? { type, pass } : { type });
  }
  return from !== null;
}

async function tailTurn(run: Run): Promise<Outcome> {
  const { shop, actor, store, job, ending } = run;
  const { release } = job;
  if ((await store.syncState(job))?.tail.release !== release) return DONE;
  const heldMs = await heldFor(store, job, shop.ledger.now);
  if (heldMs > 0) return { type: 'delay', ms: heldMs };
  if (!(await store.tailStart(job, release))) return DONE;
  const grant = await shop.lanes.take(actor, job, shop.ledger.modules);
  if ('busyForMs' in grant) {
    await store.tailHandBack(job, release);
    return { type: 'delay', ms: grant.busyForMs };
  }
  let error: ErrorRecord | null = null;
  try {
    for (const expired of grant.expired) await noteExpired(run, expired);
    for (const lane of grant.lanes) {
      await shop.actors.stop(actor);
      if (ending === 'handBack') {
        await store.tailHandBack(job, release);
        return { type: 'handBack' };
      }
      if (ending === 'fail' || !shop.lanes.fenceHolds(lane))
        error = { kind: 'transient', message: 'a tail failed', at: new Date(shop.ledger.now()) };
      if (error) break;
    }
  } finally {
    await shop.lanes.release(actor, grant.lanes);
  }
  const end = {
    pauseMs: TAIL_PAUSE_MS,
    waitMs: 0,
    changed: false,
    error,
    passes: new Map(),
    missed: error
      ? []
      : shop.ledger.modules.filter((name) => !grant.lanes.some(({ module }) => module === name)),
    odooNow: null,
    clockOffMs: null,
  };
  const next = await store.tailEnd(job, release, end);
  if (next) await shop.dispatch(actor).jobQueue.add(jobOf(next, 1, next.delayMs));
  return DONE;
}
