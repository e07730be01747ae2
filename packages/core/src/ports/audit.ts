import type { Audit, AuditEvent } from '../audit.js';
import type { CompanyLoss } from '../cliff.js';
import type { UserRef } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { WriteScope } from './mirror.js';
import type { User } from './user.js';

/** Ids above `after`, up to `upTo`, or all above. */
export interface IdRange {
  readonly after: number;
  readonly upTo: number | null;
}

/** What the mirror holds of a range of ids, against the dates of the source. */
export interface IdComparison {
  /** Records of the mirror in that range, tombstones left out. */
  readonly mirrored: number;
  /** In the source alone, or a tombstone in the mirror; they rise. */
  readonly missing: readonly number[];
  /** In both, with another date. */
  readonly stale: readonly number[];
  /** In the mirror alone: the first ones, by their ids, and how many there are. */
  readonly gone: readonly number[];
  readonly goneCount: number;
}

/** What audits need of the mirror. */
export interface AuditMirror {
  /**
   * Compares a range of ids. @param dates of the source's records in it, in milliseconds since 1970; null where one has none.
   */
  compareIds(
    user: User,
    module: ModuleName,
    range: IdRange & { readonly goneMost: number },
    dates: ReadonlyMap<number, number | null>,
  ): Promise<IdComparison>;
  /** What these records are of their companies' records in the mirror; nothing of those without a company. */
  companyLosses(user: User, module: ModuleName, odooIds: readonly number[]): Promise<readonly CompanyLoss[]>;
  /**
   * Makes records tombstones, where the mirror holds them alive, in transactions under the lane's fence.
   * @returns how many it made. @throws FencedOutError when the lane's token was raised.
   */
  bury(
    scope: Pick<WriteScope, 'user' | 'lane' | 'module' | 'origin'>,
    odooIds: readonly number[],
  ): Promise<number>;
}

/** Audits and what happens to them. Whatever changes something of a user names its life, and does nothing once that has ended. */
export interface AuditLedger {
  audit(id: string): Promise<Audit | null>;
  /** Applies an event by the table, under a compare-and-set on what was read. Null when the audit has moved on. */
  auditEvent(audit: Audit, event: AuditEvent): Promise<Audit | null>;
}

/** What an operator asks of audits. */
export interface AuditRequests {
  /** The audits of a user, in the order of the modules. */
  audits(user: UserRef): Promise<readonly Audit[]>;
  /**
   * Has these modules audited as soon as their turn comes; a run that is on goes on. @param deep the next run reads every record in
   * full, and one that is on is followed by such a run.
   * @throws SyncError `conflict` when the user's life has ended, or is being ended.
   */
  requestAudit(user: UserRef, modules: readonly ModuleName[], deep?: boolean): Promise<readonly Audit[]>;
  /**
   * What a stopped audit found gone may go. @returns the modules whose audit goes on.
   * @throws SyncError `conflict` where none of them has stopped, or the user's life has ended.
   */
  acceptAudit(user: UserRef, modules: readonly ModuleName[]): Promise<readonly ModuleName[]>;
}
