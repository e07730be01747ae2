import {
  type DispatchStore,
  type EngineSettings,
  type PlanSnapshot,
  type RequestStore,
  SyncError,
  type User,
  type Woken,
} from '@odoo-sync/core';
import { explainPlan, type NextTurn, type PlanExplanation } from '../dispatch/explainPlan.js';
import { heldNow } from '../dispatch/planView.js';
import { holdsOf } from './holds.js';
import { handingOut } from './sentences.js';
import type { Hold } from './userExplanation.js';
import { ended, listOf, namesOf, reportFate } from './words.js';

/** What waking a user changed, and what follows. */
export interface WakeAnswer extends Woken {
  readonly userKey: string;
  /** Holds that stay. */
  readonly holds: readonly Hold[];
  /** What the next look hands out, unless something changes before. */
  readonly next: readonly NextTurn[];
  /** All of it in plain sentences. */
  readonly sentences: readonly string[];
}

interface Wake {
  readonly store: Pick<RequestStore, 'wakeUser'> & Pick<DispatchStore, 'snapshot'>;
  readonly settings: EngineSettings;
}

/**
 * Makes a user due now, and says what the next look will do. The waking is in the ledger when this returns; whoever looks next
 * (`advance`) hands out the turns.
 * @throws SyncError `conflict` when its life has ended, or is being ended.
 */
export async function wakeUser({ store, settings }: Wake, user: User): Promise<WakeAnswer> {
  const woken = await store.wakeUser(user);
  const snapshot = await store.snapshot(user.userKey);
  if (snapshot?.user.life !== user.life)
    throw new SyncError('conflict', `the user ${user.userKey} was removed while it was woken`);
  const holds = holdsOf(snapshot).filter(({ until }) => until > snapshot.now);
  const plan = explainPlan(snapshot, settings);
  const sentences = [
    `${user.userKey} is due now`,
    ...(user.standing === 'needs_attention' ? ['It needs attention: its credentials are tried once'] : []),
    ...(woken.probed.length > 0 ? [`The next tail tries ${listOf(woken.probed)} again`] : []),
    ...(woken.breakerTried
      ? [
          'Its Odoo is tried again by the next turn; if that fails, it is left alone for twice as long as last time',
        ]
      : []),
    ...holds.map(({ why }) => `A hold stays: ${why}`),
    ...handingOut(plan.next),
    ...tailWaits(snapshot, plan),
  ];
  return { userKey: user.userKey, ...woken, holds, next: plan.next, sentences: sentences.map(ended) };
}

function tailWaits(snapshot: PlanSnapshot, plan: PlanExplanation): readonly string[] {
  if (plan.tail.type === 'runs') return ['The tail runs already, and is left alone'];
  // A hold has told it.
  if (plan.tail.type !== 'waits' || heldNow(snapshot)) return [];
  const { why } = reportFate(plan.tail, snapshot.now, namesOf(snapshot));
  return [`The tail waits: ${why}`];
}
