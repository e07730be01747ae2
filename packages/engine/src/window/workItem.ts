import {
  type Batch,
  batchIdOf,
  type CommitResult,
  type EarlyWrite,
  type ErrorRecord,
  isOfLife,
  type ModuleName,
  type PassResult,
  type RecordStream,
  type Resync,
  resyncWindowAt,
  type Store,
  type TurnHolder,
  type UserRef,
  WINDOW_MS,
  type Window,
  type WriteScope,
} from '@odoo-sync/core';
import type { Engine } from '../turn/engine.js';

/** What a window turn is about: a batch, or a resync at its position. Null answers mean that the ledger has moved on. */
export interface WorkItem {
  readonly of: 'batch' | 'resync';
  readonly turnId: string;
  readonly module: ModuleName;
  readonly window: Window;
  readonly attempts: number;
  readonly expiries: number;
  /** Not to be run: what its job should end with. */
  readonly verdict: { readonly done: string } | { readonly failed: ErrorRecord } | null;
  /** Its worker died: it counts, and may fail it. */
  expire(): Promise<WorkItem | null>;
  start(): Promise<WorkItem | null>;
  commit(
    pass: WriteScope,
    stream: RecordStream,
    result: Omit<PassResult, 'counts'>,
    early: EarlyWrite,
  ): Promise<CommitResult>;
  handBack(until: Date | null, error?: ErrorRecord): Promise<void>;
  withdraw(error: ErrorRecord): Promise<void>;
  /** Uses an attempt, all of them where it is `final`. @returns whether there is another; null where the ledger has moved on (a resync, to its next window). */
  fail(error: ErrorRecord, retryAt: Date, final: boolean): Promise<'again' | 'over' | null>;
}

/**
 * The item of a release, as the ledger has it now; null when that release isn't the current one, or isn't of this user's
 * present life: a job made by hand must not run one user's turn in another's lane.
 */
export async function loadWorkItem(
  engine: Engine,
  user: UserRef,
  { kind, turnId, release }: Pick<TurnHolder, 'kind' | 'turnId' | 'release'>,
): Promise<WorkItem | null> {
  const isCurrent = (found: UserRef & { readonly release: number }) =>
    isOfLife(found, user) && found.release === release;
  if (kind === 'resync') {
    const resync = await engine.store.resync(turnId);
    return resync && isCurrent(resync) ? resyncItem(engine, resync) : null;
  }
  const batch = await engine.store.batch(turnId);
  return batch && isCurrent(batch) ? batchItem(engine, batch) : null;
}

function batchItem(engine: Engine, batch: Batch): WorkItem {
  const { store, settings } = engine;
  const healAt = async () => new Date((await odooNow(store, batch)).getTime() + settings.healMs);
  const wrap = (next: Batch | null) => next && batchItem(engine, next);
  /**
   * The parts of a commit move the batch on, so the end of an attempt starts from what stands there. Whoever takes the
   * lane from a worker that was thought dead counts its expiry first: then the batch is theirs, and this attempt says nothing.
   */
  const current = async () => {
    const now = await store.batch(batch._id);
    const ours =
      now?.release === batch.release && now.expiries === batch.expiries && now.attempts === batch.attempts;
    return ours ? now : null;
  };
  return {
    of: 'batch',
    turnId: batch._id,
    module: batch.module,
    window: { start: batch.startTime, end: batch.endTime },
    attempts: batch.attempts,
    expiries: batch.expiries,
    verdict: batchVerdict(batch),
    async expire() {
      if (batch.status !== 'running' && batch.status !== 'committing') return this;
      return wrap(await store.batchEvent(batch, { type: 'expire', at: new Date(), healAt: await healAt() }));
    },
    start: async () => wrap(await store.batchEvent(batch, { type: 'start' })),
    commit: (pass, stream, result, early) => store.commitBatch(pass, batch, stream, result, early),
    async handBack(until, error) {
      const now = await current();
      if (now) await store.batchEvent(now, { type: 'handBack', until, ...(error ? { error } : {}) });
    },
    async withdraw(error) {
      const now = await current();
      if (now) await store.batchEvent(now, { type: 'withdraw', error });
    },
    async fail(error, retryAt, final) {
      const now = await current();
      const next =
        now && (await store.batchEvent(now, { type: 'fail', error, retryAt, healAt: await healAt(), final }));
      return next && (next.status === 'failed' ? 'over' : 'again');
    },
  };
}

function batchVerdict(batch: Batch): WorkItem['verdict'] {
  if (batch.status === 'failed') return { failed: batch.lastError ?? UNKNOWN_ERROR };
  if (batch.status === 'succeeded' || batch.status === 'open') return { done: `already ${batch.status}` };
  return batch.status === 'pending' ? { done: 'withdrawn' } : null;
}

const UNKNOWN_ERROR: ErrorRecord = { kind: 'bug', message: 'failed without an error', at: new Date(0) };

function resyncItem(engine: Engine, resync: Resync): WorkItem | null {
  const { store, jobQueue } = engine;
  const failed = resync.status === 'failed';
  const place = resyncWindowAt(resync, failed ? resync.total - 1 : resync.position);
  if (!place) return null;
  const wrap = (next: Resync | null) => next && resyncItem(engine, next);
  return {
    of: 'resync',
    turnId: resync._id,
    module: place.module,
    window: { start: place.startTime, end: new Date(place.startTime.getTime() + WINDOW_MS) },
    attempts: resync.attempts,
    expiries: resync.expiries,
    verdict: failed
      ? { failed: resync.lastError ?? UNKNOWN_ERROR }
      : resync.status === 'queued' || resync.status === 'running'
        ? null
        : { done: resync.status },
    async expire() {
      if (resync.status !== 'running') return this;
      return wrap(await store.resyncEvent(resync, { type: 'expire', at: new Date() }));
    },
    start: async () => wrap(await store.resyncEvent(resync, { type: 'start' })),
    async commit(pass, stream, result, early) {
      const batchId = batchIdOf(resync.userKey, place.module, place.startTime);
      const { madeGood, ...committed } = await store.commitResync(
        pass,
        resync,
        batchId,
        stream,
        result,
        early,
      );
      if (madeGood) await jobQueue.remove(madeGood);
      return committed;
    },
    async handBack(until, error) {
      await store.resyncEvent(resync, { type: 'handBack', until, ...(error ? { error } : {}) });
    },
    async withdraw(error) {
      await store.resyncEvent(resync, { type: 'withdraw', error });
    },
    async fail(error, retryAt, final) {
      const next = await store.resyncEvent(resync, { type: 'fail', error, retryAt, final });
      if (next?.status === 'queued') return 'again';
      return next?.status === 'failed' ? 'over' : null;
    },
  };
}

async function odooNow(store: Store, user: UserRef): Promise<Date> {
  const [now, plan] = await Promise.all([store.now(), store.syncState(user)]);
  return new Date(now.getTime() + (plan?.skewMs ?? 0));
}
