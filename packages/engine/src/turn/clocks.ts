import { heldUntil, type Source, type SyncState } from '@odoo-sync/core';
import type { Engine } from './engine.js';

const BELIEVED_MS = 60_000;
const GRAIN_MS = 1_000;

/** How long nothing of this user may run yet, in milliseconds by the store's clock: zero or less when it may. */
export async function heldFor({ store }: Engine, plan: SyncState): Promise<number> {
  const holdUntil = heldUntil(plan);
  return holdUntil === null ? 0 : holdUntil.getTime() - (await store.now()).getTime();
}

/**
 * Odoo's clock beside what the user's plan knows of it.
 *
 * believed: it shows what is known. A single `Date` that is far off (a proxy's, or a clock just being set) must seal nothing,
 *   since a seal is final; one that stays is noted in the plan, and believed from then on.
 * news: it is worth noting: it differs by more than the second that a `Date` is cut to, or settles a doubt.
 */
export async function readClock(
  { store }: Engine,
  { skewMs, skewSeenMs }: SyncState,
  source: Source,
): Promise<{ readonly believed: boolean; readonly news: boolean }> {
  const storeNow = await store.now();
  const differs = Math.abs(source.clock().now.getTime() - storeNow.getTime() - skewMs);
  return { believed: differs < BELIEVED_MS, news: differs > GRAIN_MS || skewSeenMs !== null };
}
