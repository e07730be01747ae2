import { SyncError, type User, type UserPage } from '@odoo-sync/core';
import type { UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';

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

/** By its key; null where there is none. */
export async function findUser({ users }: StoreContext, userKey: string): Promise<User | null> {
  const found = await users.findOne({ _id: userKey }, { projection: { sealed: 0 } });
  return found && userOf(found);
}

/** In the order of their keys. */
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

/** What is said where a user, or the life that was meant, isn't there. */
export const noUser = (userKey: string) => new SyncError('configuration', `there is no user ${userKey}`);
