import { type UserRef, withBelievedClocks, withEveryModule } from '@odoo-sync/core';
import { ofLife, type PlanDocument } from '../collections.js';
import type { StoreContext } from '../context.js';

/** A stored plan as the engine reads it: with every module, and without clocks that can't be true. */
export const asRead = <
  P extends Pick<PlanDocument, 'skewMs' | 'skewSeenMs' | 'dbSkewMs'> & { modules: object },
>(
  { settings }: StoreContext,
  plan: P,
): P => withBelievedClocks(withEveryModule(plan), settings.clockMaxSkewMs);

/** A user's plan as it stands; null when that life has ended. */
export async function findSyncState(context: StoreContext, user: UserRef): Promise<PlanDocument | null> {
  const plan = await context.plans.findOne(ofLife(user));
  return plan && asRead(context, plan);
}
