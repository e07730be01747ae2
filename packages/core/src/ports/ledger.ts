import type { Batch, BatchEvent } from '../batch.js';
import type { Outage } from '../breaker.js';
import type { ErrorRecord } from '../errors.js';
import type { UserRef } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { Resync, ResyncEvent } from '../resync.js';
import type { Candidate, InFlightTurn, Rota, TurnPlace } from '../turns.js';
import type { Lane } from './lane.js';
import type { BackfillPlan, ModuleState, PlanSnapshot, SyncState, Tiling } from './syncState.js';

export interface ReleasedTurn extends TurnPlace {
  readonly delayMs: number;
  /** The failed job of an earlier release, to be removed from the queue. */
  readonly replaces: string | null;
}

/** Whatever changes something of a user names its life, and does nothing once that has ended. */
export interface LedgerStore {
  /** Everything the planner needs of a user; null when there is no such user. */
  snapshot(userKey: string): Promise<PlanSnapshot | null>;
  /** The same of several users, by their keys; those that don't exist are missing. */
  snapshots(userKeys: readonly string[]): Promise<ReadonlyMap<string, PlanSnapshot>>;
  /**
   * Makes a module's first windows, or more before them, in one transaction with its tiling.
   * @param lane the module's, under whose fence that is done. @param before the tiling that the history was laid out for.
   * @returns false when it is another one by now.
   * @throws FencedOutError when the lane's token was raised.
   */
  createWindows(lane: Lane, before: Tiling | null, history: BackfillPlan): Promise<boolean>;
  /** Makes the windows that start at or before `until` of every module that has some. Repeating it changes nothing. */
  extendTiling(user: UserRef, until: Date): Promise<void>;
  /**
   * The one release: raises release numbers and notes the rota in one transaction, if the plan's revision is still `rev`.
   * @param at the store's clock, as the snapshot had it.
   * @returns null when somebody else changed the plan or a turn meanwhile.
   */
  release(
    user: UserRef,
    rev: number,
    turns: { readonly tail: boolean; readonly round: readonly Candidate[] },
    rota: Rota,
    nextTurnAt: Date,
    at: Date,
  ): Promise<readonly ReleasedTurn[] | null>;
  /** Users whose `nextTurnAt` has come, longest overdue first. */
  dueUsers(limit: number): Promise<readonly string[]>;
  /** Users who are due are looked at again after a while only: a look at them failed, or found nothing to look at. */
  setAside(userKeys: readonly string[], ms: number): Promise<void>;
  /** Makes a user due at once (a request came). */
  makeUserDue(user: UserRef): Promise<void>;

  /** Null when that life has ended. */
  syncState(user: UserRef): Promise<SyncState | null>;
  /** Starts of the modules' oldest windows that are `open`. */
  oldestOpen(user: UserRef): Promise<ReadonlyMap<ModuleName, Date>>;
  batch(id: string): Promise<Batch | null>;
  /** Applies an event by the table, under a compare-and-set on what was read. Null when the batch has moved on. */
  batchEvent(batch: Batch, event: BatchEvent): Promise<Batch | null>;
  resync(id: string): Promise<Resync | null>;
  resyncEvent(resync: Resync, event: ResyncEvent): Promise<Resync | null>;
  /** A batch or resync that is out though its job has ended: expired when it was running, then a new number. Null when it moved on. */
  reissue(turn: InFlightTurn): Promise<ReleasedTurn | null>;
  /** Failed turns whose failed job should be in the queue, from an id on. */
  failedTurns(afterId: string | null, limit: number): Promise<readonly TurnPlace[]>;

  /** `queued` -> `running`; from `running`, its worker died: that is counted. False when this release is not the current one. */
  tailStart(user: UserRef, release: number): Promise<boolean>;
  /**
   * The end of a pass, good or bad: `queued` with the next release number, due after the pause, and the user is looked at again
   * `repairMs` later. Returns that release.
   */
  tailEnd(user: UserRef, release: number, end: TailEnd): Promise<ReleasedTurn | null>;
  /** A queued tail whose job ended untold, or a running one whose worker died, which is counted: a new number, due now. */
  tailReissue(user: UserRef, release: number): Promise<ReleasedTurn | null>;
  /** A running tail that is given back by its worker: queued again, same number. */
  tailHandBack(user: UserRef, release: number): Promise<void>;
  /** Windows from `from` on are to be read again: open and failed ones become due, sealed ones are asked for by a resync. */
  makeWindowsDue(user: UserRef, module: ModuleName, starts: readonly Date[]): Promise<void>;

  /**
   * Writes what was learned about a lane's module, under its fence.
   * @throws FencedOutError when the lane's token was raised.
   */
  noteModule(lane: Lane, patch: Partial<ModuleState>): Promise<void>;
  noteSyncState(
    user: UserRef,
    patch: Partial<Pick<SyncState, 'paceMs' | 'suspectUntil' | 'holdUntil' | 'dbSkewMs'>>,
  ): Promise<void>;
  /** The same for everybody who is mirrored from this user's Odoo database. */
  noteSource(user: UserRef, patch: Partial<Pick<SyncState, 'paceMs' | 'holdUntil'>>): Promise<void>;
  /** Counts a connection fault of this user's Odoo database. Null when the user is gone. */
  noteFault(user: UserRef): Promise<{ readonly outage: Outage; readonly opened: boolean } | null>;
  /** It answered. @returns the outage that ended, when this ended it. */
  noteAnswer(user: UserRef): Promise<Outage | null>;
  /** Odoo's clock, read off just now. */
  noteClock(user: UserRef, odooNow: Date): Promise<void>;
}

export interface TailEnd {
  /** The next pass is due so long after this one's start, so that how long a pass takes doesn't add to the lag. */
  readonly pauseMs: number;
  /** But not sooner than this after its end. */
  readonly waitMs: number;
  readonly changed: boolean;
  readonly error: ErrorRecord | null;
  /** What is to be noted of the modules that were passed. */
  readonly passes: ReadonlyMap<ModuleName, TailNotes>;
  /** What its deaths are counted from afterwards: none unless told. */
  readonly expiries?: number;
  /** Odoo's clock, as {@link LedgerStore.noteClock} takes it; null when it gave no answer. */
  readonly odooNow: Date | null;
  /** Modules whose lanes another turn had. */
  readonly missed: readonly ModuleName[];
  /** How far its clock is off, where it isn't believed. */
  readonly clockOffMs: number | null;
}

export type TailNotes = Pick<ModuleState, 'lastPass'> & Partial<Pick<ModuleState, 'lastWide' | 'unreadable'>>;
