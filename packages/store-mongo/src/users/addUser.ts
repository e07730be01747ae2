import { randomUUID } from 'node:crypto';
import {
  checkUserId,
  firstSyncState,
  MODULE_NAMES,
  type NewUser,
  SyncError,
  type User,
  userKeyOf,
} from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import { serverNow } from '../clock.js';
import { fenceIdOf, type UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { openLanes } from '../lanes/lanesOfLife.js';
import { newAudits } from '../ledger/audits.js';
import { sourceOf } from '../ledger/outages.js';
import { isDuplicateKey } from '../mongoErrors.js';
import { ledgerTransaction } from '../session.js';
import { mannersOf } from './manners.js';
import { seal } from './seals.js';
import { userOf } from './users.js';

/**
 * Connects a user: a new life with its address and sealed credentials, its plan (a tail due at once, no window yet) and its
 * lanes, all in one transaction: a refused call has touched nothing of the user who is there.
 */
export async function addUser(context: StoreContext, user: NewUser): Promise<User> {
  checkUserId(user.userId);
  const userKey = userKeyOf(user.userId);
  await refuseExisting(context, userKey);
  const life = randomUUID();
  const connectedAt = await serverNow(context);
  try {
    return await ledgerTransaction(context, async (session) => {
      const releaseBase = await openLanes(context, { userKey, life }, user.userId, session);
      const document: UserDocument = {
        _id: userKey,
        life,
        userId: user.userId,
        url: user.address.url,
        db: user.address.db,
        login: user.credentials.login,
        credentialKind: user.credentials.kind,
        credentialVersion: 1,
        sealed: seal(context, { userKey, life, address: user.address }, user.credentials),
        connectedAt,
        rangeDays: user.rangeDays ?? context.settings.rangeDays,
        ...mannersOf(user.manners ?? {}),
        releaseBase,
        standing: 'active',
        attention: null,
      };
      await context.users.insertOne(document, { session });
      await makePlan(context, document, session);
      await makeAudits(context, document, session);
      await openFences(context, document, session);
      return userOf(document);
    });
  } catch (error) {
    if (isDuplicateKey(error)) await refuseExisting(context, userKey);
    throw error;
  }
}

async function makePlan(context: StoreContext, user: UserDocument, session: ClientSession): Promise<void> {
  const { _id, userId, life, releaseBase } = user;
  const { tailIntervalMs } = context.settings;
  const plan = firstSyncState({ ...user, release: releaseBase, tailIntervalMs });
  await context.plans.replaceOne(
    { _id },
    { ...plan, userId, life, source: sourceOf(user) },
    { upsert: true, session },
  );
}

async function makeAudits(
  { audits, settings }: StoreContext,
  user: UserDocument,
  session: ClientSession,
): Promise<void> {
  for (const audit of newAudits(settings, user, user.connectedAt))
    await audits.replaceOne({ _id: audit._id }, audit, { upsert: true, session });
}

async function openFences(
  { fences }: StoreContext,
  { _id: userKey, userId }: UserDocument,
  session: ClientSession,
): Promise<void> {
  for (const module of MODULE_NAMES) {
    await fences.updateOne(
      { _id: fenceIdOf(userKey, module) },
      { $set: { userId }, $setOnInsert: { token: 0, commits: 0 } },
      { upsert: true, session },
    );
  }
}

/** @throws SyncError `conflict` when a user has this key already. */
async function refuseExisting({ users }: StoreContext, userKey: string): Promise<void> {
  const existing = await users.findOne({ _id: userKey }, { projection: { standing: 1 } });
  if (!existing) return;
  const how =
    existing.standing === 'removing'
      ? 'is being removed: wait until that has ended, then add it again'
      : 'exists already: change its credentials, or remove it first (URL and database of a user never change)';
  throw new SyncError('conflict', `the user ${userKey} ${how}`);
}
