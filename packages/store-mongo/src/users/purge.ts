import { MODULE_NAMES, MODULES, type ModuleName, SyncError, type UserRef } from '@odoo-sync/core';
import { fenceIdOf, ofLife, type UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { deadSessions } from '../lanes/leases.js';
import { FENCE_WAIT_MS } from '../lanes/raiseFences.js';
import { isOutOfTime, isWriteConflict } from '../mongoErrors.js';
import { killSession, ledgerTransaction } from '../session.js';

const FOREVER = new Date('9999-01-01T00:00:00Z');
const STEP = 2_000;
const FENCE_TRIES = 30;
const PURGE = { doc: 'purge', release: 0, kind: 'purge' };

export interface PurgeStep {
  readonly done: boolean;
  readonly purged: number;
  readonly what: string;
}

/**
 * Ends a user's life: marks it for removal, then takes all of its lanes for good: tokens rise, holders' sessions end, fences
 * follow. From then on no turn of it can commit. Repeating it is safe, also when the same id lives again.
 */
export async function beginRemoval(context: StoreContext, user: UserRef): Promise<void> {
  const marked = await context.users.updateOne(ofLife(user), { $set: { standing: 'removing' } });
  if (marked.matchedCount === 0) {
    throw new SyncError(
      'configuration',
      `there is no user ${user.userKey}, or it was removed and added again since it was looked up`,
    );
  }
  await context.plans.updateOne(ofLife(user), { $set: { nextTurnAt: FOREVER }, $inc: { rev: 1 } });
  for (const module of MODULE_NAMES) await seize(context, user, module);
}

async function seize(context: StoreContext, user: UserRef, module: ModuleName): Promise<void> {
  const path = `lanes.${module}`;
  const after = await context.lanes.findOneAndUpdate(
    ofLife(user),
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
        { _id: fenceIdOf(user.userKey, module) },
        { $max: { token } },
        { maxTimeMS: FENCE_WAIT_MS },
      );
      return;
    } catch (error) {
      if (!isOutOfTime(error) || tries >= FENCE_TRIES) throw error;
    }
  }
}

/**
 * One bounded step: records by thousands, then the ledger, then the user; lanes and fences stay, for their tokens. The plan
 * goes before the batches and resyncs, since nothing makes one of these without writing on the plan.
 */
export async function purgeStep(context: StoreContext, ref: UserRef): Promise<PurgeStep> {
  const user = await context.users.findOne(ofLife(ref));
  if (!user) return { done: true, purged: 0, what: 'user' };
  if (user.standing !== 'removing') throw new Error(`the user ${ref.userKey} is not marked for removal`);
  for (const { collection } of Object.values(MODULES)) {
    const purged = await purgeRecords(context, user, collection);
    if (purged === 'busy') return { done: false, purged: 0, what: collection };
    if (purged > 0) return { done: false, purged, what: collection };
  }
  const { userKey, life } = ref;
  // Null: made by an engine without lives, during an upgrade.
  const theirs = { userKey, life: { $in: [life, null] } } as object;
  await context.plans.deleteOne(ofLife(ref));
  await context.batches.deleteMany({ ...theirs, release: { $exists: true } });
  await context.resyncs.deleteMany(theirs);
  await context.turns.deleteMany(theirs);
  await context.users.deleteOne(ofLife(ref));
  return { done: true, purged: 1, what: 'user' };
}

/**
 * Records carry no life: what keeps a purge that is late from those of the next one is the write on the user, the first of the
 * transaction. @returns how many went; `busy` while other processes purge the same user all the time.
 */
async function purgeRecords(
  context: StoreContext,
  user: UserDocument,
  collection: string,
): Promise<number | 'busy'> {
  try {
    return await purgeSome(context, user, collection);
  } catch (error) {
    if (isWriteConflict(error)) return 'busy';
    throw error;
  }
}

function purgeSome(context: StoreContext, user: UserDocument, collection: string): Promise<number> {
  const mirror = context.mirror(collection);
  return ledgerTransaction(context, async (session) => {
    const ended = await context.users.updateOne(
      { _id: user._id, life: user.life, standing: 'removing' },
      { $inc: { purges: 1 } },
      { session },
    );
    if (ended.matchedCount === 0) return 0;
    const some = await mirror
      .find({ userId: user.userId }, { session, projection: { _id: 1 } })
      .limit(STEP)
      .toArray();
    if (some.length === 0) return 0;
    const { deletedCount } = await mirror.deleteMany(
      { userId: user.userId, _id: { $in: some.map(({ _id }) => _id) } },
      { session },
    );
    return deletedCount;
  });
}

export async function usersBeingRemoved({ users }: StoreContext): Promise<readonly UserRef[]> {
  const found = await users.find({ standing: 'removing' }, { projection: { life: 1 } }).toArray();
  return found.map(({ _id: userKey, life }) => ({ userKey, life }));
}
