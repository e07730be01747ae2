import {
  type AddressedUser,
  type Credentials,
  type ErrorRecord,
  isWider,
  type Manners,
  MODULE_NAMES,
  type RangeDays,
  SyncError,
  type User,
  type UserPage,
  type UserRef,
} from '@odoo-sync/core';
import { ofLife, type UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { isOldSeal, seal, sealAnew, unseal } from './seals.js';

/** A user as the engine sees it: without its secret. */
export const userOf = (document: UserDocument): User => ({
  userKey: document._id,
  life: document.life,
  userId: document.userId,
  address: { url: document.url, db: document.db },
  login: document.login,
  credentialKind: document.credentialKind,
  credentialVersion: document.credentialVersion,
  connectedAt: document.connectedAt,
  rangeDays: document.rangeDays,
  language: document.language ?? null,
  callDelayMs: document.callDelayMs ?? null,
  standing: document.standing,
  attention: document.attention,
});

export async function findUser({ users }: StoreContext, userKey: string): Promise<User | null> {
  const found = await users.findOne({ _id: userKey }, { projection: { sealed: 0 } });
  return found && userOf(found);
}

export async function pageOfUsers(
  { users }: StoreContext,
  { after = '', limit }: UserPage,
): Promise<readonly User[]> {
  const found = await users
    .find({ _id: { $gt: after } }, { projection: { sealed: 0 } })
    .sort({ _id: 1 })
    .limit(limit)
    .toArray();
  return found.map(userOf);
}

/**
 * Opens a user's credentials, for the address with which that user was read: they open for no other.
 * @throws SyncError `configuration` when its life has ended, `credentials` where they don't open.
 */
export async function readCredentials(context: StoreContext, user: AddressedUser): Promise<Credentials> {
  const found = await context.users.findOne(ofLife(user));
  if (!found) throw noUser(user.userKey);
  const credentials = unseal(context, user, found);
  if (isOldSeal(found.sealed)) await sealAnew(context, user, found.sealed, credentials);
  return credentials;
}

/**
 * New credentials; a user who needed attention is tried at once.
 * @param user with the address that the new ones are for: they are refused where another stands in the store.
 */
export async function setCredentials(
  context: StoreContext,
  user: AddressedUser,
  credentials: Credentials,
): Promise<void> {
  const { userKey, address } = user;
  const changed = await context.users.updateOne(
    { ...ofLife(user), ...address, standing: { $ne: 'removing' } },
    {
      $set: {
        login: credentials.login,
        credentialKind: credentials.kind,
        sealed: seal(context, user, credentials),
      },
      $inc: { credentialVersion: 1 },
    },
  );
  if (changed.matchedCount === 0) throw noUser(userKey);
  // What the old login might not read, the new one may.
  const probes = MODULE_NAMES.map((module) => [`modules.${module}.probeAt`, null]);
  await context.plans.updateOne(ofLife(user), { $set: Object.fromEntries(probes) });
  await restoreUser(context, user);
}

/** How its Odoo is asked from the next turn on. @throws SyncError `configuration` when its life has ended. */
export async function setManners({ users }: StoreContext, ref: UserRef, manners: Manners): Promise<User> {
  const changed = await users.findOneAndUpdate(
    { ...ofLife(ref), standing: { $ne: 'removing' } },
    { $set: mannersOf(manners) },
    { returnDocument: 'after', projection: { sealed: 0 } },
  );
  if (!changed) throw noUser(ref.userKey);
  return userOf(changed);
}

/** What of them is given. */
export const mannersOf = ({
  language,
  callDelayMs,
}: Manners): Pick<UserDocument, 'language' | 'callDelayMs'> => ({
  ...(language === undefined ? {} : { language }),
  ...(callDelayMs === undefined ? {} : { callDelayMs }),
});

/** The request is in the ledger when this returns; the next turn of each module makes the windows. */
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
      'configuration',
      `expected a range wider than the ${inDays(user.rangeDays)} from which ${userKey} is mirrored, but got ${inDays(rangeDays)}: a range can't be narrowed, only the user be removed and added again`,
    );
  }
  const widened = await users.findOneAndUpdate(
    { ...ofLife(ref), rangeDays: user.rangeDays },
    { $set: { rangeDays } },
    { returnDocument: 'after' },
  );
  if (!widened)
    throw new SyncError('configuration', `the range of ${userKey} was changed by somebody else just now`);
  await plans.updateOne(ofLife(ref), [
    { $set: { 'tail.dueAt': '$$NOW', nextTurnAt: '$$NOW', rev: { $add: ['$rev', 1] } } },
  ]);
  return userOf(widened);
}

const noUser = (userKey: string) => new SyncError('configuration', `there is no user ${userKey}`);

const inDays = (rangeDays: RangeDays): string =>
  rangeDays === 'all' ? 'whole history' : `${rangeDays} days`;

/** Credentials were rejected twice: nothing of this user runs but one probe (a tail) at `probeAt`. */
export async function needsAttention(
  { users, plans }: StoreContext,
  user: Pick<User, 'userKey' | 'life' | 'credentialVersion'>,
  error: ErrorRecord,
  probeAt: Date,
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
