import { jobOf, nextTailPause, type TurnRef, type UserPlan } from '@odoo-sync/core';
import { heldFor } from './clocks.js';
import type { Engine } from './engine.js';
import type { TurnHandle, TurnOutcome } from './outcome.js';
import { passModules, type TailEnding } from './passModules.js';

/**
 * Runs one tail: module after module, under the lanes of all. It has one attempt: whatever goes wrong ends it, and the
 * next one looks back to where this one did. Its end queues the next one.
 */
export async function runTailTurn(engine: Engine, turn: TurnRef, handle: TurnHandle): Promise<TurnOutcome> {
  const { store } = engine;
  const [user, plan, now] = await Promise.all([
    store.user(turn.userKey),
    store.plan(turn.userKey),
    store.now(),
  ]);
  if (
    !user ||
    plan?.tail.release !== turn.release ||
    plan.tail.status === 'idle' ||
    user.standing === 'removing'
  ) {
    return { type: 'done', result: 'superseded' };
  }
  const early = plan.tail.dueAt.getTime() - now.getTime();
  if (user.standing === 'needs_attention' && early > 0) {
    return { type: 'delay', ms: early, reason: 'the user needs attention: one probe an hour' };
  }
  const heldMs = await heldFor(engine, plan);
  if (heldMs > 0) return { type: 'delay', ms: heldMs, reason: 'Odoo is not to be asked yet' };
  if (!(await store.tailStart(turn.userKey, turn.release))) return { type: 'done', result: 'superseded' };
  const ending = await passModules(engine, { turn, user, plan, now, handle });
  if (ending.type !== 'ended') {
    await store.tailHandBack(turn.userKey, turn.release);
    return ending.type === 'busy'
      ? { type: 'delay', ms: ending.ms, reason: 'the lane is taken' }
      : { type: 'handBack' };
  }
  return conclude(engine, turn, plan, ending);
}

async function conclude(
  engine: Engine,
  turn: TurnRef,
  plan: UserPlan,
  { end }: Extract<TailEnding, { type: 'ended' }>,
): Promise<TurnOutcome> {
  const { store, courier, settings } = engine;
  const changedAt = end.changed ? new Date() : plan.tail.lastChangeAt;
  const pauseMs = nextTailPause(settings, plan.tail.pauseMs, changedAt, new Date());
  const next = await store.tailEnd(turn.userKey, turn.release, { ...end, pauseMs });
  if (!next) return { type: 'done', result: 'superseded' };
  await courier.add(jobOf(next, 1, next.delayMs));
  return { type: 'done', result: end.error ? { error: end.error.message } : { changed: end.changed } };
}
