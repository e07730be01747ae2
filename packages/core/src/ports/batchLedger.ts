import type { Batch, BatchEvent } from '../batch.js';
import type { UserRef } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { Resync, ResyncEvent } from '../resync.js';
import type { Lane } from './lane.js';
import type { BackfillPlan, Tiling } from './syncState.js';

/** Windows and resyncs, and what happens to them. Whatever changes something of a user names its life, and does nothing once that has ended. */
export interface BatchLedger {
  batch(id: string): Promise<Batch | null>;
  /** Applies an event by the table, under a compare-and-set on what was read. Null when the batch has moved on. */
  batchEvent(batch: Batch, event: BatchEvent): Promise<Batch | null>;
  resync(id: string): Promise<Resync | null>;
  resyncEvent(resync: Resync, event: ResyncEvent): Promise<Resync | null>;
  /**
   * Makes a module's first windows, or more before them, in one transaction with its tiling.
   * @param lane the module's, under whose fence that is done. @param before the tiling that the backfill was planned for.
   * @returns false when it is another one by now.
   * @throws FencedOutError when the lane's token was raised.
   */
  createWindows(lane: Lane, before: Tiling | null, plan: BackfillPlan): Promise<boolean>;
  /** These windows are to be read again: open and failed ones become due, sealed ones are asked for by a resync. */
  makeWindowsDue(user: UserRef, module: ModuleName, starts: readonly Date[]): Promise<void>;
}
