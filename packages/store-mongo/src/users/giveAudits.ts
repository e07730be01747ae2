import { serverNow } from '../clock.js';
import type { StoreContext } from '../context.js';
import { newAudits } from '../ledger/audits.js';
import { isDuplicateKey } from '../mongoErrors.js';

/** Makes the audits of users whom an engine added that had none. */
export async function giveAudits(context: StoreContext): Promise<void> {
  const { users, audits, settings, log } = context;
  const without = users.aggregate<{ _id: string; life: string; userId: string; releaseBase?: number }>([
    { $match: { standing: { $ne: 'removing' } } },
    {
      $lookup: {
        from: audits.collectionName,
        localField: '_id',
        foreignField: 'userKey',
        pipeline: [{ $limit: 1 }, { $project: { _id: 1 } }],
        as: 'audits',
      },
    },
    { $match: { audits: [] } },
    { $project: { life: 1, userId: 1, releaseBase: 1 } },
  ]);
  const now = await serverNow(context);
  let given = 0;
  for await (const user of without) {
    try {
      await audits.insertMany(
        [...newAudits(settings, { ...user, releaseBase: user.releaseBase ?? 0 }, now)],
        {
          ordered: false,
        },
      );
      given++;
    } catch (error) {
      // Another program that starts has done it.
      if (!isDuplicateKey(error)) throw error;
    }
  }
  if (given > 0) log.info({ users: given }, 'users of an earlier version are audited from now on');
}
