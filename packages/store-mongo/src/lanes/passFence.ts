import { FencedOutError } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';
import type { HeldLane } from './takeLanes.js';

/**
 * The first operation of every transaction: a conditional write on the fence. A read would let a worker that was fenced
 * out commit under snapshot isolation.
 */
export async function passFence({ fences }: StoreContext, lane: HeldLane): Promise<void> {
  const passed = await fences.updateOne(
    { _id: lane.fenceId, token: lane.token },
    { $inc: { commits: 1 } },
    { session: lane.session },
  );
  if (passed.matchedCount !== 1) throw new FencedOutError(lane.fenceId, lane.token);
}
