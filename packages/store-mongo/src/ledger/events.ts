import {
  allows,
  applyBatchEvent,
  applyResyncEvent,
  type Batch,
  type BatchEvent,
  type Resync,
  type ResyncEvent,
} from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import type { StoreContext } from '../context.js';
import { batchGuard, changesOf, resyncGuard } from './compareAndSet.js';

const inSession = (session: ClientSession | undefined) => (session ? { session } : {});

/**
 * Applies an event to a batch by the table of transitions.
 * @returns the batch as it is now; null when the table refuses, or the batch is no longer what the caller read.
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
