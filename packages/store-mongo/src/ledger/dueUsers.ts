import type { UserRef } from '@odoo-sync/core';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';

/** Makes a plan due. Its revision rises, so that a release from an earlier snapshot is not carried out. */
export const DUE = [{ $set: { nextTurnAt: '$$NOW', rev: { $add: ['$rev', 1] } } }];

/** Users whose `nextTurnAt` has come by the store's clock, longest overdue first. */
export async function dueUsers({ plans }: StoreContext, limit: number): Promise<readonly string[]> {
  const due = await plans
    .find({ $expr: { $lte: ['$nextTurnAt', '$$NOW'] } }, { projection: { _id: 1 } })
    .sort({ nextTurnAt: 1 })
    .limit(limit)
    .toArray();
  return due.map(({ _id }) => _id);
}

/** Puts off those of some users who are due. @param ms from now on. */
export async function setAside(
  { plans }: StoreContext,
  userKeys: readonly string[],
  ms: number,
): Promise<void> {
  await plans.updateMany({ _id: { $in: [...userKeys] }, $expr: { $lte: ['$nextTurnAt', '$$NOW'] } }, [
    // Nothing else may tell any more that they are due.
    { $set: { nextTurnAt: { $add: ['$$NOW', ms] }, idleUntil: null } },
  ]);
}

/** The next tick looks at this user. */
export async function makeUserDue({ plans }: StoreContext, user: UserRef): Promise<void> {
  await plans.updateOne(ofLife(user), DUE);
}
