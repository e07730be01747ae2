import { until } from '@odoo-sync/local-servers';
import type { Db } from 'mongodb';
import type { Fleet } from './fleet.js';

const WINDOW_MS = 86_400_000;

/** Waits for a condition, and asks seldom: what is measured must not be kept busy by the asking. @throws when it isn't in time. */
export const untilTrue = (
  what: string,
  ask: () => Promise<boolean>,
  limitMs: number,
  everyMs = 50,
): Promise<void> => until(what, ask, limitMs, everyMs);

/**
 * Waits until turns of a kind have read so many windows of a module, of all users together, that hold records. The turns
 * are asked for, not the batches: a turn is recorded a moment after its batch.
 */
export const untilRead = (
  { db }: Fleet,
  kind: 'backfill' | 'resync',
  module: string,
  windows: number,
  limitMs = 240_000,
): Promise<void> =>
  untilTrue(
    `${windows} windows of ${module} are read`,
    async () => {
      const read = { kind, module, 'counts.read': { $gt: 0 } };
      return (await db.collection('odoosyncturns').countDocuments(read)) >= windows;
    },
    limitMs,
    200,
  );

/** How many windows were read or sealed, of all users: a batch may stand for a phase of several. */
export async function windowsDone(db: Db): Promise<number> {
  const [sum] = await db
    .collection('odoosyncbatches')
    .aggregate<{ ms: number }>([
      { $match: { status: { $in: ['open', 'succeeded'] } } },
      { $group: { _id: null, ms: { $sum: { $subtract: ['$endTime', '$startTime'] } } } },
    ])
    .toArray();
  return Math.round(Number(sum?.ms ?? 0) / WINDOW_MS);
}
