import type { AuditResult, AuditRun, AuditStatus } from '../audit.js';
import type { Cliff } from '../cliff.js';
import type { ErrorRecord } from '../errors.js';
import type { ModuleName } from '../modules.js';
import type { Resync } from '../resync.js';
import type { TurnKind } from '../turns.js';
import type { UnreadableRecord } from './source.js';
import type { Standing, User } from './user.js';

/** How far a module's audit is, and what the last one proved. */
export interface AuditReport {
  readonly status: AuditStatus;
  /** When the next one, or the next slice, is due. */
  readonly dueAt: Date;
  readonly result: AuditResult | null;
  readonly run: Pick<AuditRun, 'phase' | 'share' | 'startedAt' | 'records'> | null;
  readonly cliff: Cliff | null;
  /** Fields came or went: what is mirrored is read once more by the new list, and lacks what is new until that run's end. */
  readonly refilling: boolean;
  readonly lastError: ErrorRecord | null;
}

export interface ModuleReport {
  readonly module: ModuleName;
  /** `caught_up`: every sealable window succeeded, the others open, one tail since, and no difference known to the last audit. */
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
  /** None of a user whom an earlier version added, until the next start of a program. */
  readonly audit: AuditReport | null;
}

export interface FailedBatchReport {
  readonly jobId: string;
  readonly turnId: string;
  readonly module: ModuleName;
  readonly windowStart: Date;
  readonly windowEnd: Date;
  readonly attempts: number;
  readonly lastError: ErrorRecord | null;
}

export interface UnreadableReport extends UnreadableRecord {
  readonly turnId: string;
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
  /** How many windows failed: more than `failures` names, where they are very many. */
  readonly failed: number;
  readonly lastError: ErrorRecord | null;
}

export interface UserReport {
  readonly user: User;
  readonly caughtUp: boolean;
  /** How long the windows that were never read will take at the pace so far, in milliseconds; null before the first one. */
  readonly timeLeftMs: number | null;
  /** Its Odoo can't be reached since then, and is left alone for now; null while it can. */
  readonly outage: { readonly since: Date; readonly nextTryAt: Date } | null;
  /** Odoo's clock is too far off to be believed: how far it is ahead, in milliseconds, and what to do. Null where it is believed. */
  readonly clock: { readonly aheadMs: number; readonly message: string } | null;
  /** Why the last tail failed, as when Odoo can't be reached; null when it went well. */
  readonly tailError: ErrorRecord | null;
  readonly modules: readonly ModuleReport[];
  readonly failedBatches: readonly FailedBatchReport[];
  readonly unreadable: readonly UnreadableReport[];
  readonly resyncs: readonly ResyncReport[];
  readonly running: readonly {
    readonly kind: TurnKind;
    readonly module: ModuleName | null;
    readonly turnId: string;
  }[];
}

/** How many users share a value. */
export interface Share {
  readonly value: number;
  readonly users: number;
}

/** The fleet in a few numbers, whatever the number of its users: for metrics. */
export interface FleetFigures {
  readonly users: Readonly<Record<Standing, number>>;
  /**
   * Active users by the whole seconds since the last good tail pass of their slowest available module, by Odoo's clock; without
   * one, since they were connected. Users whose modules are all unavailable are left out.
   */
  readonly freshnessSeconds: readonly Share[];
  /** Active users by how many of the windows that were made for them were never read; users who have none yet are left out. */
  readonly windowsLeft: readonly Share[];
  /** Active users by the age of the oldest of their modules' last audits, in whole hours told in seconds; those who had none yet are left out. */
  readonly proofAgeSeconds: readonly Share[];
  /** Failed batches by the kind of their last error. */
  readonly failedBatches: Readonly<Partial<Record<ErrorRecord['kind'], number>>>;
  readonly openResyncs: number;
  readonly failedResyncs: number;
  /** Documents in the modules' collections, about: tombstones and what other programs keep there included. */
  readonly documents: number;
  /** Odoo databases that are left alone because they could not be reached. */
  readonly breakersOpen: number;
  /** Active users who can't read a module. */
  readonly unavailableModules: Readonly<Partial<Record<ModuleName, number>>>;
  /**
   * The keys of users whom somebody should look at, a hundred at most: those who need attention first, then those with failed
   * batches, then those whose last audit stopped or left something different, then those whose Odoo is out of reach, who aren't followed, or who are half an hour behind.
   */
  readonly inTrouble: readonly string[];
}

export interface StatusStore {
  /** One report a user, without failed batches' details beyond `failedLimit` each. */
  report(userKey: string, failedLimit?: number): Promise<UserReport | null>;
  /** Without failed batches, unreadable records and running turns; in the order of the keys, those of nobody left out. */
  reports(userKeys: readonly string[]): Promise<readonly UserReport[]>;
  /** Windows of a module that were never read yet, without those that have failed. */
  windowsLeft(userKey: string, module: ModuleName): Promise<number>;
  /** @throws when the store takes too long over it. */
  fleetFigures(): Promise<FleetFigures>;
  /** Documents in a module's collection for a user that are not tombstoned. @param upToId only those up to this record. */
  countRecords(user: User, module: ModuleName, upToId?: number): Promise<number>;
}
