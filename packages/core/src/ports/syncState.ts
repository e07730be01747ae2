import type { Outage } from '../breaker.js';
import type { ErrorRecord } from '../errors.js';
import type { PlannedWindow } from '../history.js';
import type { UserRef } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { TailStatus } from '../tail.js';
import type { OdooTime, StoreTime } from '../time.js';
import type { Rota } from '../turns.js';
import type { RangeDays, WindowRange } from '../windows.js';
import type { Lane } from './lane.js';
import type { PageCeilings, UnreadableRecord } from './source.js';

/** The windows that were made of a module: they tile `[from, until)`. */
export interface Tiling {
  /** The range that they were made for. */
  readonly range: RangeDays;
  readonly from: Date;
  /** The next window starts here, by Odoo's clock. */
  readonly until: OdooTime;
}

/** What a survey says of a module's history: the windows to be made at the past end of a module's tiling. */
export interface BackfillPlan {
  /** What the module's tiling is then. */
  readonly tiling: Tiling;
  readonly toRead: readonly PlannedWindow[];
  /** Ranges that a survey found empty when they could be sealed. */
  readonly empty: readonly WindowRange[];
  /** When that survey began, by Odoo's clock. */
  readonly surveyedAt: OdooTime;
  /** Records it counted in the whole range; null when it failed. */
  readonly records: number | null;
}

/** What is known of one module of one user, beside its batches and its schema. */
export interface ModuleState {
  readonly state: 'active' | 'unavailable';
  readonly reason: ErrorRecord | null;
  /** When an unavailable module is tried again, by the store's clock. */
  readonly probeAt: StoreTime | null;
  /** The version of its schema, which says all that the schema holds; null until it was described. */
  readonly schema: string | null;
  /** Wanted, but not offered by this server to this user. */
  readonly dropped: readonly string[];
  /** Digest of the wanted fields that the schema was cut from. */
  readonly wanted: string | null;
  readonly describedAt: StoreTime | null;
  readonly pageCeilings: PageCeilings;
  /** Null until the module's history was surveyed and laid out. */
  readonly tiling: Tiling | null;
  /** Records that a tail could not read, and leaves alone for an hour unless they are written. */
  readonly unreadable: readonly (UnreadableRecord & { readonly writeDate: Date; readonly at: OdooTime })[];
  /** Records in the tiling when it was surveyed; null when no survey succeeded. */
  readonly surveyed: number | null;
  /** Surveys that failed since the last one that told something. */
  readonly surveyTries: number;
  /** The tail's last pass, by Odoo's clock. */
  readonly lastPass: OdooTime | null;
  /** The last pass that looked back 48 h. */
  readonly lastWide: OdooTime | null;
}

/** A user's sync state: what is due, and what every turn needs to know. One document a user, changed by compare-and-set. */
export interface SyncState {
  readonly rev: number;
  readonly rota: Rota;
  readonly nextTurnAt: StoreTime;
  /**
   * Until when nothing but tails is to be done, as the planner saw it; null where something waited or ran. Whoever makes something
   * due beside it makes `nextTurnAt` come. None where an earlier version wrote the sync state.
   */
  readonly idleUntil?: StoreTime | null;
  readonly tail: {
    readonly status: TailStatus;
    readonly release: number;
    readonly dueAt: StoreTime;
    readonly startedAt: StoreTime | null;
    readonly pauseMs: number;
    readonly lastChangeAt: StoreTime | null;
    /** End of the last pass, good or bad. */
    readonly lastEnd: StoreTime | null;
    readonly lastError: ErrorRecord | null;
    /** Passes in a row that ended with their worker. None where an earlier version wrote the sync state. */
    readonly expiries?: number;
    /** Modules that the last one could not pass, since another turn had their lanes. None where an earlier version wrote the sync state. */
    readonly missed?: readonly ModuleName[];
  };
  readonly modules: Readonly<Record<ModuleName, ModuleState>>;
  /** Odoo's clock minus the store's, in milliseconds. */
  readonly skewMs: number;
  /** How far ahead Odoo's clock was at the last tail, where that is too far to be believed. */
  readonly clockOffMs: number | null;
  /** The last difference of clocks that was seen and is not believed yet. */
  readonly skewSeenMs: number | null;
  /** How far the database's clock was seen ahead of Odoo's `Date`, in milliseconds; never negative. */
  readonly dbSkewMs: number;
  /** Pause between pages under throttling, in milliseconds. */
  readonly paceMs: number;
  /** A first rejected credential waits for its second look until then. */
  readonly suspectUntil: StoreTime | null;
  /** Nothing of this user runs before (it is throttled, or its credentials wait for their second look). */
  readonly holdUntil: StoreTime | null;
  /** The `database.uuid` of its Odoo, as it was first seen; none where its login may not read that, or it wasn't asked yet. */
  readonly databaseUuid?: string | null;
  /** Connection faults of its Odoo since the last answer. */
  readonly outage: Outage | null;
}

/** A sync state without what only a turn needs. */
export type LeanSyncState = Omit<SyncState, 'modules'> & {
  readonly modules: Readonly<Record<ModuleName, Omit<ModuleState, 'unreadable'>>>;
};

/** What turns read of a user's sync state, and what they write there. A user whose life has ended has none. */
export interface SyncStateStore {
  /** Null when that life has ended. */
  syncState(user: UserRef): Promise<SyncState | null>;
  /**
   * Writes what was learned about a lane's module, under its fence.
   * @throws FencedOutError when the lane's token was raised.
   */
  noteModule(lane: Lane, patch: Partial<ModuleState>): Promise<void>;
  noteSyncState(
    user: UserRef,
    patch: Partial<Pick<SyncState, 'paceMs' | 'suspectUntil' | 'holdUntil' | 'dbSkewMs' | 'databaseUuid'>>,
  ): Promise<void>;
  /** The same for everybody who is mirrored from this user's Odoo database. */
  noteSource(user: UserRef, patch: Partial<Pick<SyncState, 'paceMs' | 'holdUntil'>>): Promise<void>;
  /** Counts a connection fault of this user's Odoo database. Null when the user is gone. */
  noteFault(user: UserRef): Promise<{ readonly outage: Outage; readonly opened: boolean } | null>;
  /** It answered. @returns the outage that ended, when this ended it. */
  noteAnswer(user: UserRef): Promise<Outage | null>;
  /** Odoo's clock, read off just now. */
  noteClock(user: UserRef, odooNow: OdooTime): Promise<void>;
}
