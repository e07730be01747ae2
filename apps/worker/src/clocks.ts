import { heldUntil, type Source, type UserPlan } from '@odoo-sync/core';
import type { Engine } from './engine.js';

const BELIEVED_MS = 60_000;

/** How long nothing of this user may run yet, in milliseconds by the store's clock: zero or less when it may. */
export async function heldFor({ store }: Engine, plan: UserPlan): Promise<number> {
  const holdUntil = heldUntil(plan);
  return holdUntil === null ? 0 : holdUntil.getTime() - (await store.now()).getTime();
}

/**
 * Whether Odoo's clock shows what the user's plan knows of it. A single `Date` that is far off (a proxy's, or a clock just
 * being set) must seal nothing, since a seal is final; one that stays is noted in the plan, and believed from then on.
 */
export async function clockIsBelieved(
  { store }: Engine,
  { skewMs }: UserPlan,
  source: Source,
): Promise<boolean> {
  const known = (await store.now()).getTime() + skewMs;
  return Math.abs(source.clock().now.getTime() - known) < BELIEVED_MS;
}
