import { type PastTurn, storeTime, type UserRef } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';

/**
 * The last turns of a life, newest first, by the index `odoosync_user`. The history of turns is kept for a week; where a window's
 * batch is gone meanwhile, its start is too.
 */
export async function pastTurns(
  { turns, batches }: StoreContext,
  { userKey, life }: UserRef,
  limit: number,
): Promise<readonly PastTurn[]> {
  const found = await turns.find({ userKey, life }).sort({ takenAt: -1 }).limit(limit).toArray();
  const windows = await batches
    .find({ _id: { $in: found.map(({ doc }) => doc) } }, { projection: { startTime: 1 } })
    .toArray();
  const startOf = new Map(windows.map(({ _id, startTime }) => [_id, startTime]));
  return found.map(({ kind, module, doc, outcome, pages, counts, takenAt, endedAt }) => ({
    kind,
    module,
    turnId: doc,
    windowStart: startOf.get(doc) ?? null,
    outcome,
    pages,
    counts,
    takenAt: storeTime(takenAt),
    endedAt: storeTime(endedAt),
  }));
}
