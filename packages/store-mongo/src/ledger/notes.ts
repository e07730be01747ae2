import {
  isOfLife,
  type Lane,
  type ModuleName,
  type ModuleState,
  resyncTotal,
  type SyncState,
  type UserRef,
  WINDOW_MS,
  windowOf,
} from '@odoo-sync/core';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';
import { laneTransaction } from '../lanes/heldLane.js';
import { batchEvent } from './events.js';
import { insertResync } from './requests.js';

/**
 * Writes what was learned about a lane's module, under its fence: what a turn learned that has lost its lane may be older than
 * what the next one wrote. A state that changes what may be released moves the plan's revision.
 */
export async function noteModule(
  context: StoreContext,
  lane: Lane,
  patch: Partial<ModuleState>,
): Promise<void> {
  const set = Object.fromEntries(
    Object.entries(patch).map(([key, value]) => [`modules.${lane.module}.${key}`, value]),
  );
  await laneTransaction(context, lane, (session) =>
    context.plans.updateOne(
      ofLife(lane),
      { $set: set, ...('state' in patch ? { $inc: { rev: 1 } } : {}) },
      { session },
    ),
  );
}

export async function noteSyncState(
  { plans }: StoreContext,
  user: UserRef,
  patch: Partial<Pick<SyncState, 'paceMs' | 'suspectUntil' | 'holdUntil' | 'dbSkewMs'>>,
): Promise<void> {
  await plans.updateOne(ofLife(user), { $set: patch });
}

/** What one user's turn learned of an Odoo database, for all who are mirrored from it. */
export async function noteSource(
  { plans }: StoreContext,
  user: UserRef,
  patch: Partial<Pick<SyncState, 'paceMs' | 'holdUntil'>>,
): Promise<void> {
  const plan = await plans.findOne(ofLife(user), { projection: { source: 1 } });
  if (plan) await plans.updateMany({ source: plan.source }, { $set: patch });
}

const SKEW_GRAIN_MS = 1_500;

/**
 * Odoo's clock against the store's. Its `Date` is cut to seconds, so smaller differences are noise and not written. A
 * difference is believed when it is seen twice in a row: one answer may have the date of a proxy, or of a clock just being
 * set, and by this one windows are made and seals fall due.
 */
export async function noteClock(
  { plans, settings }: StoreContext,
  user: UserRef,
  odooNow: Date,
): Promise<void> {
  const { news, believed, set } = clockNotes(odooNow, settings.clockMaxSkewMs);
  await plans.updateOne({ ...ofLife(user), $expr: news }, [
    { $set: { ...set, rev: { $cond: [believed, { $add: ['$rev', 1] }, '$rev'] } } },
  ]);
}

/**
 * As {@link noteClock}, within an update of a plan that raises `rev` itself.
 *
 * news: whether there is anything to write.
 * believed: whether the difference is believed by this.
 */
export function clockNotes(odooNow: Date, maxSkewMs: number) {
  const skew = { $subtract: [odooNow, '$$NOW'] };
  const differs = {
    $and: [
      { $gt: [{ $abs: { $subtract: [skew, '$skewMs'] } }, SKEW_GRAIN_MS] },
      { $lte: [{ $abs: skew }, maxSkewMs] },
    ],
  };
  const sinceSeen = { $abs: { $subtract: [skew, { $ifNull: ['$skewSeenMs', Number.MAX_SAFE_INTEGER] }] } };
  const believed = { $and: [differs, { $lte: [sinceSeen, 2 * SKEW_GRAIN_MS] }] };
  return {
    news: { $or: [differs, { $ne: [{ $ifNull: ['$skewSeenMs', null] }, null] }] },
    believed,
    set: {
      skewMs: { $cond: [believed, skew, '$skewMs'] },
      skewSeenMs: { $cond: [{ $and: [differs, { $not: [believed] }] }, skew, null] },
      nextTurnAt: { $cond: [believed, '$$NOW', '$nextTurnAt'] },
    },
  };
}

/**
 * Windows whose records a tail found to differ, and left: open and failed ones become due, those not read yet will be
 * read anyway, and sealed ones are asked for by a resync, since a batch never comes back from `succeeded`.
 */
export async function makeWindowsDue(
  context: StoreContext,
  user: UserRef,
  module: ModuleName,
  starts: readonly Date[],
): Promise<void> {
  const { userKey } = user;
  for (const start of starts) {
    // The window's own batch, or the range that it lies in.
    const batch = await context.batches.findOne(
      { userKey, module, startTime: { $lte: start }, release: { $exists: true } },
      { sort: { startTime: -1 } },
    );
    if (!batch || batch.endTime <= start) continue;
    if (batch.status === 'open' || batch.status === 'failed') {
      if (isOfLife(batch, user)) await batchEvent(context, batch, { type: 'makeDue', at: batch.startTime });
    } else if (batch.status === 'succeeded') {
      await askOnce(context, user, module, windowOf(start).start);
    }
  }
}

async function askOnce(context: StoreContext, user: UserRef, module: ModuleName, from: Date): Promise<void> {
  const to = new Date(from.getTime() + WINDOW_MS);
  const range = { modules: [module], from, to };
  const waiting = await context.resyncs.findOne({
    userKey: user.userKey,
    ...range,
    status: { $in: ['pending', 'queued', 'running'] },
  });
  if (!waiting)
    await insertResync(context, user, { ...range, total: resyncTotal(from, to, 1), requestedBy: 'tail' });
}
