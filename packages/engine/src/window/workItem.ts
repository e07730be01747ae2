import {
  type Batch,
  batchIdOf,
  type CommitResult,
  isOfLife,
  later,
  type OdooTime,
  type Resync,
  resyncWindowAt,
  TURN_KINDS,
  type TurnHolder,
  type TurnOutcome,
  toOdooTime,
  type UserRef,
  unreachable,
  WINDOW_MS,
  type Window,
  type WindowRead,
  type WindowView,
  type WriteScope,
} from '@odoo-sync/core';
import { doneBefore, failedBefore, type LaneWork, type Ledger } from '../turn/laneWork.js';

/** What a window turn is about: a batch, or a resync at its position. */
export interface WorkItem extends LaneWork<WorkItem> {
  readonly window: Window;
  commit(scope: WriteScope, read: WindowRead): Promise<CommitResult>;
}

/**
 * The work item of a release, as the ledger has it now; null when that release isn't the current one, or isn't of this user's
 * present life: a job made by hand must not run one user's turn in another's lane.
 */
export async function loadWorkItem(
  ledger: Ledger,
  user: UserRef,
  turn: TurnHolder,
): Promise<WorkItem | null> {
  const { document } = TURN_KINDS[turn.kind];
  switch (document) {
    case 'resync':
      return workItemOf(ledger, user, turn, { batch: null, resync: await ledger.store.resync(turn.turnId) });
    case 'batch':
      return workItemOf(ledger, user, turn, { batch: await ledger.store.batch(turn.turnId), resync: null });
    case 'audit':
    case 'tail':
      return null;
    default:
      return unreachable(document);
  }
}

/** The same, of what was read of the ledger already. */
export function workItemOf(
  ledger: Ledger,
  user: UserRef,
  { release }: TurnHolder,
  { batch, resync }: Pick<WindowView, 'batch' | 'resync'>,
): WorkItem | null {
  const isCurrent = (found: UserRef & { readonly release: number }) =>
    isOfLife(found, user) && found.release === release;
  if (batch) return isCurrent(batch) ? batchItem(ledger, batch) : null;
  return resync && isCurrent(resync) ? resyncItem(ledger, resync) : null;
}

function batchItem(ledger: Ledger, batch: Batch): WorkItem {
  const { store, settings } = ledger;
  const healAt = async () => later(await odooNow(ledger, batch), settings.healMs);
  const wrap = (next: Batch | null) => next && batchItem(ledger, next);
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
    about: { window: batch.startTime },
    attempts: batch.attempts,
    expiries: batch.expiries,
    settled: settledBatch(batch),
    async expire() {
      if (batch.status !== 'running' && batch.status !== 'committing') return this;
      const at = await store.now();
      return wrap(await store.batchEvent(batch, { type: 'expire', at, healAt: await healAt() }));
    },
    start: async () => wrap(await store.batchEvent(batch, { type: 'start' })),
    commit: (scope, read) => store.commitBatch(scope, batch, read),
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

function settledBatch({ status, lastError }: Batch): TurnOutcome | null {
  switch (status) {
    case 'queued':
    case 'running':
    case 'committing':
      return null;
    case 'failed':
      return failedBefore(lastError);
    case 'pending':
      return doneBefore('withdrawn');
    case 'open':
    case 'succeeded':
      return doneBefore(`already ${status}`);
    default:
      return unreachable(status);
  }
}

function resyncItem(ledger: Ledger, resync: Resync): WorkItem | null {
  const { store, jobQueue } = ledger;
  const isFailed = resync.status === 'failed';
  const place = resyncWindowAt(resync, isFailed ? resync.total - 1 : resync.position);
  if (!place) return null;
  const wrap = (next: Resync | null) => next && resyncItem(ledger, next);
  const item: WorkItem = {
    of: 'resync',
    turnId: resync._id,
    module: place.module,
    window: { start: place.startTime, end: new Date(place.startTime.getTime() + WINDOW_MS) },
    about: { window: place.startTime },
    attempts: resync.attempts,
    expiries: resync.expiries,
    settled: settledResync(resync),
    async expire() {
      if (resync.status !== 'running') return item;
      return wrap(await store.resyncEvent(resync, { type: 'expire', at: await store.now() }));
    },
    start: async () => wrap(await store.resyncEvent(resync, { type: 'start' })),
    async commit(scope, read) {
      const batchId = batchIdOf(resync.userKey, place.module, place.startTime);
      const { madeGood, ...committed } = await store.commitResync(scope, { resync, batchId }, read);
      if (madeGood) await jobQueue.remove(madeGood);
      return committed;
    },
    async handBack(until, error) {
      await store.resyncEvent(resync, { type: 'handBack', until, ...(error ? { error } : {}) });
    },
    async withdraw(error, unavailable) {
      if (unavailable) await item.fail(error, error.at, true);
      else await store.resyncEvent(resync, { type: 'withdraw', error });
    },
    async fail(error, retryAt, final) {
      const next = await store.resyncEvent(resync, { type: 'fail', error, retryAt, final });
      if (next?.status === 'queued') return 'again';
      return next?.status === 'failed' ? 'over' : null;
    },
  };
  return item;
}

function settledResync({ status, lastError }: Resync): TurnOutcome | null {
  switch (status) {
    case 'queued':
    case 'running':
      return null;
    case 'failed':
      return failedBefore(lastError);
    case 'pending':
    case 'succeeded':
      return doneBefore(status);
    default:
      return unreachable(status);
  }
}

async function odooNow({ store }: Ledger, user: UserRef): Promise<OdooTime> {
  const [now, state] = await Promise.all([store.now(), store.syncState(user)]);
  return toOdooTime(now, state ?? { skewMs: 0 });
}
