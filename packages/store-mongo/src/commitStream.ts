import {
  FencedOutError,
  moduleOf,
  type PassCounts,
  type RecordStream,
  SyncError,
  type WindowPass,
} from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import { isRefusal } from './commitErrors.js';
import type { StoreContext } from './context.js';
import { hasLabel, once } from './inTransaction.js';
import type { HeldLane } from './takeLane.js';
import { addCounts, noCounts, type WriteCounts, writeRecords } from './writeRecords.js';

/** What belongs to a commit besides the records, inside the same transaction. */
export interface CommitSteps {
  /** Part of a commit that needs several: its batch shows `committing`. */
  part(session: ClientSession): Promise<void>;
  /** With the last records. */
  finish(session: ClientSession, counts: PassCounts): Promise<void>;
  /** Where the answer to the last commit was lost: whether it happened. */
  happened(): Promise<boolean>;
}

const TRANSIENT_MOST = 6;
const PAUSE_MS = 100;

interface Progress {
  /** The first chunk that isn't visible yet. */
  chunk: number;
  counts: WriteCounts;
}

/**
 * Commits a stream of records under a lane's fence: in one transaction where the server can hold it, else in consecutive
 * ones in id order. The size starts at what this server last took. A refusal halves it; so do two transient failures of
 * the same transaction.
 *
 * @throws FencedOutError when the lane was taken; SyncError `transient` when the store keeps refusing.
 */
export async function commitStream(
  context: StoreContext,
  pass: WindowPass,
  stream: RecordStream,
  steps: CommitSteps,
): Promise<PassCounts> {
  const { transactionSize } = context;
  let bytes = await transactionSize.bytes();
  let progress: Progress = { chunk: 0, counts: noCounts() };
  let failures = 0;
  let failuresInAll = 0;
  for (;;) {
    const started = performance.now();
    try {
      const whole = progress.chunk === 0 && stream.bytes <= bytes;
      const last = await commitPart(
        context,
        pass,
        stream,
        steps,
        progress,
        whole ? Number.POSITIVE_INFINITY : bytes,
      );
      if (!whole && !last.ended) await transactionSize.fitted();
      progress = last.progress;
      failures = 0;
      if (last.ended) return progress.counts;
    } catch (error) {
      if (error instanceof FencedOutError) throw error;
      if (hasLabel(error, 'UnknownTransactionCommitResult') && (await steps.happened()))
        return progress.counts;
      const refused = isRefusal(error, performance.now() - started);
      if (!refused && !hasLabel(error, 'TransientTransactionError')) throw error;
      failures++;
      failuresInAll++;
      if (failuresInAll > TRANSIENT_MOST && !refused) throw storeTrouble(error);
      if (refused || failures >= 2) {
        const smaller = await transactionSize.refused(Math.min(bytes, stream.bytes));
        if (smaller >= bytes && refused) throw storeTrouble(error);
        context.log.info(
          { lane: `${pass.user.userKey}/${pass.module}`, bytes: smaller },
          'transaction size halved',
        );
        bytes = smaller;
        failures = 0;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * failuresInAll));
    }
  }
}

const storeTrouble = (cause: unknown) =>
  new SyncError(
    'transient',
    `MongoDB kept refusing the commit: ${cause instanceof Error ? cause.message : cause}`,
    { cause },
  );

/** One transaction: as many whole chunks as fit into `bytes`, at least one. */
async function commitPart(
  context: StoreContext,
  pass: WindowPass,
  stream: RecordStream,
  steps: CommitSteps,
  from: Progress,
  bytes: number,
): Promise<{ readonly progress: Progress; readonly ended: boolean }> {
  const lane = pass.lane as HeldLane;
  const { collection } = moduleOf(pass.module);
  const recordBytes = stream.records > 0 ? stream.bytes / stream.records : 0;
  return once(lane.session, async () => {
    await passFence(context, lane);
    let { chunk, counts } = from;
    let size = 0;
    let ended = true;
    for await (const records of stream.chunks(from.chunk)) {
      if (lane.lost.aborted) throw new FencedOutError(lane.fenceId, lane.token);
      size += records.length * recordBytes;
      if (size > bytes && chunk > from.chunk) {
        ended = false;
        break;
      }
      counts = addCounts(counts, await writeRecords(context, pass, collection, records, lane.session));
      chunk++;
    }
    if (ended) await steps.finish(lane.session, counts);
    else await steps.part(lane.session);
    return { progress: { chunk, counts }, ended };
  });
}

/**
 * The first operation of every transaction: a conditional write on the fence. A read would let a worker that was fenced
 * out commit under snapshot isolation.
 */
async function passFence({ fences }: StoreContext, lane: HeldLane): Promise<void> {
  const passed = await fences.updateOne(
    { _id: lane.fenceId, token: lane.token },
    { $inc: { commits: 1 } },
    { session: lane.session },
  );
  if (passed.matchedCount !== 1) throw new FencedOutError(lane.fenceId, lane.token);
}
