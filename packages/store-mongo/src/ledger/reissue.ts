import {
  type Audit,
  allows,
  type Batch,
  type InFlightTurn,
  isOfLife,
  later,
  type ReleasedTurn,
  type Resync,
  toOdooTime,
} from '@odoo-sync/core';
import { serverNow } from '../clock.js';
import type { StoreContext } from '../context.js';
import { auditEvent, batchEvent, resyncEvent } from './events.js';
import { findSyncState } from './syncState.js';

/**
 * Gives a new number to a turn that is out though its job has ended: the old job's id is taken. A turn that was running has died,
 * and expires first.
 * @returns the turn under its new number; null when the ledger has moved on.
 */
export async function reissue(context: StoreContext, turn: InFlightTurn): Promise<ReleasedTurn | null> {
  const [at, state] = await Promise.all([serverNow(context), findSyncState(context, turn)]);
  // As all that is due, by Odoo's clock.
  const healAt = later(toOdooTime(at, state ?? { skewMs: 0 }), context.settings.healMs);
  const { kind, userKey, life, turnId, module, startTime } = turn;
  const numbered = (release: number): ReleasedTurn => ({
    kind,
    userKey,
    life,
    turnId,
    release,
    module,
    startTime,
    delayMs: 0,
    replaces: null,
  });
  if (kind === 'resync') {
    let resync: Resync | null = await context.resyncs.findOne({ _id: turnId });
    if (!resync || resync.release !== turn.release || !isOfLife(resync, turn)) return null;
    if (resync.status === 'running') resync = await resyncEvent(context, resync, { type: 'expire', at });
    if (resync?.status !== 'queued') return null;
    const again = await resyncEvent(context, resync, { type: 'reissue', at });
    return again && numbered(again.release);
  }
  if (kind === 'audit') {
    let audit: Audit | null = await context.audits.findOne({ _id: turnId, life });
    if (audit?.release !== turn.release) return null;
    const auditHealAt = later(at, context.settings.healMs);
    if (audit.status === 'running')
      audit = await auditEvent(context, audit, { type: 'expire', at, healAt: auditHealAt });
    if (audit?.status !== 'queued') return null;
    const again = await auditEvent(context, audit, { type: 'reissue', at });
    return again && numbered(again.release);
  }
  let batch: Batch | null = await context.batches.findOne({ _id: turnId });
  if (!batch || batch.release !== turn.release || !isOfLife(batch, turn)) return null;
  if (allows(batch, 'expire')) batch = await batchEvent(context, batch, { type: 'expire', at, healAt });
  if (batch?.status !== 'queued') return null;
  const again = await batchEvent(context, batch, { type: 'reissue', at });
  return again && numbered(again.release);
}
