import { TURN_KINDS, type TurnHolder, type UserRef } from '@odoo-sync/core';
import { loadAuditItem } from '../audit/auditItem.js';
import { loadWorkItem } from '../window/workItem.js';
import type { Engine } from './turnContext.js';

/** Counts a turn whose lease had expired when its lane was taken, and tells the ledger: it counts against its work. */
export async function noteExpired(
  engine: Pick<Engine, 'store' | 'jobQueue' | 'settings' | 'metrics' | 'log'>,
  user: UserRef,
  expired: TurnHolder,
): Promise<void> {
  engine.metrics.leaseExpired();
  const load = TURN_KINDS[expired.kind].document === 'audit' ? loadAuditItem : loadWorkItem;
  const work = await load(engine, user, expired);
  if (!work) return;
  engine.log.warn(
    { expired: expired.turnId, release: expired.release },
    "a worker's lease expired without an outcome",
  );
  await work.expire();
}
