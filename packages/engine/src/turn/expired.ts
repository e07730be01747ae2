import type { TurnHolder, UserRef } from '@odoo-sync/core';
import { findSubject } from '../window/subject.js';
import type { Engine } from './engine.js';

/** Counts a turn whose lease had expired when its lane was taken, and tells the ledger: it counts against its window. */
export async function tellExpired(engine: Engine, user: UserRef, expired: TurnHolder): Promise<void> {
  engine.metrics.leaseExpired();
  if (expired.kind === 'tail') return;
  const subject = await findSubject(engine, user, expired);
  if (!subject) return;
  engine.log.warn(
    { expired: expired.doc, release: expired.release },
    "a worker's lease expired without an outcome",
  );
  await subject.expire();
}
