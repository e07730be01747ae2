import { heldUntil, type StoreTime, type SyncState, toOdooTime } from '@odoo-sync/core';
import type { SourceContext } from './turnContext.js';

const BELIEVED_MS = 60_000;
const GRAIN_MS = 1_000;

/** How long nothing of this user may run yet, in milliseconds: zero or less when it may. @param now the store's clock. */
export function heldForMs(state: SyncState, now: StoreTime): number {
  const holdUntil = heldUntil(state);
  return holdUntil === null ? 0 : holdUntil.getTime() - now.getTime();
}

/** Has Odoo tell its clock where its last answer is older than a tail's interval: what is noted by that answer claims no less. */
export async function freshenClock({
  source,
  settings,
  signal,
}: Pick<SourceContext, 'source' | 'settings' | 'signal'>): Promise<void> {
  const { now, lastAnswer } = source.clock();
  if (now.getTime() - lastAnswer.getTime() > settings.tailIntervalMs) await source.touch(signal);
}

/**
 * Odoo's clock beside what the user's sync state knows of it.
 *
 * believed: it shows what is known. A single `Date` that is far off (a proxy's, or a clock just being set) must seal nothing,
 *   since a seal is final; one that stays is noted in the sync state, and believed from then on.
 * news: it is worth noting: it differs by more than the second that a `Date` is cut to, or settles a doubt.
 */
export function readClock({ lane, state: { skewMs, skewSeenMs }, source }: SourceContext): {
  readonly believed: boolean;
  readonly news: boolean;
} {
  const expected = toOdooTime(lane.now(), { skewMs });
  const differs = Math.abs(source.clock().now.getTime() - expected.getTime());
  return { believed: differs < BELIEVED_MS, news: differs > GRAIN_MS || skewSeenMs !== null };
}
