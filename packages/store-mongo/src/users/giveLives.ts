import { batchesOf } from '../collections.js';
import type { StoreContext } from '../context.js';

const NONE = { life: { $exists: false } };

/**
 * Gives a life to the users of an engine that had none, and to all that is kept of them. It is made of the moment when the user was
 * connected, so that several processes that start at once give the same. The user's own document is the last: after an interruption,
 * all of it is done again.
 *
 * A plan without a user, which such an engine left when adding a user was cut off, would be due for ever: it is removed.
 */
export async function giveLives(context: StoreContext): Promise<void> {
  const { users, plans, lanes, batches, resyncs, turns, log } = context;
  let given = 0;
  for (;;) {
    const user = await users.findOne(NONE as object, { projection: { connectedAt: 1 } });
    if (!user) break;
    const { _id: userKey, connectedAt } = user;
    const life = `since-${connectedAt.getTime()}`;
    const set = { $set: { life } };
    await plans.updateOne({ _id: userKey, ...NONE } as object, set);
    await lanes.updateOne({ _id: userKey, ...NONE } as object, set);
    await batches.updateMany({ ...batchesOf(userKey), ...NONE } as object, set);
    await resyncs.updateMany({ userKey, ...NONE } as object, set);
    await turns.updateMany({ userKey, ...NONE } as object, set);
    await users.updateOne({ _id: userKey, ...NONE } as object, set);
    given++;
  }
  if (given === 0) return;
  const left = plans.find(NONE as object, { projection: { _id: 1 } });
  for await (const { _id } of left)
    if (!(await users.findOne({ _id }, { projection: { _id: 1 } })))
      await plans.deleteOne({ _id, ...NONE } as object);
  log.info({ users: given }, 'users of an earlier version were given a life');
}
