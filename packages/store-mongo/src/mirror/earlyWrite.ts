import { type EarlyWrite, FencedOutError, type SourceRecord, type WriteScope } from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import type { StoreContext } from '../context.js';
import { heldLane, passFence } from '../lanes/heldLane.js';
import { commitOpen, TRANSACTION } from '../session.js';
import { addCounts, noCounts, type WriteCounts, writeRecords } from './writeRecords.js';

/** An early transaction with more bytes of records, or older than this, is given up: both are well below what servers allow. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_MS = 20_000;
const CHUNK_RECORDS = 1_000;
/** As much may wait to be written, beside the page that comes: a few pages, half of what a spool keeps in memory. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

interface WaitingPage {
  readonly bytes: number;
  readonly written: Promise<void>;
}

/** An early write as the commit sees it. */
export interface OpenEarlyWrite extends EarlyWrite {
  /**
   * Ends the transaction with what belongs to the commit, when it holds all of the window's records.
   * @returns null when it was given up: nothing of it is left, and the commit has to write everything itself.
   * @throws FencedOutError when the lane was taken, and every error of the commit itself.
   */
  finish(
    records: number,
    last: (session: ClientSession, counts: WriteCounts) => Promise<void>,
  ): Promise<WriteCounts | null>;
}

/**
 * Writes a window's records into the transaction that will commit them while the window's next page is on its way, so that
 * reading and writing together take only as long as the slower one. Nothing is visible before the end, and nothing depends on it:
 * after any error the transaction is given up, and the commit begins anew from the spool.
 *
 * unused: no record came yet.
 * open: the transaction has begun, with the write on the lane's fence as every transaction.
 * over: committed, or given up for its size, its age or an error.
 */
export function writeEarly(context: StoreContext, scope: WriteScope): OpenEarlyWrite {
  const lane = heldLane(scope.lane);
  const { session } = lane;
  let state: 'unused' | 'open' | 'over' = 'unused';
  let fencedOut: FencedOutError | null = null;
  let taken = 0;
  let counts = noCounts();
  let work: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const giveUp = async () => {
    if (state === 'over') return;
    state = 'over';
    clearTimeout(timer);
    if (session.inTransaction()) await session.abortTransaction();
  };
  const waiting: WaitingPage[] = [];
  const room = async (signal: AbortSignal) => {
    const isFull = () => waiting.reduce((sum, { bytes }) => sum + bytes, 0) > MOST_WAITING_BYTES;
    while (isFull() && !signal.aborted) await unlessAborted(signal, waiting[0]?.written);
  };
  const next = (step: () => Promise<void>): Promise<void> => {
    work = work.then(step).catch(async (error: unknown) => {
      if (error instanceof FencedOutError) fencedOut = error;
      await giveUp();
    });
    return work;
  };
  const begin = async () => {
    session.startTransaction(TRANSACTION);
    state = 'open';
    timer = setTimeout(() => void next(giveUp), MOST_MS);
    await passFence(context, lane);
  };
  const write = async (records: readonly SourceRecord[]) => {
    if (lane.lost.aborted) throw new FencedOutError(lane.fenceId, lane.token);
    if (state === 'unused') await begin();
    if (state === 'over') return;
    for (let from = 0; from < records.length; from += CHUNK_RECORDS) {
      const chunk = records.slice(from, from + CHUNK_RECORDS);
      counts = addCounts(counts, await writeRecords(context, scope, chunk, session));
    }
  };
  return {
    async add(records, bytes, signal) {
      taken += bytes;
      if (state === 'over' || records.length === 0) return;
      const over = () => void waiting.shift();
      const step = next(async () => {
        const most = Math.min(MOST_BYTES, await context.transactionSize.bytes());
        return taken > most ? giveUp() : write(records);
      });
      // An error of the step is kept for whoever finishes.
      const written = step.then(over, over);
      waiting.push({ bytes, written });
      await room(signal);
    },
    async finish(records, last) {
      await work;
      if (fencedOut) throw fencedOut;
      if (state !== 'open' || counts.read !== records) {
        await giveUp();
        return null;
      }
      clearTimeout(timer);
      state = 'over';
      try {
        await last(session, counts);
        await commitOpen(session);
        return counts;
      } catch (error) {
        if (session.inTransaction()) await session.abortTransaction();
        throw error;
      }
    },
    async drop() {
      await next(giveUp);
    },
  };
}

async function unlessAborted(signal: AbortSignal, work: Promise<void> | undefined): Promise<void> {
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  signal.addEventListener('abort', stop);
  await Promise.race([work, aborted]);
  signal.removeEventListener('abort', stop);
}
