import { afterFault, isBroken, type Outage, type UserRef } from '@odoo-sync/core';
import { serverNow } from '../clock.js';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';

const TRIES = 5;

/** The name of an Odoo database, the same for every user who is mirrored from it. */
export const sourceOf = ({ url, db }: { readonly url: string; readonly db: string }): string =>
  `${url}/?db=${db}`;

/**
 * Counts a connection fault, for this user and for everybody who is mirrored from the same Odoo database.
 * @returns the outage as it is now, and whether this fault opened the breaker. Null when the user is gone.
 */
export async function noteFault(
  context: StoreContext,
  user: UserRef,
): Promise<{ readonly outage: Outage; readonly opened: boolean } | null> {
  const { plans, settings } = context;
  for (let tries = 0; tries < TRIES; tries++) {
    const [plan, now] = await Promise.all([plans.findOne(ofLife(user)), serverNow(context)]);
    if (!plan) return null;
    const outage = afterFault(plan.outage, now, settings.breakerMs);
    const guard = plan.outage
      ? { 'outage.faults': plan.outage.faults, 'outage.openUntil': plan.outage.openUntil }
      : { outage: null };
    const noted = await plans.updateOne({ ...ofLife(user), ...guard }, { $set: { outage } });
    if (noted.matchedCount === 0) continue;
    await plans.updateMany({ source: plan.source, _id: { $ne: user.userKey } }, { $set: { outage } });
    return { outage, opened: isBroken(outage) && !isBroken(plan.outage) };
  }
  throw new Error(`the outage of ${user.userKey} changes all the time`);
}

/**
 * Odoo answered: the count begins anew, an open breaker closes, and whoever waited for it is due.
 * @returns the outage that ended, when this call ended it.
 */
export async function noteAnswer({ plans }: StoreContext, user: UserRef): Promise<Outage | null> {
  const over = [{ $set: { outage: null, nextTurnAt: '$$NOW', rev: { $add: ['$rev', 1] } } }];
  const before = await plans.findOneAndUpdate({ ...ofLife(user), outage: { $ne: null } }, over, {
    returnDocument: 'before',
  });
  if (!before) return null;
  await plans.updateMany({ source: before.source, outage: { $ne: null } }, over);
  return before.outage;
}
