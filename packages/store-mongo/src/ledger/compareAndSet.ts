import type { Audit, Batch, Resync } from '@odoo-sync/core';

/** Matches a batch only as it was read: these are all the fields that decide about an event, or that an event changes. */
export const batchGuard = (batch: Batch) => ({
  _id: batch._id,
  // Null also matches a batch without the field, as an engine without lives made it.
  life: batch.life ?? null,
  status: batch.status,
  release: batch.release,
  attempts: batch.attempts,
  expiries: batch.expiries,
  parts: batch.parts,
});

/** The same for a resync. */
export const resyncGuard = (resync: Resync) => ({
  _id: resync._id,
  life: resync.life ?? null,
  status: resync.status,
  release: resync.release,
  position: resync.position,
  attempts: resync.attempts,
  expiries: resync.expiries,
});

/** The same for an audit. */
export const auditGuard = (audit: Audit) => ({
  _id: audit._id,
  life: audit.life,
  status: audit.status,
  release: audit.release,
  attempts: audit.attempts,
  expiries: audit.expiries,
  dueAt: audit.dueAt,
});

/** The fields in which two states of a document differ, for a `$set`. */
export function changesOf<T extends object>(before: T, after: T): Partial<T> {
  const changes: Partial<T> = {};
  for (const key of Object.keys(after) as (keyof T)[])
    if (after[key] !== before[key]) changes[key] = after[key];
  return changes;
}

/**
 * Writes what a document became, where that is anything else than it was. @param write changes the document if it still is what was read.
 * @returns what it became; null where it has moved on.
 */
export async function changeAsRead<T extends object>(
  before: T,
  next: T,
  write: (changes: Partial<T>) => Promise<{ readonly matchedCount: number }>,
): Promise<T | null> {
  const changes = changesOf(before, next);
  if (Object.keys(changes).length === 0) return next;
  return (await write(changes)).matchedCount === 1 ? next : null;
}
