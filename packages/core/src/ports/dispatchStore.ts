import type { UserRef } from '../ids.js';
import type { OdooTime, StoreTime } from '../time.js';
import type { Candidate, InFlightTurn, Rota, TurnPlace } from '../turns.js';
import type { LeanSyncState, SyncState } from './syncState.js';
import type { User } from './user.js';

/** All that the planner's caller needs of a user, read at one time. */
export interface PlanSnapshot {
  /** The store's clock. */
  readonly now: StoreTime;
  readonly user: User;
  readonly plan: LeanSyncState;
  readonly inFlight: readonly InFlightTurn[];
  readonly candidates: readonly Candidate[];
  readonly nextDueAt: StoreTime | null;
  /** Turns that hold a lease which has not expired, by their ids. */
  readonly leased: readonly string[];
}

/** What is to be released of a user's turns, as the planner said by a snapshot. */
export interface Release {
  /** The revision of the sync state that the snapshot showed: another one by now refuses it all. */
  readonly rev: number;
  readonly tail: boolean;
  readonly round: readonly Candidate[];
  readonly rota: Rota;
  readonly nextTurnAt: StoreTime;
  /** As {@link SyncState.idleUntil}. */
  readonly idleUntil: StoreTime | null;
  /** The store's clock, as the snapshot had it. */
  readonly at: StoreTime;
}

export interface ReleasedTurn extends TurnPlace {
  readonly delayMs: number;
  /** The failed job of an earlier release, to be removed from the queue. */
  readonly replaces: string | null;
}

/** What handing out turns asks of the ledger. Whatever changes something of a user names its life, and does nothing once that has ended. */
export interface DispatchStore {
  /** Everything the planner needs of a user; null when there is no such user. */
  snapshot(userKey: string): Promise<PlanSnapshot | null>;
  /** The same of several users, by their keys; those that don't exist are missing. */
  snapshots(userKeys: readonly string[]): Promise<ReadonlyMap<string, PlanSnapshot>>;
  /** Makes the windows that start at or before `until` of every module that has some. Repeating it changes nothing. */
  extendTiling(user: UserRef, until: OdooTime): Promise<void>;
  /**
   * The one release: raises release numbers and notes the rota in one transaction, if the sync state's revision is still `rev`.
   * @returns null when somebody else changed the sync state or a turn meanwhile.
   */
  release(user: UserRef, release: Release): Promise<readonly ReleasedTurn[] | null>;
  /** Users whose `nextTurnAt` has come, longest overdue first. */
  dueUsers(limit: number): Promise<readonly string[]>;
  /** Users who are due are looked at again after a while only: a look at them failed, or found nothing to look at. */
  setAside(userKeys: readonly string[], ms: number): Promise<void>;
  /** Makes a user due at once (a request came). */
  makeUserDue(user: UserRef): Promise<void>;
  /** A batch or resync that is out though its job has ended: expired when it was running, then a new number. Null when it moved on. */
  reissue(turn: InFlightTurn): Promise<ReleasedTurn | null>;
  /** A queued tail whose job ended untold, or a running one whose worker died, which is counted: a new number, due now. */
  tailReissue(user: UserRef, release: number): Promise<ReleasedTurn | null>;
  /** Failed turns whose failed job should be in the queue, from an id on. */
  failedTurns(afterId: string | null, limit: number): Promise<readonly TurnPlace[]>;
}
