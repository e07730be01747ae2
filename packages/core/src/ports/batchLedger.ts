import type { Batch, BatchEvent } from '../batch.js';
import type { UserRef } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { Resync, ResyncEvent } from '../resync.js';
import type { TurnRef } from '../turns.js';
import type { Lane } from './lane.js';
import type { BackfillPlan, SyncState, Tiling } from './syncState.js';
import type { User } from './user.js';

/** What a window's turn needs to begin, read at one time. */
export interface WindowView {
  readonly user: User;
  readonly state: SyncState;
  /** What the turn is a release of, where that is a batch. */
  readonly batch: Batch | null;
  /** The same, where it is a resync. */
  readonly resync: Resync | null;
}

/** Windows and resyncs, and what happens to them. Whatever changes something of a user names its life, and does nothing once that has ended. */
export interface BatchLedger {
  /** Null when that life has ended. */
  windowView(turn: Pick<TurnRef, 'kind' | 'userKey' | 'life' | 'turnId'>): Promise<WindowView | null>;
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
