import { firstPlan, MODULE_NAMES, type NewUser, SyncError, type User, userKeyOf } from '@odoo-sync/core';
import { MongoServerError } from 'mongodb';
import { serverNow } from './clock.js';
import type { StoreContext } from './context.js';
import { fenceIdOf, type UserDocument } from './documents.js';
import { sourceOf } from './outages.js';
import { freeLanes } from './purge.js';
import { userOf } from './users.js';

const DUPLICATE_KEY = 11000;
const RELEASES_PER_LIFE = 1_000_000;
const EXISTS =
  'exists already: change its credentials, or remove it first (URL and database of a user never change)';

/**
 * Connects a user: his address and sealed credentials, his plan (a tail due at once, no window yet), his lanes.
 * Lanes and fences of a user who was removed and is made again are kept: their tokens never restart.
 */
export async function addUser(context: StoreContext, user: NewUser): Promise<User> {
  const userKey = userKeyOf(user.userId);
  const existing = await context.users.findOne({ _id: userKey });
  if (existing) {
    throw existing.standing === 'removing'
      ? refusal(userKey, 'is being removed: wait until that has ended, then add it again')
      : refusal(userKey, EXISTS);
  }
  const lanes = await context.lanes.findOneAndUpdate(
    { _id: userKey },
    { $set: { userId: user.userId }, $setOnInsert: { lanes: {} }, $inc: { generation: 1 } },
    { upsert: true, returnDocument: 'after' },
  );
  await freeLanes(context, userKey);
  const connectedAt = await serverNow(context);
  const document: UserDocument = {
    _id: userKey,
    userId: user.userId,
    url: user.address.url,
    db: user.address.db,
    login: user.credentials.login,
    credentialKind: user.credentials.kind,
    credentialVersion: 1,
    sealed: context.sealer.encrypt(user.credentials.secret, userKey),
    connectedAt,
    rangeDays: user.rangeDays ?? context.settings.rangeDays,
    releaseBase: ((lanes?.generation ?? 1) - 1) * RELEASES_PER_LIFE,
    standing: 'active',
    attention: null,
  };
  for (const module of MODULE_NAMES) {
    await context.fences.updateOne(
      { _id: fenceIdOf(userKey, module) },
      { $set: { userId: user.userId }, $setOnInsert: { token: 0, commits: 0 } },
      { upsert: true },
    );
  }
  // The plan first: a user without one would never get a turn; a plan without a user is overwritten here next time.
  const plan = firstPlan({
    ...document,
    release: document.releaseBase,
    tailIntervalMs: context.settings.tailIntervalMs,
  });
  await context.plans.replaceOne(
    { _id: userKey },
    { ...plan, userId: user.userId, source: sourceOf(user.address) },
    { upsert: true },
  );
  try {
    await context.users.insertOne(document);
  } catch (error) {
    if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) throw refusal(userKey, EXISTS);
    throw error;
  }
  return userOf(document);
}

const refusal = (userKey: string, how: string) =>
  new SyncError('configuration', `the user ${userKey} ${how}`);
