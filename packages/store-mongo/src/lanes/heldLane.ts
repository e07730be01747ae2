import { FencedOutError, type Lane } from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import type { StoreContext } from '../context.js';
import { once, repeated } from '../session.js';

/** A lane as this store knows it: with the session that commits. */
export interface HeldLane extends Lane {
  readonly session: ClientSession;
  readonly fenceId: string;
}

/** Every lane of the port was made by this store, and carries more than the port shows. */
export const heldLane = (lane: Lane): HeldLane => lane as HeldLane;

/**
 * The first operation of every transaction: a conditional write on the fence. With a read in its place, a worker that was fenced
 * out could still commit under snapshot isolation.
 * @throws FencedOutError when the lane's token was raised.
 */
export async function passFence({ fences }: StoreContext, lane: HeldLane): Promise<void> {
  const passed = await fences.updateOne(
    { _id: lane.fenceId, token: lane.token },
    { $inc: { commits: 1 } },
    { session: lane.session },
  );
  if (passed.matchedCount !== 1) throw new FencedOutError(lane.fenceId, lane.token);
}

/**
 * A small transaction of the ledger under a lane's fence. It runs on the lane's session, which whoever takes the lane from a dead
 * holder kills: nothing of it can arrive later.
 * @throws FencedOutError when the lane's token was raised.
 */
export function laneTransaction<T>(
  context: StoreContext,
  lane: Lane,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const held = heldLane(lane);
  return repeated(() =>
    once(held.session, async () => {
      await passFence(context, held);
      return work(held.session);
    }),
  );
}
