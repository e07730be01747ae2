import { FencedOutError, type Lane } from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import type { StoreContext } from '../context.js';
import { once, repeated } from '../session.js';

/** The lane as its holder has it: with the session that commits. */
export interface HeldLane extends Lane {
  readonly session: ClientSession;
  readonly fenceId: string;
}

/** What this store handed out as a lane: whoever holds it sees only the port's part of it. */
export const heldLane = (lane: Lane): HeldLane => lane as HeldLane;

/**
 * The first operation of every transaction: a conditional write on the fence. A read would let a worker that was fenced
 * out commit under snapshot isolation.
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
 * A small transaction of the ledger under a lane's fence, on the lane's session: whoever takes the lane from a dead holder
 * kills that session, so that nothing of it comes later.
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
