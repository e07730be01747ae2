import type { UserRef } from '@odoo-sync/core';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';

const SKEW_GRAIN_MS = 1_500;

/**
 * Notes how far Odoo's clock is from the store's. Odoo's `Date` is cut to seconds, so smaller differences are noise and not
 * written. A difference is believed when it is seen twice in a row: a single answer may carry the date of a proxy, or of a clock
 * that is just being set, and the believed difference decides when windows are made and seals fall due.
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
