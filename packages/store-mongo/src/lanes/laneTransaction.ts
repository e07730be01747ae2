import type { Lane } from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import type { StoreContext } from '../context.js';
import { once, repeated } from '../session.js';
import { passFence } from './passFence.js';
import type { HeldLane } from './takeLanes.js';

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
  const held = lane as HeldLane;
  return repeated(() =>
    once(held.session, async () => {
      await passFence(context, held);
      return work(held.session);
    }),
  );
}
