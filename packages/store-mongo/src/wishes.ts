import { randomUUID } from 'node:crypto';
import {
  jobIdOf,
  type ModuleName,
  type Resync,
  type ResyncRequest,
  resyncTotal,
  SyncError,
  type UserId,
  WINDOW_MS,
} from '@odoo-sync/core';
import { serverNow } from './clock.js';
import type { StoreContext } from './context.js';
import type { ResyncDocument } from './documents.js';
import { batchEvent, resyncEvent } from './events.js';
import { planOf } from './plans.js';

interface ResyncRange {
  readonly userKey: string;
  readonly modules: readonly ModuleName[];
  readonly from: Date;
  readonly to: Date;
  readonly total: number;
  readonly requestedBy: string;
}

export async function insertResync(
  context: StoreContext,
  userId: UserId,
  range: ResyncRange,
): Promise<Resync> {
  const resync: ResyncDocument = {
    _id: `resync-${randomUUID()}`,
    userId,
    ...range,
    only: null,
    position: 0,
    status: 'pending',
    release: 0,
    attempts: 0,
    expiries: 0,
    retryAt: null,
    queuedAt: null,
    requestedAt: await serverNow(context),
    failures: [],
    lastError: null,
  };
  await context.resyncs.insertOne(resync);
  return resync;
}

/**
 * Writes the wish to read a range again, and makes the user due. The range is widened to whole windows and cut to those
 * that exist.
 */
export async function requestResync(
  context: StoreContext,
  userKey: string,
  request: ResyncRequest,
): Promise<Resync> {
  const [user, plan] = await Promise.all([
    context.users.findOne({ _id: userKey, standing: { $ne: 'removing' } }),
    planOf(context, userKey),
  ]);
  if (!user || !plan) throw new SyncError('configuration', `there is no user ${userKey}`);
  const modules = [...new Set(request.modules)];
  const tilings = modules.flatMap((module) => plan.modules[module].tiling ?? []);
  if (tilings.length === 0) {
    throw new SyncError(
      'configuration',
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
    throw new SyncError(
      'configuration',
      `the range holds no window of this user: his windows go from ${span}`,
    );
  }
  const resync = await insertResync(context, user.userId, {
    userKey,
    modules,
    from,
    to,
    total,
    requestedBy: request.requestedBy,
  });
  await makeUserDue(context, userKey);
  return resync;
}

/** Fresh attempts for something failed, due at once. */
export async function requestRetry(
  context: StoreContext,
  doc: string,
): Promise<{ readonly userKey: string; readonly jobId: string } | null> {
  const found = (await retryBatch(context, doc)) ?? (await retryResync(context, doc));
  if (found) await makeUserDue(context, found.userKey);
  return found;
}

async function retryBatch(context: StoreContext, doc: string) {
  const batch = await context.batches.findOne({ _id: doc, status: 'failed', release: { $exists: true } });
  const due = batch && (await batchEvent(context, batch, { type: 'makeDue', at: batch.startTime }));
  return due && { userKey: due.userKey, jobId: jobIdOf(due._id, due.release) };
}

async function retryResync(context: StoreContext, doc: string) {
  const resync = await context.resyncs.findOne({ _id: doc, status: 'failed' });
  const due = resync && (await resyncEvent(context, resync, { type: 'retry' }));
  return due && { userKey: due.userKey, jobId: jobIdOf(due._id, due.release) };
}

/** The next tick looks at this user. */
export async function makeUserDue({ plans }: StoreContext, userKey: string): Promise<void> {
  await plans.updateOne({ _id: userKey }, [{ $set: { nextTurnAt: '$$NOW', rev: { $add: ['$rev', 1] } } }]);
}
