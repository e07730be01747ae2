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
  databaseAcceptedAt: document.databaseAcceptedAt ?? null,
});

/** A user by its key; null when there is none. */
export async function findUser({ users }: StoreContext, userKey: string): Promise<User | null> {
  const found = await users.findOne({ _id: userKey }, { projection: { sealed: 0 } });
  return found && userOf(found);
}

/** Some users, in the order of their keys. */
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

/** The error for a life of a user that doesn't exist, or no longer. */
export const noUser = (userKey: string) => new SyncError('conflict', `there is no user ${userKey}`);
