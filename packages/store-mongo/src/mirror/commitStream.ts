import {
  type CommitResult,
  type EarlyWrite,
  FencedOutError,
  type PassCounts,
  type RecordStream,
  SyncError,
  UNREADABLE_KEPT,
  type UnreadableRecord,
  type WriteScope,
} from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import type { StoreContext } from '../context.js';
import { heldLane } from '../lanes/heldLane.js';
import { isTransient, isUnknownCommit, isUnknownWrite } from '../mongoErrors.js';
import { commitPart, type PartSteps, type Progress } from './commitPart.js';
import type { OpenEarlyWrite } from './earlyWrite.js';
import { RecordsRefusedError } from './refusedRecords.js';
import { isRefusal, LEAST_BYTES } from './transactionSize.js';
import { noCounts } from './writeRecords.js';

/** What belongs to a commit beside the records, inside the same transaction. */
export interface CommitSteps {
  /** At the end of each transaction but the last of a commit that needs several: its batch shows `committing`. */
  part(session: ClientSession): Promise<void>;
  /** In the same transaction as the last records. @param refused those that MongoDB doesn't take, and that were left out. */
  finish(session: ClientSession, counts: PassCounts, refused: readonly UnreadableRecord[]): Promise<void>;
  /**
   * In place of `finish` where there is no record: a single write needs no transaction. Without the fence's word, it must itself
   * refuse whoever has lost the lane.
   */
  readonly finishEmpty?: (session: ClientSession) => Promise<void>;
  /** Asked when the answer to the last commit was lost: whether it happened. */
  happened(): Promise<boolean>;
}

const TRANSIENT_MOST = 6;
const PAUSE_MS = 100;

/**
 * Commits a stream of records under a lane's fence: in one transaction where the server can hold it, else in consecutive
 * ones in id order. The size starts at what this server last took. A refusal halves it; so do two transient failures of
 * the same transaction, unless it is so small that its size can't be the cause. A record that MongoDB refuses is left out.
 *
 * @param early a transaction that may hold all of the records already: then only its end is missing.
 * @throws FencedOutError when the lane was taken; SyncError `transient` when the store keeps refusing.
 */
export async function commitStream(
  context: StoreContext,
  scope: WriteScope,
  stream: RecordStream,
  steps: CommitSteps,
  early: EarlyWrite | null = null,
): Promise<CommitResult> {
  const { transactionSize } = context;
  let begun = early as OpenEarlyWrite | null;
  let bytes = await transactionSize.bytes();
  let progress: Progress = { chunk: 0, counts: noCounts() };
  const { finishEmpty } = steps;
  let failures = 0;
  let failuresInAll = 0;
  const leftOut = new Map<number, UnreadableRecord>();
  const result = (counts: PassCounts): CommitResult => ({ counts, refused: [...leftOut.values()] });
  /** The counts of the open transaction, for the case that only the answer to its commit is lost. */
  let written = progress.counts;
  const told: PartSteps = {
    part: steps.part,
    finish(session, counts) {
      written = counts;
      return steps.finish(session, counts, [...leftOut.values()]);
    },
  };
  for (;;) {
    const started = performance.now();
    try {
      const ending = begun;
      begun = null;
      const ended = await ending?.finish(stream.records, told.finish);
      if (ended) return result(ended);
      if (stream.records === 0 && finishEmpty) {
        if (scope.lane.lost.aborted) throw new FencedOutError(scope.lane.module, scope.lane.token);
        await finishEmpty(heldLane(scope.lane).session);
        return result(written);
      }
      const whole = progress.chunk === 0 && stream.bytes <= bytes;
      const last = await commitPart(context, scope, stream, told, {
        ...progress,
        bytes: whole ? Number.POSITIVE_INFINITY : bytes,
        refused: leftOut,
      });
      progress = last.progress;
      if (last.ended) return result(progress.counts);
      failures = 0;
      failuresInAll = 0;
      if (!whole) {
        // The part is committed, whether or not this note succeeds.
        await transactionSize.fitted().catch((error: unknown) => {
          context.log.warn({ error: String(error) }, 'could not note the size of a transaction');
        });
      }
    } catch (error) {
      if (error instanceof FencedOutError) throw error;
      if (error instanceof RecordsRefusedError && leftOut.size < UNREADABLE_KEPT) {
        for (const one of error.records) leftOut.set(one.odooId, one);
        continue;
      }
      // A session that was killed with its transaction looks like one that the server ended for its age.
      if (scope.lane.lost.aborted) throw new FencedOutError(scope.lane.module, scope.lane.token);
      const unknown = isUnknownCommit(error) || isUnknownWrite(error);
      if (unknown && (await steps.happened())) return result(written);
      const refused = isRefusal(error, performance.now() - started);
      // After an unknown outcome, writing the same records once more changes nothing, and the guards see what happened.
      if (!refused && !unknown && !isTransient(error)) throw error;
      failures++;
      failuresInAll++;
      if (failuresInAll > TRANSIENT_MOST && !refused) throw storeTrouble(error);
      const tried = Math.min(bytes, stream.bytes);
      // The failure of a transaction far below the size says nothing about the size.
      if (refused || (failures >= 2 && tried > LEAST_BYTES && tried * 2 >= bytes)) {
        const smaller = await transactionSize.refused(tried);
        if (smaller >= bytes && refused) throw storeTrouble(error);
        context.log.info(
          { lane: `${scope.user.userKey}/${scope.module}`, bytes: smaller },
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
