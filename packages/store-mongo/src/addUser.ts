import {
  FIRST_ROTA,
  MODULE_NAMES,
  type ModuleName,
  type ModuleState,
  type NewUser,
  SyncError,
  tilingStartOf,
  type User,
  userKeyOf,
} from '@odoo-sync/core';
import { MongoServerError } from 'mongodb';
import { serverNow } from './clock.js';
import type { StoreContext } from './context.js';
import { fenceIdOf, type PlanDocument, type UserDocument } from './documents.js';
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
    tilingStart: tilingStartOf(connectedAt, context.settings.rangeDays),
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
  await context.plans.replaceOne({ _id: userKey }, firstPlan(context, document), { upsert: true });
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

function firstPlan(context: StoreContext, user: UserDocument): Omit<PlanDocument, '_id'> {
  const now = user.connectedAt;
  const modules = Object.fromEntries(MODULE_NAMES.map((name) => [name, FIRST_STATE])) as Record<
    ModuleName,
    ModuleState
  >;
  return {
    userId: user.userId,
    rev: 0,
    rota: FIRST_ROTA,
    nextTurnAt: now,
    tail: {
      status: 'idle',
      release: user.releaseBase,
      dueAt: now,
      startedAt: null,
      pauseMs: context.settings.tailIntervalMs,
      lastChangeAt: now,
      lastEnd: null,
      lastError: null,
    },
    modules,
    skewMs: 0,
    skewSeenMs: null,
    dbSkewMs: 0,
    tiledUntil: user.tilingStart,
    paceMs: 0,
    suspectUntil: null,
    holdUntil: null,
  };
}

const FIRST_STATE: ModuleState = {
  state: 'active',
  reason: null,
  probeAt: null,
  fields: null,
  wanted: null,
  describedAt: null,
  retired: [],
  surveyed: null,
  surveyedAt: null,
  lastPass: null,
  lastWide: null,
};
