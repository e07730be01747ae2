import { MODULE_NAMES, MODULES, type ModuleName, SyncError } from '@odoo-sync/core';
import { MongoServerError } from 'mongodb';
import type { StoreContext } from './context.js';
import { fenceIdOf } from './documents.js';
import { killSession } from './killSession.js';
import { deadSessions } from './leases.js';
import { FENCE_WAIT_MS, MAX_TIME_EXPIRED } from './raiseFences.js';

const FOREVER = new Date('9999-01-01T00:00:00Z');
const STEP = 5_000;
const FENCE_TRIES = 30;
const PURGE = { doc: 'purge', release: 0, kind: 'purge' };

/**
 * Marks a user for removal, then takes all his lanes for good: tokens rise, holders' sessions end, fences follow. From
 * then on no turn of his can commit. Repeating it is safe.
 */
export async function beginRemoval(context: StoreContext, userKey: string): Promise<void> {
  const marked = await context.users.updateOne({ _id: userKey }, { $set: { standing: 'removing' } });
  await context.plans.updateOne({ _id: userKey }, { $set: { nextTurnAt: FOREVER }, $inc: { rev: 1 } });
  if (marked.matchedCount === 0) throw new SyncError('configuration', `there is no user ${userKey}`);
  for (const module of MODULE_NAMES) await seize(context, userKey, module);
}

async function seize(context: StoreContext, userKey: string, module: ModuleName): Promise<void> {
  const path = `lanes.${module}`;
  const after = await context.lanes.findOneAndUpdate(
    { _id: userKey },
    [
      {
        $set: {
          [path]: {
            token: { $add: [{ $ifNull: [`$${path}.token`, 0] }, 1] },
            holder: { $literal: PURGE },
            session: null,
            expired: null,
            dead: deadSessions(path),
            takenAt: '$$NOW',
            expiresAt: FOREVER,
          },
        },
      },
    ],
    { returnDocument: 'after' },
  );
  const lease = after?.lanes[module];
  if (!lease) return;
  const { token, dead } = lease;
  for (let tries = 1; ; tries++) {
    for (const id of dead) await killSession(context, id);
    try {
      await context.fences.updateOne(
        { _id: fenceIdOf(userKey, module) },
        { $max: { token } },
        { maxTimeMS: FENCE_WAIT_MS },
      );
      return;
    } catch (error) {
      const blocked = error instanceof MongoServerError && error.code === MAX_TIME_EXPIRED;
      if (!blocked || tries >= FENCE_TRIES) throw error;
    }
  }
}

/** One bounded step: records by thousands, then the ledger, then the user; tokens stay for a user made again. */
export async function purgeStep(
  context: StoreContext,
  userKey: string,
): Promise<{ readonly done: boolean; readonly purged: number; readonly what: string }> {
  const user = await context.users.findOne({ _id: userKey });
  if (!user) return { done: true, purged: 0, what: 'user' };
  if (user.standing !== 'removing') throw new Error(`the user ${userKey} is not marked for removal`);
  for (const { collection } of Object.values(MODULES)) {
    const mirror = context.mirror(collection);
    const some = await mirror
      .find({ userId: user.userId }, { projection: { _id: 1 } })
      .limit(STEP)
      .toArray();
    if (some.length === 0) continue;
    const { deletedCount } = await mirror.deleteMany({ _id: { $in: some.map(({ _id }) => _id) } });
    return { done: false, purged: deletedCount, what: collection };
  }
  await context.batches.deleteMany({ userKey, release: { $exists: true } });
  await context.resyncs.deleteMany({ userKey });
  await context.turns.deleteMany({ userKey });
  await context.plans.deleteOne({ _id: userKey });
  await context.users.deleteOne({ _id: userKey });
  return { done: true, purged: 1, what: 'user' };
}

/**
 * Gives back what a removal took for good, for a user who is made again. Not at the purge's end: a process that died
 * before it would leave his lanes taken for ever, and a turn that outlived the purge would find them free.
 */
export async function freeLanes({ lanes }: StoreContext, userKey: string): Promise<void> {
  for (const module of MODULE_NAMES) {
    const lease = `lanes.${module}`;
    await lanes.updateOne({ _id: userKey, [`${lease}.holder.doc`]: PURGE.doc }, {
      $set: { [`${lease}.holder`]: null, [`${lease}.expiresAt`]: new Date(0) },
    } as object);
  }
}

export async function usersBeingRemoved({ users }: StoreContext): Promise<readonly string[]> {
  const found = await users.find({ standing: 'removing' }, { projection: { _id: 1 } }).toArray();
  return found.map(({ _id }) => _id);
}
