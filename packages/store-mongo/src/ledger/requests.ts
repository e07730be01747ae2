import { randomUUID } from 'node:crypto';
import {
  jobIdOf,
  type ModuleName,
  odooTime,
  type Resync,
  type ResyncRequest,
  resyncTotal,
  SyncError,
  type UserRef,
  WINDOW_MS,
} from '@odoo-sync/core';
import { serverNow } from '../clock.js';
import { ofLife, type ResyncDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { ledgerTransaction } from '../session.js';
import { noUser } from '../users/users.js';
import { DUE } from './dueUsers.js';
import { auditEvent, batchEvent, resyncEvent } from './events.js';
import { findSyncState } from './syncState.js';

interface ResyncRange {
  readonly modules: readonly ModuleName[];
  readonly from: Date;
  readonly to: Date;
  readonly total: number;
  readonly requestedBy: string;
}

/**
 * Writes a resync, and makes the user due. The write on the plan also keeps a late request out of the user's next life.
 * @throws SyncError `conflict` when this life has ended.
 */
export async function insertResync(
  context: StoreContext,
  user: UserRef,
  range: ResyncRange,
): Promise<Resync> {
  const { userKey, life } = user;
  const requestedAt = await serverNow(context);
  return ledgerTransaction(context, async (session) => {
    const plan = await context.plans.findOneAndUpdate(ofLife(user), DUE, {
      session,
      projection: { userId: 1 },
    });
    if (!plan) throw noUser(userKey);
    const resync: ResyncDocument = {
      _id: `resync-${randomUUID()}`,
      userId: plan.userId,
      userKey,
      life,
      ...range,
      only: null,
      position: 0,
      status: 'pending',
      release: 0,
      attempts: 0,
      expiries: 0,
      retryAt: null,
      queuedAt: null,
      requestedAt,
      failures: [],
      lastError: null,
    };
    await context.resyncs.insertOne(resync, { session });
    return resync;
  });
}

/**
 * Writes the request to read a range again, and makes the user due. The range is widened to whole windows and cut to those
 * that exist.
 */
export async function requestResync(
  context: StoreContext,
  user: UserRef,
  request: ResyncRequest,
): Promise<Resync> {
  const [living, plan] = await Promise.all([
    context.users.findOne({ ...ofLife(user), standing: { $ne: 'removing' } }, { projection: { _id: 1 } }),
    findSyncState(context, user),
  ]);
  if (!living || !plan) throw noUser(user.userKey);
  const modules = [...new Set(request.modules)];
  const tilings = modules.flatMap((module) => plan.modules[module].tiling ?? []);
  if (tilings.length === 0) {
    throw new SyncError(
      'conflict',
      `${modules.join(' and ')} of this user ${modules.length > 1 ? 'have' : 'has'} no window yet: ask again when the history has been surveyed`,
    );
  }
  const first = Math.min(...tilings.map(({ from }) => from.getTime()));
  const last = Math.max(...tilings.map(({ until }) => until.getTime()));
  const toWindow = (at: Date, round: (n: number) => number) =>
    first + round((at.getTime() - first) / WINDOW_MS) * WINDOW_MS;
  const from = new Date(request.from ? Math.max(first, toWindow(request.from, Math.floor)) : first);
  const to = new Date(request.to ? Math.min(last, toWindow(request.to, Math.ceil)) : last);
  const total = resyncTotal(from, to, modules.length);
  if (total === 0) {
    const span = `${new Date(first).toISOString()} to ${new Date(last).toISOString()}`;
    throw new SyncError('invalid', `the range holds no window of this user: its windows go from ${span}`);
  }
  const { requestedBy } = request;
  return insertResync(context, user, { modules, from, to, total, requestedBy });
}

/** Gives fresh attempts to a failed batch, resync or audit, and makes it due at once. @returns null when nothing failed has this id. */
export async function requestRetry(
  context: StoreContext,
  turnId: string,
): Promise<{ readonly userKey: string; readonly jobId: string } | null> {
  const found =
    (await retryBatch(context, turnId)) ??
    (await retryResync(context, turnId)) ??
    (await retryAudit(context, turnId));
  if (!found) return null;
  const { userKey, jobId } = found;
  // Not by its life: only a turn of the present life can be here, and during an upgrade a batch may have none.
  await context.plans.updateOne({ _id: userKey }, DUE);
  return { userKey, jobId };
}

async function retryBatch(context: StoreContext, turnId: string) {
  const batch = await context.batches.findOne({ _id: turnId, status: 'failed', release: { $exists: true } });
  const due = batch && (await batchEvent(context, batch, { type: 'makeDue', at: odooTime(batch.startTime) }));
  return due && { userKey: due.userKey, jobId: jobIdOf(due._id, due.release) };
}

async function retryResync(context: StoreContext, turnId: string) {
  const resync = await context.resyncs.findOne({ _id: turnId, status: 'failed' });
  const due = resync && (await resyncEvent(context, resync, { type: 'retry' }));
  return due && { userKey: due.userKey, jobId: jobIdOf(due._id, due.release) };
}

async function retryAudit(context: StoreContext, turnId: string) {
  const audit = await context.audits.findOne({ _id: turnId, status: 'failed' });
  const at = await serverNow(context);
  const due = audit && (await auditEvent(context, audit, { type: 'ask', at, deep: false }));
  return due && { userKey: due.userKey, jobId: jobIdOf(due._id, due.release) };
}
