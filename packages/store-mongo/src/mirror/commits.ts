import {
  allows,
  applyBatchEvent,
  type Batch,
  type BatchEvent,
  type CommitResult,
  FencedOutError,
  jobIdOf,
  type PassResult,
  type RecordStream,
  type Resync,
  UNREADABLE_KEPT,
  type UnreadableRecord,
  type WindowRead,
  type WriteScope,
} from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import type { StoreContext } from '../context.js';
import { batchGuard, changesOf } from '../ledger/compareAndSet.js';
import { batchEvent, resyncEvent } from '../ledger/events.js';
import { type CommitSteps, commitStream } from './commitStream.js';
import { noCounts } from './writeRecords.js';

type PassTimes = Omit<PassResult, 'counts'>;

const withRefused = (result: PassTimes, refused: readonly UnreadableRecord[]): PassTimes =>
  refused.length === 0
    ? result
    : { ...result, unreadable: [...result.unreadable, ...refused].slice(0, UNREADABLE_KEPT) };

/** Commits a window's records and its batch's new status, `open` or `succeeded`: both become visible together. */
export async function commitBatch(
  context: StoreContext,
  scope: WriteScope,
  batch: Batch,
  { stream, pass, early }: WindowRead,
): Promise<CommitResult> {
  let tried = false;
  /** The batch as it is outside of the open transaction: as the last committed part left it. */
  const visible = async (): Promise<Batch> => {
    if (!tried) return batch;
    const now = await context.batches.findOne({ _id: batch._id });
    if (now?.release !== batch.release) throw new FencedOutError(batch._id, scope.lane.token);
    return now;
  };
  const apply = async (session: ClientSession, event: BatchEvent): Promise<void> => {
    const from = await visible();
    tried = true;
    if (!allows(from, event.type)) throw new FencedOutError(batch._id, scope.lane.token);
    const next = applyBatchEvent(from, event, context.settings);
    const done = await context.batches.updateOne(
      batchGuard(from),
      { $set: changesOf(from, next) },
      { session },
    );
    if (done.matchedCount !== 1) throw new FencedOutError(batch._id, scope.lane.token);
  };
  const steps: CommitSteps = {
    part: (session) => apply(session, { type: 'commitPart' }),
    finish: (session, counts, refused) =>
      apply(session, { type: 'commit', pass: { ...withRefused(pass, refused), counts } }),
    // Whoever takes the lane from this turn counts its death in the batch first: then it isn't what was read here. Until then this
    // is true whoever has the lane: Odoo was read to its end, and held nothing.
    async finishEmpty(session) {
      const event: BatchEvent = { type: 'commit', pass: { ...pass, counts: noCounts() } };
      if (!(await batchEvent(context, batch, event, session)))
        throw new FencedOutError(batch._id, scope.lane.token);
    },
    async happened() {
      const now = await context.batches.findOne({ _id: batch._id });
      return now?.readStartedAt?.getTime() === pass.readStartedAt.getTime() && now.status !== 'committing';
    },
  };
  return commitStream(context, scope, stream, steps, early);
}

/** The same for a resync's window: the resync moves on, and the window's batch is made good if it had failed. */
export async function commitResync(
  context: StoreContext,
  scope: WriteScope,
  { resync, batchId }: { readonly resync: Resync; readonly batchId: string },
  { stream, pass, early }: WindowRead,
): Promise<CommitResult & { readonly madeGood: string | null }> {
  let madeGood: string | null = null;
  const steps: CommitSteps = {
    async part() {},
    async finish(session, passCounts, refused) {
      const passed = withRefused(pass, refused);
      const moved = await resyncEvent(context, resync, { type: 'windowDone' }, session);
      if (!moved) throw new FencedOutError(resync._id, scope.lane.token);
      madeGood = null;
      const batch: Batch | null = await context.batches.findOne({ _id: batchId }, { session });
      if (!batch) return;
      // What the last pass of a sealed window could not read may have been read now.
      if (!allows(batch, 'makeGood')) {
        if (batch.unreadable.length > 0 || passed.unreadable.length > 0)
          await context.batches.updateOne(
            { _id: batchId },
            { $set: { unreadable: passed.unreadable } },
            { session },
          );
        return;
      }
      const event: BatchEvent = { type: 'makeGood', pass: { ...passed, counts: passCounts } };
      const next = applyBatchEvent(batch, event, context.settings);
      const done = await context.batches.updateOne(
        batchGuard(batch),
        { $set: changesOf(batch, next) },
        { session },
      );
      if (done.matchedCount === 1) madeGood = jobIdOf(batch._id, batch.release);
    },
    async happened() {
      const now = await context.resyncs.findOne({ _id: resync._id });
      return now !== null && now.position > resync.position;
    },
  };
  return { ...(await commitStream(context, scope, stream, steps, early)), madeGood };
}

/** Commits the records that a tail read in full. */
export async function commitTail(
  context: StoreContext,
  scope: WriteScope,
  stream: RecordStream,
): Promise<CommitResult> {
  return commitStream(context, scope, stream, {
    async part() {},
    async finish() {},
    // Writing the same records again changes nothing, so an unknown outcome may be tried again.
    async happened() {
      return false;
    },
  });
}
