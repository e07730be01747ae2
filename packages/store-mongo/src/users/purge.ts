import { MODULES, type UserRef } from '@odoo-sync/core';
import { batchesOf, ofLife, schemasOf, type UserDocument } from '../collections.js';
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
 * One bounded step of a removal: records by thousands, then the ledger, then the user. Lanes and fences stay, for their tokens. The
 * plan goes before the batches, resyncs and schemas, since nobody makes one of these without writing on the plan.
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
  // Null matches what an engine without lives made during an upgrade.
  const theirs = { userKey, life: { $in: [life, null] } } as object;
  await context.plans.deleteOne(ofLife(ref));
  await context.batches.deleteMany({ ...batchesOf(userKey), ...theirs });
  await context.resyncs.deleteMany(theirs);
  await context.audits.deleteMany(theirs);
  await context.turns.deleteMany(theirs);
  await context.schemas.deleteMany(schemasOf(ref));
  await context.users.deleteOne(ofLife(ref));
  return { done: true, purged: 1, what: 'user' };
}

/**
 * Removes some of a user's records. They carry no life, so the transaction begins with a write on the user's document: a late purge
 * can't reach the records of the next life.
 * @returns how many were removed; `busy` while other processes purge the same user all the time.
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

/** Users whose removal has begun and not ended. */
export async function usersBeingRemoved({ users }: StoreContext): Promise<readonly UserRef[]> {
  const found = await users.find({ standing: 'removing' }, { projection: { life: 1 } }).toArray();
  return found.map(({ _id: userKey, life }) => ({ userKey, life }));
}
