import { moduleOf, type WriteScope } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';
import { laneTransaction } from '../lanes/heldLane.js';

const SOME = 1_000;

/** Makes records tombstones under the lane's fence. What another program keeps in the same documents stays, as their content does. */
export async function bury(
  context: StoreContext,
  { user, lane, module, origin }: Pick<WriteScope, 'user' | 'lane' | 'module' | 'origin'>,
  odooIds: readonly number[],
): Promise<number> {
  const mirror = context.mirror(moduleOf(module).collection);
  let buried = 0;
  for (let from = 0; from < odooIds.length; from += SOME) {
    const some = odooIds.slice(from, from + SOME);
    const now = new Date();
    buried += await laneTransaction(context, lane, async (session) => {
      const { modifiedCount } = await mirror.updateMany(
        { userId: user.userId, odooId: { $in: some }, '_sync.deletedAt': null },
        { $set: { '_sync.deletedAt': now, '_sync.lastChanged': now, '_sync.batch': origin } },
        { session },
      );
      return modifiedCount;
    });
  }
  return buried;
}
