import type { Fleet } from './fleet.js';
import { untilTrue } from './untilTrue.js';

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
