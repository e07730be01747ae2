import { withEveryModule } from '@odoo-sync/core';
import type { StoreContext } from './context.js';
import type { PlanDocument } from './documents.js';

/** A user's plan as it stands; null when there is no such user. */
export async function planOf({ plans }: StoreContext, userKey: string): Promise<PlanDocument | null> {
  const plan = await plans.findOne({ _id: userKey });
  return plan && withEveryModule(plan);
}
