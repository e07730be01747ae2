import {
  isOfLife,
  type ModuleName,
  odooTime,
  resyncTotal,
  type UserRef,
  WINDOW_MS,
  windowOf,
} from '@odoo-sync/core';
import { batchesOf } from '../collections.js';
import type { StoreContext } from '../context.js';
import { batchEvent } from './events.js';
import { insertResync } from './requests.js';

/**
 * Has windows read again in which a tail found more differing records than it reads itself. Open and failed ones become due, those
 * not read yet will be read anyway, and for sealed ones a resync is asked for, since a batch never comes back from `succeeded`.
 */
export async function makeWindowsDue(
  context: StoreContext,
  user: UserRef,
  module: ModuleName,
  starts: readonly Date[],
): Promise<void> {
  const { userKey } = user;
  for (const start of starts) {
    // The window's own batch, or the range that it lies in.
    const batch = await context.batches.findOne(
      { ...batchesOf(userKey, module), startTime: { $lte: start } },
      // Ids of a module sort by their days.
      { sort: { _id: -1 } },
    );
    if (!batch || batch.endTime <= start) continue;
    if (batch.status === 'open' || batch.status === 'failed') {
      if (isOfLife(batch, user))
        await batchEvent(context, batch, { type: 'makeDue', at: odooTime(batch.startTime) });
    } else if (batch.status === 'succeeded') {
      await askOnce(context, user, module, windowOf(start).start);
    }
  }
}

async function askOnce(context: StoreContext, user: UserRef, module: ModuleName, from: Date): Promise<void> {
  const to = new Date(from.getTime() + WINDOW_MS);
  const range = { modules: [module], from, to };
  const waiting = await context.resyncs.findOne({
    userKey: user.userKey,
    ...range,
    status: { $in: ['pending', 'queued', 'running'] },
  });
  if (!waiting)
    await insertResync(context, user, { ...range, total: resyncTotal(from, to, 1), requestedBy: 'tail' });
}
