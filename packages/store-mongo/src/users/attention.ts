import { type ErrorRecord, type StoreTime, SyncError, type User, type UserRef } from '@odoo-sync/core';
import { serverNow } from '../clock.js';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';

/** Credentials were rejected twice: nothing of this user runs but one probe, a tail at `probeAt`. */
export async function needsAttention(
  { users, plans }: StoreContext,
  user: Pick<User, 'userKey' | 'life' | 'credentialVersion'>,
  error: ErrorRecord,
  probeAt: StoreTime,
): Promise<void> {
  const noted = await users.updateOne(
    { ...ofLife(user), credentialVersion: user.credentialVersion, standing: { $ne: 'removing' } },
    { $set: { standing: 'needs_attention', attention: error } },
  );
  if (noted.matchedCount === 0) return;
  await plans.updateOne(ofLife(user), {
    $set: { 'tail.dueAt': probeAt, nextTurnAt: probeAt },
    $inc: { rev: 1 },
  });
}

/** The credentials work: the user is active, its tail due now. */
export async function restoreUser({ users, plans }: StoreContext, user: UserRef): Promise<void> {
  await users.updateOne(
    { ...ofLife(user), standing: 'needs_attention' },
    { $set: { standing: 'active', attention: null } },
  );
  await plans.updateOne(ofLife(user), [
    {
      $set: {
        'tail.dueAt': '$$NOW',
        nextTurnAt: '$$NOW',
        suspectUntil: null,
        holdUntil: null,
        rev: { $add: ['$rev', 1] },
      },
    },
  ]);
}

/** Another database is mirrored from now on: the user is active, and its identity is learned anew. */
export async function acceptDatabase(context: StoreContext, user: UserRef): Promise<void> {
  const { users, plans } = context;
  const at = await serverNow(context);
  const accepted = await users.updateOne(
    { ...ofLife(user), standing: 'needs_attention', 'attention.kind': 'identity' },
    { $set: { databaseAcceptedAt: at } },
  );
  if (accepted.matchedCount === 0)
    throw new SyncError(
      'conflict',
      `the user ${user.userKey} does not wait for a database to be accepted: \`odoo-sync status ${user.userKey}\` says how it is`,
    );
  await plans.updateOne(ofLife(user), { $set: { databaseUuid: null, stranger: null }, $inc: { rev: 1 } });
  await restoreUser(context, user);
}
