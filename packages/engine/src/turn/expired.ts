import type { TurnHolder, UserRef } from '@odoo-sync/core';
import { loadWorkItem } from '../window/workItem.js';
import type { Engine } from './engine.js';

/** Counts a turn whose lease had expired when its lane was taken, and tells the ledger: it counts against its window. */
export async function noteExpired(engine: Engine, user: UserRef, expired: TurnHolder): Promise<void> {
  engine.metrics.leaseExpired();
  if (expired.kind === 'tail') return;
  const item = await loadWorkItem(engine, user, expired);
  if (!item) return;
  engine.log.warn(
    { expired: expired.turnId, release: expired.release },
    "a worker's lease expired without an outcome",
  );
  await item.expire();
}
