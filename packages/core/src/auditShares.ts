import { type OdooTime, odooTime } from './time.js';

/**
 * Which records a run reads in full: what changes without a word in `write_date` (the names of linked records, amounts changed by
 * SQL, a field that appeared) shows in no comparison of dates. Each run takes the share that waited longest: the records whose ids
 * leave this rest.
 */
export type AuditShare = number | 'all';

/** As of when each share was last read in full; null where it never was. */
export type AuditShares = readonly (OdooTime | null)[];

const DAY_MS = 86_400_000;

/** Into how many shares a module's records are cut, so that each is read in full within so many days. */
export const shareCount = (deepDays: number, auditIntervalMs: number): number =>
  Math.max(1, Math.ceil((deepDays * DAY_MS) / auditIntervalMs));

/** The same shares in another number: each as old as the oldest was. */
export const sharesIn = (shares: AuditShares, count: number): AuditShares =>
  shares.length === count ? shares : Array.from({ length: count }, () => oldestOf(shares));

/** As of when every share was read; null where one never was. */
export function oldestOf(shares: AuditShares): OdooTime | null {
  const oldest = Math.min(...shares.map((at) => at?.getTime() ?? Number.NEGATIVE_INFINITY));
  return Number.isFinite(oldest) ? odooTime(oldest) : null;
}

/** The share that waited longest. */
export const nextShare = (shares: AuditShares): number =>
  shares.reduce<number>(
    (next, at, n) => ((at?.getTime() ?? 0) < (shares[next]?.getTime() ?? 0) ? n : next),
    0,
  );

/** Whether a record is of a share. */
export const isOfShare = (odooId: number, share: AuditShare, count: number): boolean =>
  share === 'all' || odooId % count === share;

/** The shares after a run that read one. */
export const sharesAfter = (shares: AuditShares, share: AuditShare, asOf: OdooTime): AuditShares =>
  shares.map((at, n) => (share === 'all' || share === n ? asOf : at));
