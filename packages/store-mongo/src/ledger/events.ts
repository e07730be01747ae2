import {
  allows,
  applyBatchEvent,
  applyResyncEvent,
  type Batch,
  type BatchEvent,
  type InFlightTurn,
  isOfLife,
  type ReleasedTurn,
  type Resync,
  type ResyncEvent,
} from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import { serverNow } from '../clock.js';
import type { StoreContext } from '../context.js';
import { batchGuard, changesOf, resyncGuard } from './compareAndSet.js';

const inSession = (session: ClientSession | undefined) => (session ? { session } : {});

/**
 * Applies an event to a batch by the table.
 * @returns the batch as it is now; null when the table refuses, or the batch isn't any more what the caller read.
 */
export async function batchEvent(
  context: StoreContext,
  batch: Batch,
  event: BatchEvent,
  session?: ClientSession,
): Promise<Batch | null> {
  if (!allows(batch, event.type)) return null;
  const next = applyBatchEvent(batch, event, context.settings);
  const changes = changesOf(batch, next);
  if (Object.keys(changes).length === 0) return next;
  const done = await context.batches.updateOne(batchGuard(batch), { $set: changes }, inSession(session));
  return done.matchedCount === 1 ? next : null;
}

/** The same for a resync. */
export async function resyncEvent(
  context: StoreContext,
  resync: Resync,
  event: ResyncEvent,
  session?: ClientSession,
): Promise<Resync | null> {
  const next = applyResyncEvent(resync, event, context.settings);
  if (!next) return null;
  const changes = changesOf(resync, next);
  if (Object.keys(changes).length === 0) return next;
  const done = await context.resyncs.updateOne(resyncGuard(resync), { $set: changes }, inSession(session));
  return done.matchedCount === 1 ? next : null;
}

/**
 * A turn that is out though its job has ended: what ran has died, and either way a new number is needed, since the id of
 * the old one is taken.
 */
export async function reissue(context: StoreContext, turn: InFlightTurn): Promise<ReleasedTurn | null> {
  const at = await serverNow(context);
  const healAt = new Date(at.getTime() + context.settings.healMs);
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
  let batch: Batch | null = await context.batches.findOne({ _id: turnId });
  if (!batch || batch.release !== turn.release || !isOfLife(batch, turn)) return null;
  if (allows(batch, 'expire')) batch = await batchEvent(context, batch, { type: 'expire', at, healAt });
  if (batch?.status !== 'queued') return null;
  const again = await batchEvent(context, batch, { type: 'reissue', at });
  return again && numbered(again.release);
}
