import type { ErrorRecord } from '../errors.js';
import type { UserRef } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { OdooTime, StoreTime } from '../time.js';
import type { ReleasedTurn } from './dispatchStore.js';
import type { ModuleState, SyncState } from './syncState.js';
import type { User } from './user.js';

/** How a pass ended, good or bad. */
export interface TailEnd {
  /** The next pass is due so long after this one's start, so that how long a pass takes doesn't add to the lag. */
  readonly pauseMs: number;
  /** But not sooner than this after its end. */
  readonly waitMs: number;
  readonly changed: boolean;
  /** Nothing was found in any module, so that no lane was taken, and nothing but this is noted. */
  readonly quiet: boolean;
  readonly error: ErrorRecord | null;
  /** What is to be noted of the modules that were passed. */
  readonly passes: ReadonlyMap<ModuleName, TailNotes>;
  /** What its deaths are counted from afterwards: none unless told. */
  readonly expiries?: number;
  /** Odoo's clock, as {@link SyncStateStore.noteClock} takes it; null when it gave no answer. */
  readonly odooNow: OdooTime | null;
  /** Modules whose lanes another turn had. */
  readonly missed: readonly ModuleName[];
  /** How far its clock is off, where it isn't believed. */
  readonly clockOffMs: number | null;
}

/** The tail after one that ended. */
export interface NextTail extends ReleasedTurn {
  /** Whether nothing else is to be done for the user by now: nobody need look. */
  readonly alone: boolean;
}

/** What a pass notes of a module. */
export type TailNotes = Pick<ModuleState, 'lastPass'> & Partial<Pick<ModuleState, 'lastWide' | 'unreadable'>>;

/** What a tail that may begin needs of its user, read at one time. */
export interface TailView {
  readonly user: User;
  readonly state: SyncState;
  /** The store's clock. */
  readonly now: StoreTime;
  /** When the oldest `open` window of each module starts: a tail looks no further back than that. */
  readonly oldestOpen: ReadonlyMap<ModuleName, Date>;
  /** Whether a turn holds a lane of the user by a lease that has not expired. */
  readonly leased: boolean;
}

/** The life of a user's tail; see tail.ts. */
export interface TailLedger {
  /** Null when that life has ended. */
  tailView(user: UserRef): Promise<TailView | null>;
  /** `queued` -> `running`; from `running`, its worker died: that is counted. False when this release is not the current one. */
  tailStart(user: UserRef, release: number): Promise<boolean>;
  /**
   * The end of a pass, good or bad: `queued` with the next release number, due after the pause, and the user is looked at again
   * `repairMs` later. Returns that release.
   */
  tailEnd(user: UserRef, release: number, end: TailEnd): Promise<NextTail | null>;
  /** A running tail that is given back by its worker: queued again, same number. */
  tailHandBack(user: UserRef, release: number): Promise<void>;
}
