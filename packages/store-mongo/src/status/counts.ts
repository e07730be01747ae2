import { type BatchStatus, IN_FLIGHT, type ModuleName, moduleOf, type User } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';

/** Statuses of a batch that is still to be read, or read again. */
export const UNREAD: readonly BatchStatus[] = ['pending', ...IN_FLIGHT];

/** How many windows of a module were never read, without those that have failed. */
export const windowsLeft = (
  { batches }: StoreContext,
  userKey: string,
  module: ModuleName,
): Promise<number> =>
  batches.countDocuments({
    userKey,
    module,
    status: { $in: UNREAD },
    readStartedAt: null,
    release: { $exists: true },
  });

/** How many documents a user has in a module's collection, tombstones left out. @param upToId only those up to this record. */
export async function countRecords(
  context: StoreContext,
  user: User,
  module: ModuleName,
  upToId?: number,
): Promise<number> {
  const mirror = context.mirror(moduleOf(module).collection);
  const ids = upToId === undefined ? {} : { odooId: { $lte: upToId } };
  return mirror.countDocuments({ userId: user.userId, ...ids, '_sync.deletedAt': null });
}
