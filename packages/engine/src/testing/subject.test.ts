import {
  type Batch,
  type ErrorRecord,
  type LedgerStore,
  type ModuleName,
  type Resync,
  resyncWindowAt,
  type TurnRef,
} from '@odoo-sync/core';
import type { Outcome } from './fakeQueue.test.js';

export type ItemEvent =
  | { readonly type: 'start' }
  | { readonly type: 'handBack'; readonly until: Date | null; readonly error?: ErrorRecord }
  | { readonly type: 'withdraw'; readonly error: ErrorRecord }
  | { readonly type: 'fail'; readonly error: ErrorRecord; readonly retryAt: Date; readonly final: boolean };

/** What a window turn is about: a batch, or a resync at its position, as a worker read it. */
export interface WorkItem {
  readonly batch: Batch | null;
  readonly resync: Resync | null;
  readonly module: ModuleName;
  readonly startTime: Date;
  readonly status: string;
  readonly attempts: number;
  /** Not to be run: how its job ends. */
  readonly verdict: Outcome | null;
  /** Where it says that it runs, its worker is dead. Null: the ledger has moved on. */
  expire(): Promise<WorkItem | null>;
  event(event: ItemEvent): Promise<WorkItem | null>;
}

/** Null when this release isn't the current one, or of another life. */
export async function loadWorkItem(
  store: LedgerStore,
  turn: TurnRef,
  healAt: () => Date,
): Promise<WorkItem | null> {
  if (turn.kind === 'resync') {
    const resync = await store.resync(turn.turnId);
    return resync?.release === turn.release && resync.life === turn.life ? itemOfResync(store, resync) : null;
  }
  const batch = await store.batch(turn.turnId);
  return batch?.release === turn.release && batch.life === turn.life
    ? itemOfBatch(store, batch, healAt)
    : null;
}

const verdictOn = (status: string): Outcome | null => {
  if (status === 'failed') return { type: 'fail' };
  return ['queued', 'running', 'committing'].includes(status) ? null : { type: 'done' };
};

function itemOfBatch(store: LedgerStore, batch: Batch, healAt: () => Date): WorkItem {
  const wrap = (next: Batch | null) => next && itemOfBatch(store, next, healAt);
  const { module, startTime, status, attempts } = batch;
  const item: WorkItem = {
    ...{ batch, resync: null, module, startTime, status, attempts, verdict: verdictOn(status) },
    async expire() {
      if (status !== 'running' && status !== 'committing') return item;
      const event = { type: 'expire', at: healAt(), healAt: healAt() } as const;
      return wrap(await store.batchEvent(batch, event));
    },
    async event(event) {
      const now = event.type === 'start' ? batch : await store.batch(batch._id);
      const ours =
        now?.release === batch.release && now.expiries === batch.expiries && now.attempts === batch.attempts;
      if (!now || !ours) return null;
      const told = event.type === 'fail' ? { ...event, healAt: healAt() } : event;
      return wrap(await store.batchEvent(now, told));
    },
  };
  return item;
}

function itemOfResync(store: LedgerStore, resync: Resync): WorkItem | null {
  const { status, attempts, total, position } = resync;
  const place = resyncWindowAt(resync, status === 'failed' ? total - 1 : position);
  // At its end a resync has no window left; its job has nothing to do any more.
  if (!place) return null;
  const wrap = (next: Resync | null) => next && itemOfResync(store, next);
  const item: WorkItem = {
    ...{ batch: null, resync, ...place, status, attempts, verdict: verdictOn(status) },
    async expire() {
      if (status !== 'running') return item;
      return wrap(await store.resyncEvent(resync, { type: 'expire', at: resync.requestedAt }));
    },
    event: async (event) => wrap(await store.resyncEvent(resync, event)),
  };
  return item;
}
