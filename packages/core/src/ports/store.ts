import type { Batch, BatchEvent, PassCounts, PassResult } from '../batch.js';
import type { Outage } from '../breaker.js';
import type { ErrorRecord } from '../errors.js';
import type { LaidWindow } from '../history.js';
import type { UserId } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { Resync, ResyncEvent } from '../resync.js';
import type { TailStatus } from '../tail.js';
import type { Candidate, InFlightTurn, Rota, TurnKind, TurnPlace, TurnRef } from '../turns.js';
import type { RangeDays, Window } from '../windows.js';
import type {
  Credentials,
  FieldList,
  LightRow,
  SourceAddress,
  SourceRecord,
  UnreadableRecord,
} from './source.js';

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
  /** How far back he is mirrored. */
  readonly rangeDays: RangeDays;
  readonly standing: Standing;
  readonly attention: ErrorRecord | null;
}

export interface NewUser {
  readonly userId: UserId;
  readonly address: SourceAddress;
  readonly credentials: Credentials;
  /** `INITIAL_SYNC_RANGE_DAYS` unless given. */
  readonly rangeDays?: RangeDays;
}

/** The windows that were made of a module: they tile `[from, until)`. */
export interface Tiling {
  /** The range that they were made for. */
  readonly range: RangeDays;
  readonly from: Date;
  /** The next window starts here, by Odoo's clock. */
  readonly until: Date;
}

/** Windows to be made at the past end of a module's tiling. */
export interface LaidHistory {
  /** What the module's tiling is then. */
  readonly tiling: Tiling;
  readonly toRead: readonly LaidWindow[];
  /** Stretches that a survey found empty when they could be sealed. */
  readonly empty: readonly Window[];
  /** When that survey began, by Odoo's clock. */
  readonly surveyedAt: Date;
  /** Records it counted in the whole stretch; null when it failed. */
  readonly records: number | null;
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
  /** Null until the module's history was surveyed and laid out. */
  readonly tiling: Tiling | null;
  /** Records that a tail could not read, and leaves alone for an hour unless they are written. */
  readonly unreadable: readonly (UnreadableRecord & { readonly writeDate: Date; readonly at: Date })[];
  /** Records in the tiling when it was surveyed; null when no survey succeeded. */
  readonly surveyed: number | null;
  /** Surveys that failed since the last one that told something. */
  readonly surveyTries: number;
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
  /** The last difference of clocks that was seen and is not believed yet. */
  readonly skewSeenMs: number | null;
  /** How far the database's clock was seen ahead of Odoo's `Date`, in milliseconds; never negative. */
  readonly dbSkewMs: number;
  /** Pause between pages under throttling, in milliseconds. */
  readonly paceMs: number;
  /** A first rejected credential waits for its second look until then. */
  readonly suspectUntil: Date | null;
  /** Nothing of this user runs before (he is throttled, or his credentials wait for their second look). */
  readonly holdUntil: Date | null;
  /** Connection faults of his Odoo that no answer followed yet. */
  readonly outage: Outage | null;
}

/** A plan without what only a turn needs: its lists of fields are larger than all the rest. */
export type LeanPlan = Omit<UserPlan, 'modules'> & {
  readonly modules: Readonly<Record<ModuleName, Omit<ModuleState, 'fields' | 'retired' | 'unreadable'>>>;
};

/** All that the planner's caller needs, read at one time. */
export interface PlanSnapshot {
  /** The store's clock. */
  readonly now: Date;
  readonly user: User;
  readonly plan: LeanPlan;
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
  /**
   * Makes a module's first windows, or more before them, in one transaction with its tiling.
   * @param before the tiling that the history was laid out for. @returns false when it is another one by now.
   */
  layHistory(
    userKey: string,
    module: ModuleName,
    before: Tiling | null,
    history: LaidHistory,
  ): Promise<boolean>;
  /** Makes the windows that start at or before `until` of every module that has some. Repeating it changes nothing. */
  extendTiling(userKey: string, until: Date): Promise<void>;
  /**
   * The one release: raises release numbers and notes the rota in one transaction, if the plan's revision is still `rev`.
   * @param at the store's clock, as the snapshot had it.
   * @returns null when somebody else changed the plan or a turn meanwhile.
   */
  release(
    userKey: string,
    rev: number,
    turns: { readonly tail: boolean; readonly round: readonly Candidate[] },
    rota: Rota,
    nextTurnAt: Date,
    at: Date,
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
  notePlan(
    userKey: string,
    patch: Partial<Pick<UserPlan, 'paceMs' | 'suspectUntil' | 'holdUntil' | 'dbSkewMs'>>,
  ): Promise<void>;
  /** The same for everybody who is mirrored from this user's Odoo database. */
  noteSource(userKey: string, patch: Partial<Pick<UserPlan, 'paceMs' | 'holdUntil'>>): Promise<void>;
  /** Counts a connection fault of this user's Odoo database. Null when the user is gone. */
  noteFault(userKey: string): Promise<{ readonly outage: Outage; readonly opened: boolean } | null>;
  /** It answered. @returns the outage that ended, when this ended it. */
  noteAnswer(userKey: string): Promise<Outage | null>;
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
  /**
   * From a chunk's number on; a chunk holds at most 1,000 records, and the same ones every time, made anew: whoever takes
   * them may change them.
   */
  chunks(from: number): AsyncIterable<readonly SourceRecord[]>;
}

/** Records written ahead of their commit; see {@link MirrorStore.writeEarly}. */
export interface EarlyWrite {
  /** Takes a page, of so many bytes as Odoo sent them. The records are the store's from then on. */
  add(records: readonly SourceRecord[], bytes: number): void;
  /** Gives it up. Must be called when there will be no commit; does nothing after one. */
  drop(): Promise<void>;
}

export interface MirrorStore {
  /**
   * Begins to write a window's records before it is read to its end. Nothing of it is visible, or kept, unless a commit of
   * the same pass ends it; it may be given up at any time, which costs the commit time and nothing else.
   */
  writeEarly(pass: WindowPass): EarlyWrite;
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
    early?: EarlyWrite,
  ): Promise<PassCounts>;
  /** The same for a resync's window: the resync moves to its next position, and the window's batch is made good if it had failed. */
  commitResync(
    pass: WindowPass,
    resync: Resync,
    batchId: string,
    stream: RecordStream,
    result: Omit<PassResult, 'counts'>,
    early?: EarlyWrite,
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
  /**
   * The user is to be mirrored from further back: each module's next turn lays out what lies before its first window.
   * @throws SyncError `configuration` for a range that isn't wider than the one he has.
   */
  widenUser(userKey: string, rangeDays: RangeDays): Promise<User>;
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
    /** Read at least once, or found empty by the survey. */
    readonly done: number;
    /** Of these, found empty by the survey: no job was made for them. */
    readonly empty: number;
    readonly pending: number;
    readonly inFlight: number;
    readonly open: number;
    readonly succeeded: number;
    readonly failed: number;
  };
  /** Records read by the windows' last passes. */
  readonly recordsRead: number;
  readonly surveyed: number | null;
  /** Start of the first window; null before the module's history was laid out. */
  readonly mirroredFrom: Date | null;
  readonly pages: number;
  readonly retries: number;
  /** Records of its windows that Odoo could not read. */
  readonly unreadable: number;
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

export interface UnreadableReport extends UnreadableRecord {
  readonly doc: string;
  readonly module: ModuleName;
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
  /** How long the windows that were never read will take at the pace so far, in milliseconds; null before the first one. */
  readonly timeLeftMs: number | null;
  /** His Odoo can't be reached since then, and is left alone for now; null while it can. */
  readonly outage: { readonly since: Date; readonly nextTryAt: Date } | null;
  /** Why the last tail failed, as when Odoo can't be reached; null when it went well. */
  readonly tailError: ErrorRecord | null;
  readonly modules: readonly ModuleReport[];
  readonly failedBatches: readonly FailedBatchReport[];
  readonly unreadable: readonly UnreadableReport[];
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
