import { fenceIdOf, type LanesDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { isDuplicateKey, isOutOfTime } from '../mongoErrors.js';
import { hex, type TakenLease } from './leases.js';

/** How long a taker waits for a fence that another transaction holds. */
export const FENCE_WAIT_MS = 1_000;

/**
 * Writes the tokens of lanes that were just taken into their fences.
 * @returns those whose fence was written. The others' could not be written in time, or has a higher token already.
 */
export async function raiseFences(
  context: StoreContext,
  user: LanesDocument,
  taken: readonly TakenLease[],
): Promise<readonly TakenLease[]> {
  if (taken.length > 1 && (await raisedTogether(context, user, taken))) return taken;
  const raised = await Promise.all(taken.map((one) => raiseFence(context, user, one)));
  return taken.filter((_, n) => raised[n]);
}

/** In one command, which nearly always works. @returns false when any of them failed: to find out which, each is tried alone. */
async function raisedTogether(
  context: StoreContext,
  user: LanesDocument,
  taken: readonly TakenLease[],
): Promise<boolean> {
  try {
    await context.fences.bulkWrite(
      taken.map((one) => ({ updateOne: { ...raising(user, one), upsert: true } })),
      { ordered: false, maxTimeMS: FENCE_WAIT_MS },
    );
    return true;
  } catch (error) {
    if (isOutOfTime(error) || isDuplicateKey(error)) return false;
    throw error;
  }
}

async function raiseFence(context: StoreContext, user: LanesDocument, one: TakenLease): Promise<boolean> {
  const { filter, update } = raising(user, one);
  try {
    await context.fences.updateOne(filter, update, { upsert: true, maxTimeMS: FENCE_WAIT_MS });
    return true;
  } catch (error) {
    if (isOutOfTime(error)) return false;
    // The fence is there and carries this token, or a higher one: an upsert that finds none lower inserts.
    if (!isDuplicateKey(error)) throw error;
  }
  const fence = await context.fences.findOne({ _id: filter._id });
  // It was written together with the others. The token alone doesn't prove that: before a backup was restored, another taker may have had it.
  const ours = one.lease.session && fence?.raisedBy && hex(fence.raisedBy) === hex(one.lease.session);
  if (ours && fence.token === one.lease.token) return true;
  // The leases are behind the fence, as after a backup was restored: go on from the fence's token.
  await context.lanes.updateOne(
    { _id: user._id },
    { $max: { [`lanes.${one.module}.token`]: fence?.token ?? one.lease.token } },
  );
  return false;
}

const raising = (
  { _id: userKey, userId }: LanesDocument,
  { module, lease: { token, session: raisedBy } }: TakenLease,
) => ({
  filter: { _id: fenceIdOf(userKey, module), token: { $lt: token } },
  update: { $set: { token, raisedBy }, $setOnInsert: { userId, commits: 0 } },
});
