import type { Batch, PassCounts, PassResult } from '../batch.js';
import type { ModuleName } from '../modules.js';
import type { Resync } from '../resync.js';
import type { Lane } from './lane.js';
import type { ModuleSchema } from './schema.js';
import type { LightRow, SourceRecord, UnreadableRecord } from './source.js';
import type { User } from './user.js';

/** In whose name and under which lane records are written, and with which fields. */
export interface WriteScope extends ModuleSchema {
  readonly user: User;
  readonly lane: Lane;
  readonly module: ModuleName;
  /** What `_sync.batch` says of records written by this turn. */
  readonly origin: string;
}

/** Records in id order, as many times as asked: a commit may have to begin again with smaller transactions. */
export interface RecordStream {
  readonly records: number;
  readonly bytes: number;
  /**
   * From a chunk's number on; a chunk holds at most 1,000 records, and the same ones every time, made anew: whoever takes
   * them may change them.
   */
  chunks(from: number): AsyncIterable<readonly SourceRecord[]>;
}

/** Records written ahead of their commit; see {@link MirrorStore.writeEarly}. */
export interface EarlyWrite {
  /**
   * Takes a page, of so many bytes as Odoo sent them. The records are the store's from then on. Resolves when there is room
   * for another: while the store is slow or silent, pages are not to pile up here. So it does when the signal is aborted.
   */
  add(records: readonly SourceRecord[], bytes: number, signal: AbortSignal): Promise<void>;
  /** Gives it up. Must be called when there will be no commit; does nothing after one. */
  drop(): Promise<void>;
}

/** A window that was read to its end. */
export interface WindowRead {
  readonly stream: RecordStream;
  /** What the batch keeps of the pass; the commit counts. */
  readonly pass: Omit<PassResult, 'counts'>;
  /** What was written ahead of the commit. */
  readonly early?: EarlyWrite;
}

export interface CommitResult {
  readonly counts: PassCounts;
  /** Records that the store doesn't take, as for their size: left out, and noted as unreadable. */
  readonly refused: readonly UnreadableRecord[];
}

export interface MirrorStore {
  /**
   * Begins to write a window's records before it is read to its end. Nothing of it is visible, or kept, unless a commit of
   * the same pass ends it; it may be given up at any time, which costs the commit time and nothing else.
   */
  writeEarly(scope: WriteScope): EarlyWrite;
  /**
   * Makes a window's records and the batch's new status visible together; in several transactions under `committing`
   * where one can't hold them. Each begins with the conditional write on the lane's fence.
   * @throws FencedOutError when the lane's token was raised.
   */
  commitBatch(scope: WriteScope, batch: Batch, read: WindowRead): Promise<CommitResult>;
  /** The same for a resync's window: the resync moves to its next position, and the window's batch is made good if it had failed. */
  commitResync(
    scope: WriteScope,
    place: { readonly resync: Resync; readonly batchId: string },
    read: WindowRead,
  ): Promise<CommitResult & { readonly madeGood: string | null }>;
  /** Records that a tail read in full. */
  commitTail(scope: WriteScope, stream: RecordStream): Promise<CommitResult>;
  /** Which of these rows the mirror doesn't hold as they are (absent, tombstoned, or with another write_date). */
  differing(user: User, module: ModuleName, rows: readonly LightRow[]): Promise<readonly LightRow[]>;
}
