import {
  type Audit,
  type AuditEvent,
  allows,
  applyAuditEvent,
  applyBatchEvent,
  applyResyncEvent,
  type Batch,
  type BatchEvent,
  type Resync,
  type ResyncEvent,
} from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import type { StoreContext } from '../context.js';
import { auditGuard, batchGuard, changeAsRead, resyncGuard } from './compareAndSet.js';

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
  return changeAsRead(batch, next, (changes) =>
    context.batches.updateOne(batchGuard(batch), { $set: changes }, inSession(session)),
  );
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
  return changeAsRead(resync, next, (changes) =>
    context.resyncs.updateOne(resyncGuard(resync), { $set: changes }, inSession(session)),
  );
}

/** The same for an audit. */
export async function auditEvent(
  context: StoreContext,
  audit: Audit,
  event: AuditEvent,
  session?: ClientSession,
): Promise<Audit | null> {
  const next = applyAuditEvent(audit, event, context.settings);
  if (!next) return null;
  return changeAsRead(audit, next, (changes) =>
    context.audits.updateOne(auditGuard(audit), { $set: changes }, inSession(session)),
  );
}
