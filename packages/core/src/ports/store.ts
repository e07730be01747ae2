import type { Batch, BatchEvent, PassCounts, PassResult } from '../batch.js';
import type { ErrorRecord } from '../errors.js';
import type { UserId } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { Resync, ResyncEvent } from '../resync.js';
import type { TailStatus } from '../tail.js';
import type { Candidate, InFlightTurn, Rota, TurnKind, TurnPlace, TurnRef } from '../turns.js';
import type { Credentials, FieldList, LightRow, SourceAddress, SourceRecord } from './source.js';

export type Standing = 'active' | 'needs_attention' | 'removing';

/** A user without his secret. */
export interface User {
  readonly userKey: string;
  readonly userId: UserId;
  readonly address: SourceAddress;
  readonly login: string;
  readonly credentialKind: Credentials['kind'];
  /** Raised whenever the credentials change. */
  readonly credentialVersion: number;
  readonly connectedAt: Date;
  readonly tilingStart: Date;
  readonly standing: Standing;
  readonly attention: ErrorRecord | null;
}

export interface NewUser {
  readonly userId: UserId;
  readonly address: SourceAddress;
  readonly credentials: Credentials;
}

/** What is known of one module of one user, beside its batches. */
export interface ModuleState {
  readonly state: 'active' | 'unavailable';
  readonly reason: ErrorRecord | null;
  /** When an unavailable module is tried again, by the store's clock. */
  readonly probeAt: Date | null;
  readonly fields: FieldList | null;
  /** Digest of the wanted fields that `fields` was cut from. */
  readonly wanted: string | null;
  readonly describedAt: Date | null;
  /** Fields mirrored once and no longer: unset when a record is rewritten. */
  readonly retired: readonly string[];
  /** Records in the tiling when it was surveyed. */
  readonly surveyed: number | null;
  /** When it was last asked for, well or not. */
  readonly surveyedAt: Date | null;
  /** The tail's last pass, by Odoo's clock. */
  readonly lastPass: Date | null;
  /** The last pass that looked back 48 h. */
  readonly lastWide: Date | null;
}

/** A user's plan: what is due, and what every turn needs to know. One document a user, changed by compare-and-set. */
export interface UserPlan {
  readonly rev: number;
  readonly rota: Rota;
  readonly nextTurnAt: Date;
  readonly tail: {
    readonly status: TailStatus;
    readonly release: number;
    readonly dueAt: Date;
    readonly startedAt: Date | null;
    readonly pauseMs: number;
    readonly lastChangeAt: Date | null;
    /** End of the last pass, good or bad. */
    readonly lastEnd: Date | null;
    readonly lastError: ErrorRecord | null;
  };
  readonly modules: Readonly<Record<ModuleName, ModuleState>>;
  /** Odoo's clock minus the store's, in milliseconds. */
  readonly skewMs: number;
  /** How far the database's clock was seen ahead of Odoo's `Date`, in milliseconds; never negative. */
  readonly dbSkewMs: number;
  /** The end of the last window that was made: the next one starts here, by Odoo's clock. */
  readonly tiledUntil: Date;
  /** Pause between pages under throttling, in milliseconds. */
  readonly paceMs: number;
  /** A first rejected credential waits for its second look until then. */
  readonly suspectUntil: Date | null;
  /** Nothing of this user runs before (he is throttled, or his credentials wait for their second look). */
  readonly holdUntil: Date | null;
}

/** All that the planner's caller needs, read at one time. */
export interface PlanSnapshot {
  /** The store's clock. */
  readonly now: Date;
  readonly user: User;
  readonly plan: UserPlan;
  readonly inFlight: readonly InFlightTurn[];
  readonly candidates: readonly Candidate[];
  readonly nextDueAt: Date | null;
  /** Documents that hold a lease which has not expired. */
  readonly leased: readonly string[];
}

export interface ReleasedTurn extends TurnPlace {
  readonly delayMs: number;
  /** The failed job of an earlier release, to be removed from the queue. */
  readonly replaces: string | null;
}

export interface LedgerStore {
  /** Everything the planner needs of a user; null when there is no such user. */
  snapshot(userKey: string): Promise<PlanSnapshot | null>;
  /** Makes the batches of every window that starts at or before `until`, and notes it. Repeating it changes nothing. */
  extendTiling(userKey: string, until: Date): Promise<void>;
  /**
   * The one release: raises release numbers and notes the rota in one transaction, if the plan's revision is still `rev`.
   * @returns null when somebody else changed the plan or a turn meanwhile.
   */
  release(
    userKey: string,
    rev: number,
    turns: { readonly tail: boolean; readonly round: readonly Candidate[] },
    rota: Rota,
    nextTurnAt: Date,
  ): Promise<readonly ReleasedTurn[] | null>;
  /** Users whose `nextTurnAt` has come, longest overdue first. */
  dueUsers(limit: number): Promise<readonly string[]>;
  /** Makes a user due at once (a wish came). */
  makeUserDue(userKey: string): Promise<void>;

  plan(userKey: string): Promise<UserPlan | null>;
  /** Start of the oldest window of a module that is `open`. */
  oldestOpen(userKey: string, module: ModuleName): Promise<Date | null>;
  batch(id: string): Promise<Batch | null>;
  /** Applies an event by the table, under a compare-and-set on what was read. Null when the batch has moved on. */
  batchEvent(batch: Batch, event: BatchEvent): Promise<Batch | null>;
  resync(id: string): Promise<Resync | null>;
  resyncEvent(resync: Resync, event: ResyncEvent): Promise<Resync | null>;
  /** A batch or resync that is out though its job has ended: expired when it was running, then a new number. Null when it moved on. */
  reissue(turn: InFlightTurn): Promise<ReleasedTurn | null>;
  /** Failed turns whose failed job should be in the queue, from an id on. */
  failedTurns(afterId: string | null, limit: number): Promise<readonly TurnPlace[]>;

  /** `queued` -> `running`. False when this release is not the current one. */
  tailStart(userKey: string, release: number): Promise<boolean>;
  /** The end of a pass, good or bad: `queued` with the next release number, due after the pause. Returns that release. */
  tailEnd(userKey: string, release: number, end: TailEnd): Promise<ReleasedTurn | null>;
  /** A queued tail whose job ended untold, or a running one whose worker died: a new number, due now. */
  tailReissue(userKey: string, release: number): Promise<ReleasedTurn | null>;
  /** A running tail that is given back by its worker: queued again, same number. */
  tailHandBack(userKey: string, release: number): Promise<void>;
  /** Windows from `from` on are to be read again: open and failed ones become due, sealed ones are asked for by a resync. */
  makeWindowsDue(userKey: string, module: ModuleName, starts: readonly Date[]): Promise<void>;

  noteModule(userKey: string, module: ModuleName, patch: Partial<ModuleState>): Promise<void>;
  /** What a survey said: counts into the batches, the total into the plan. */
  noteSurvey(
    userKey: string,
    module: ModuleName,
    days: readonly { readonly start: Date; readonly records: number }[],
  ): Promise<void>;
  notePlan(
    userKey: string,
    patch: Partial<Pick<UserPlan, 'paceMs' | 'suspectUntil' | 'holdUntil' | 'dbSkewMs'>>,
  ): Promise<void>;
  /** Odoo's clock, read off just now. */
  noteClock(userKey: string, odooNow: Date): Promise<void>;
}

export interface TailEnd {
  /** The next pass is due so long after this one's start, so that how long a pass takes doesn't add to the lag. */
  readonly pauseMs: number;
  /** But not sooner than this after its end. */
  readonly waitMs: number;
  readonly changed: boolean;
  readonly error: ErrorRecord | null;
}

/** The right to work on one (user, module), held with a lease and a token. */
export interface Lane {
  readonly userKey: string;
  readonly module: ModuleName;
  readonly token: number;
  /** Aborts when the lease was lost or its renewals failed for its whole length. */
  readonly lost: AbortSignal;
  /** Gives the lane back and writes the turn's history. Never throws: a lane not given back expires. */
  release(summary: TurnSummary): Promise<void>;
}

export interface TurnSummary {
  readonly outcome: 'succeeded' | 'open' | 'failed' | 'retried' | 'handedBack' | 'withdrawn' | 'noop';
  readonly pages: number;
  readonly counts: PassCounts | null;
}

/** Who holds, or held, a lane. */
export interface TurnHolder {
  readonly kind: string;
  readonly doc: string;
  readonly release: number;
}

export type LaneGrant =
  | {
      readonly lane: Lane;
      /** The turn whose lease had expired, when there was one: its expiry must be told to the ledger. */
      readonly expired: TurnHolder | null;
    }
  | { readonly busyForMs: number };

export interface LaneStore {
  /**
   * Takes a lane: one conditional update that needs it free (or its lease expired) and a place for this user, a raised
   * token, the dead holder's session killed, the fence written within a second.
   */
  takeLane(userKey: string, module: ModuleName, turn: TurnRef): Promise<LaneGrant>;
}

export interface WindowPass {
  readonly user: User;
  readonly lane: Lane;
  readonly module: ModuleName;
  readonly fields: FieldList;
  readonly retired: readonly string[];
  /** What `_sync.batch` says of records written by this turn. */
  readonly origin: string;
}

/** Records in id order, as many times as asked: a commit may have to begin again with smaller transactions. */
export interface RecordStream {
  readonly records: number;
  readonly bytes: number;
  /** From a chunk's number on; a chunk holds at most 1,000 records, and the same ones every time. */
  chunks(from: number): AsyncIterable<readonly SourceRecord[]>;
}

export interface MirrorStore {
  /**
   * Makes a window's records and the batch's new status visible together; in several transactions under `committing`
   * where one can't hold them. Each begins with the conditional write on the lane's fence.
   * @throws FencedOutError when the lane's token was raised.
   */
  commitBatch(
    pass: WindowPass,
    batch: Batch,
    stream: RecordStream,
    result: Omit<PassResult, 'counts'>,
  ): Promise<PassCounts>;
  /** The same for a resync's window: the resync moves to its next position, and the window's batch is made good if it had failed. */
  commitResync(
    pass: WindowPass,
    resync: Resync,
    batchId: string,
    stream: RecordStream,
    result: Omit<PassResult, 'counts'>,
  ): Promise<{ readonly counts: PassCounts; readonly madeGood: string | null }>;
  /** Records that a tail read in full. */
  commitTail(pass: WindowPass, stream: RecordStream): Promise<PassCounts>;
  /** Which of these rows the mirror doesn't hold as they are (absent, tombstoned, or with another write_date). */
  differing(user: User, module: ModuleName, rows: readonly LightRow[]): Promise<readonly LightRow[]>;
}

export interface UserStore {
  /** @throws UserExistsError, or a `SyncError` of kind `configuration` for an address that changed. */
  addUser(user: NewUser): Promise<User>;
  setCredentials(userKey: string, credentials: Credentials): Promise<void>;
  user(userKey: string): Promise<User | null>;
  users(): Promise<readonly User[]>;
  credentials(userKey: string): Promise<Credentials>;
  /**
   * Credentials were rejected twice: the user waits for an operator, one probe an hour. Nothing happens when they were
   * changed since `user` was read: the verdict was on the old ones.
   */
  needsAttention(
    user: Pick<User, 'userKey' | 'credentialVersion'>,
    error: ErrorRecord,
    probeAt: Date,
  ): Promise<void>;
  /** A probe or new credentials worked. */
  restoreUser(userKey: string): Promise<void>;
  /** Marks a user for removal and raises his tokens; from then on nothing of his is written. */
  beginRemoval(userKey: string): Promise<void>;
  /** One bounded step of the purge. Resumable: called until it says that nothing is left. */
  purgeStep(
    userKey: string,
  ): Promise<{ readonly done: boolean; readonly purged: number; readonly what: string }>;
  usersBeingRemoved(): Promise<readonly string[]>;
}

export interface ModuleReport {
  readonly module: ModuleName;
  /** `caught_up`: every sealable window succeeded, the others open, one tail since. */
  readonly state: 'caught_up' | 'syncing' | 'failing' | 'unavailable';
  readonly reason: string | null;
  readonly windows: {
    readonly total: number;
    /** Read at least once. */
    readonly done: number;
    readonly pending: number;
    readonly inFlight: number;
    readonly open: number;
    readonly succeeded: number;
    readonly failed: number;
  };
  /** Records read by the windows' last passes. */
  readonly recordsRead: number;
  readonly surveyed: number | null;
  readonly pages: number;
  readonly retries: number;
  /** How far behind Odoo's clock the mirror may be, in milliseconds; null before the first tail pass. */
  readonly lagMs: number | null;
  readonly lastPass: Date | null;
  readonly droppedFields: readonly string[];
}

export interface FailedBatchReport {
  readonly jobId: string;
  readonly doc: string;
  readonly module: ModuleName;
  readonly windowStart: Date;
  readonly windowEnd: Date;
  readonly attempts: number;
  readonly lastError: ErrorRecord | null;
}

export interface ResyncReport {
  readonly id: string;
  readonly status: Resync['status'];
  readonly modules: readonly ModuleName[];
  readonly from: Date;
  readonly to: Date;
  readonly done: number;
  readonly total: number;
  readonly requestedAt: Date;
  readonly failures: Resync['failures'];
  readonly lastError: ErrorRecord | null;
}

export interface UserReport {
  readonly user: User;
  readonly caughtUp: boolean;
  /** Why the last tail failed, as when Odoo can't be reached; null when it went well. */
  readonly tailError: ErrorRecord | null;
  readonly modules: readonly ModuleReport[];
  readonly failedBatches: readonly FailedBatchReport[];
  readonly resyncs: readonly ResyncReport[];
  readonly running: readonly {
    readonly kind: TurnKind;
    readonly module: ModuleName | null;
    readonly doc: string;
  }[];
}

export interface ResyncRequest {
  readonly modules: readonly ModuleName[];
  /** Widened to whole windows and cut to the tiling; absent: the tiling's start, or now. */
  readonly from?: Date;
  readonly to?: Date;
  readonly requestedBy: string;
}

export interface StatusStore {
  /** One report a user, without failed batches' details beyond `failedLimit` each. */
  report(userKey: string, failedLimit?: number): Promise<UserReport | null>;
  reports(): Promise<readonly UserReport[]>;
  /** Documents in a module's collection for a user that are not tombstoned. */
  countRecords(user: User, module: ModuleName): Promise<number>;
}

export interface WishStore {
  /** Writes the wish; it is acknowledged when this returns. @throws SyncError `configuration` for an empty range. */
  requestResync(userKey: string, request: ResyncRequest): Promise<Resync>;
  /**
   * A failed batch or resync gets fresh attempts and becomes due at once.
   * @returns the job id of the failed release, or null when there is nothing failed under this document.
   */
  requestRetry(doc: string): Promise<{ readonly userKey: string; readonly jobId: string } | null>;
}

export interface Store extends LedgerStore, LaneStore, MirrorStore, UserStore, StatusStore, WishStore {
  /** The store's clock. */
  now(): Promise<Date>;
  /** Whether the store answers and has a primary. @throws when not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
