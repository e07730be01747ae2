import { isWider, type RangeDays, SyncError, type User, type UserRef } from '@odoo-sync/core';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';
import { noUser, userOf } from './users.js';

/**
 * Has a user mirrored from further back. The request is in the ledger when this returns; the next turn of each module makes the
 * windows.
 * @throws SyncError `conflict` for a range that isn't wider than the present one.
 */
export async function widenUser(
  { users, plans }: StoreContext,
  ref: UserRef,
  rangeDays: RangeDays,
): Promise<User> {
  const { userKey } = ref;
  const user = await users.findOne({ ...ofLife(ref), standing: { $ne: 'removing' } });
  if (!user) throw noUser(userKey);
  if (!isWider(rangeDays, user.rangeDays)) {
    throw new SyncError(
      'conflict',
      `expected a range wider than the ${inDays(user.rangeDays)} from which ${userKey} is mirrored, but got ${inDays(rangeDays)}: a range can't be narrowed, only the user be removed and added again`,
    );
  }
  const widened = await users.findOneAndUpdate(
    { ...ofLife(ref), rangeDays: user.rangeDays },
    { $set: { rangeDays } },
    { returnDocument: 'after' },
  );
  if (!widened)
    throw new SyncError('conflict', `the range of ${userKey} was changed by somebody else just now`);
  await plans.updateOne(ofLife(ref), [
    { $set: { 'tail.dueAt': '$$NOW', nextTurnAt: '$$NOW', rev: { $add: ['$rev', 1] } } },
  ]);
  return userOf(widened);
}

const inDays = (rangeDays: RangeDays): string =>
  rangeDays === 'all' ? 'whole history' : `${rangeDays} days`;
