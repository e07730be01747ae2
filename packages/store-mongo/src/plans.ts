import { type UserRef, withEveryModule } from '@odoo-sync/core';
import type { StoreContext } from './context.js';
import { ofLife, type PlanDocument } from './documents.js';

/** A user's plan as it stands; null when that life has ended. */
export async function planOf({ plans }: StoreContext, user: UserRef): Promise<PlanDocument | null> {
  const plan = await plans.findOne(ofLife(user));
  return plan && withEveryModule(plan);
}
