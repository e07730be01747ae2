import {
  type ModuleName,
  type ModuleState,
  resyncTotal,
  type UserId,
  type UserPlan,
  WINDOW_MS,
  windowOf,
} from '@odoo-sync/core';
import type { StoreContext } from './context.js';
import { batchEvent } from './events.js';
import { insertResync } from './wishes.js';

/** Writes what was learned about a module. A state that changes what may be released moves the plan's revision. */
export async function noteModule(
  { plans }: StoreContext,
  userKey: string,
  module: ModuleName,
  patch: Partial<ModuleState>,
): Promise<void> {
  const set = Object.fromEntries(
    Object.entries(patch).map(([key, value]) => [`modules.${module}.${key}`, value]),
  );
  await plans.updateOne({ _id: userKey }, { $set: set, ...('state' in patch ? { $inc: { rev: 1 } } : {}) });
}

export async function notePlan(
  { plans }: StoreContext,
  userKey: string,
  patch: Partial<Pick<UserPlan, 'paceMs' | 'suspectUntil' | 'holdUntil' | 'dbSkewMs'>>,
): Promise<void> {
  await plans.updateOne({ _id: userKey }, { $set: patch });
}

/** What one user's turn learned of an Odoo database, for all who are mirrored from it. */
export async function noteSource(
  { plans }: StoreContext,
  userKey: string,
  patch: Partial<Pick<UserPlan, 'paceMs' | 'holdUntil'>>,
): Promise<void> {
  const plan = await plans.findOne({ _id: userKey }, { projection: { source: 1 } });
  if (plan) await plans.updateMany({ source: plan.source }, { $set: patch });
}

const SKEW_GRAIN_MS = 1_500;

/**
 * Odoo's clock against the store's. Its `Date` is cut to seconds, so smaller differences are noise and not written. A
 * difference is believed when it is seen twice in a row: one answer may have the date of a proxy, or of a clock just being
 * set, and by this one windows are made and seals fall due.
 */
export async function noteClock({ plans }: StoreContext, userKey: string, odooNow: Date): Promise<void> {
  const { news, believed, set } = clockNotes(odooNow);
  await plans.updateOne({ _id: userKey, $expr: news }, [
    { $set: { ...set, rev: { $cond: [believed, { $add: ['$rev', 1] }, '$rev'] } } },
  ]);
}

/**
 * As {@link noteClock}, within an update of a plan that raises `rev` itself.
 *
 * news: whether there is anything to write.
 * believed: whether the difference is believed by this.
 */
export function clockNotes(odooNow: Date) {
  const skew = { $subtract: [odooNow, '$$NOW'] };
  const differs = { $gt: [{ $abs: { $subtract: [skew, '$skewMs'] } }, SKEW_GRAIN_MS] };
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
  userKey: string,
  module: ModuleName,
  starts: readonly Date[],
): Promise<void> {
  const user = await context.users.findOne({ _id: userKey });
  if (!user) return;
  for (const start of starts) {
    // The window's own batch, or the stretch that it lies in.
    const batch = await context.batches.findOne(
      { userKey, module, startTime: { $lte: start }, release: { $exists: true } },
      { sort: { startTime: -1 } },
    );
    if (!batch || batch.endTime <= start) continue;
    if (batch.status === 'open' || batch.status === 'failed') {
      await batchEvent(context, batch, { type: 'makeDue', at: batch.startTime });
    } else if (batch.status === 'succeeded') {
      await askOnce(context, user.userId, userKey, module, windowOf(start).start);
    }
  }
}

async function askOnce(
  context: StoreContext,
  userId: UserId,
  userKey: string,
  module: ModuleName,
  from: Date,
): Promise<void> {
  const to = new Date(from.getTime() + WINDOW_MS);
  const range = { userKey, modules: [module], from, to };
  const waiting = await context.resyncs.findOne({
    ...range,
    status: { $in: ['pending', 'queued', 'running'] },
  });
  if (!waiting)
    await insertResync(context, userId, { ...range, total: resyncTotal(from, to, 1), requestedBy: 'tail' });
}
