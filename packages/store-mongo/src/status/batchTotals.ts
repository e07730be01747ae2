import { type BatchStatus, type ModuleName, type UserId, WINDOW_MS } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';

/** The totals of the batches of one user, module and status. */
export interface BatchTotals {
  readonly _id: { readonly userKey: string; readonly module: ModuleName; readonly status: BatchStatus };
  readonly windows: number;
  readonly read: number;
  readonly pages: number;
  readonly retries: number;
  readonly unreadable: number;
  readonly lastRead: Date | null;
  readonly readOnce: number;
  readonly empty: number;
  readonly firstDue: Date;
  /** Records that the survey counted in these windows. */
  readonly surveyed: number;
  readonly uncounted: number;
  /** Windows that had a pass of their own, and how long those took. */
  readonly passes: number;
  readonly tookMs: number;
}

/** A range that a survey found empty counts as the windows it holds. */
const WINDOWS = { $divide: [{ $subtract: ['$endTime', '$startTime'] }, WINDOW_MS] };

/** The totals of some users' batches, by the index `odoosync_window`. The store counts them. */
export async function batchTotals(
  { batches }: StoreContext,
  userIds: readonly UserId[],
): Promise<BatchTotals[]> {
  return batches
    .aggregate<BatchTotals>([
      { $match: { userId: { $in: [...userIds] }, release: { $exists: true } } },
      {
        $group: {
          _id: { userKey: '$userKey', module: '$module', status: '$status' },
          windows: { $sum: WINDOWS },
          read: { $sum: { $ifNull: ['$counts.read', 0] } },
          pages: { $sum: '$pages' },
          retries: { $sum: '$retries' },
          unreadable: { $sum: { $size: { $ifNull: ['$unreadable', []] } } },
          lastRead: { $max: '$readStartedAt' },
          firstDue: { $min: '$dueAt' },
          readOnce: { $sum: { $cond: [{ $gt: ['$readStartedAt', null] }, WINDOWS, 0] } },
          empty: { $sum: { $cond: [{ $eq: ['$sealedBy', 'survey'] }, WINDOWS, 0] } },
          surveyed: { $sum: { $ifNull: ['$surveyed', 0] } },
          uncounted: { $sum: { $cond: [{ $eq: ['$surveyed', null] }, 1, 0] } },
          passes: { $sum: { $cond: [{ $gt: ['$durationMs', 0] }, 1, 0] } },
          tookMs: { $sum: '$durationMs' },
        },
      },
    ])
    .toArray();
}
