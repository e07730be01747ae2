import { MODULES, type UserRef } from '@odoo-sync/core';
import { ofLife, type UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { isWriteConflict } from '../mongoErrors.js';
import { ledgerTransaction } from '../session.js';

const STEP = 2_000;

export interface PurgeStep {
  readonly done: boolean;
  readonly purged: number;
  readonly what: string;
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
