import {
  auditTurn,
  type Batch,
  failedBatchTurn,
  failedResyncTurn,
  type Resync,
  type TurnPlace,
} from '@odoo-sync/core';
import type { StoreContext } from '../context.js';

/** A batch by its id; null when there is none. */
export const findBatch = ({ batches }: StoreContext, id: string): Promise<Batch | null> =>
  batches.findOne({ _id: id, release: { $exists: true } });

/** A resync by its id; null when there is none. */
export const findResync = ({ resyncs }: StoreContext, id: string): Promise<Resync | null> =>
  resyncs.findOne({ _id: id });

/** Failed batches, resyncs and audits in the order of their ids, page by page. */
export async function failedTurns(
  { batches, resyncs, audits }: StoreContext,
  after: string | null,
  limit: number,
): Promise<readonly TurnPlace[]> {
  const page = { status: 'failed' as const, ...(after === null ? {} : { _id: { $gt: after } }) };
  const [failedBatches, failedResyncs, failedAudits] = await Promise.all([
    batches
      .find({ ...page, release: { $exists: true } })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray(),
    resyncs.find(page).sort({ _id: 1 }).limit(limit).toArray(),
    audits.find(page).sort({ _id: 1 }).limit(limit).toArray(),
  ]);
  const turns = [
    ...failedBatches.map(failedBatchTurn),
    ...failedResyncs.map(failedResyncTurn),
    ...failedAudits.map(auditTurn),
  ];
  return turns.sort((a, b) => (a.turnId < b.turnId ? -1 : 1)).slice(0, limit);
}
