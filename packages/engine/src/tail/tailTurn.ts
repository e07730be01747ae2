import {
  ALONE_AFTER_EXPIRIES,
  nextTailPause,
  type SyncState,
  type TurnHandle,
  type TurnOutcome,
  type TurnRef,
  tailDeaths,
} from '@odoo-sync/core';
import { jobOf } from '../dispatch/job.js';
import { atTheGate } from '../turn/atTheGate.js';
import { heldFor } from '../turn/clocks.js';
import type { Engine } from '../turn/engine.js';
import { PROBE_MS } from '../turn/faults.js';
import { passModules, type TailEnding, type TailWork } from './passModules.js';

/**
 * Runs one tail: module after module, under the lanes of all. It has one attempt: whatever goes wrong ends it, and the
 * next one looks back to where this one did. Its end queues the next one.
 *
 * A tail whose worker died is run by another. After two such deaths in a row it runs alone in its process, as a window
 * does; after four, the last of them its own for sure, it rests for an hour, while the user's windows go on.
 */
export async function runTailTurn(engine: Engine, turn: TurnRef, handle: TurnHandle): Promise<TurnOutcome> {
  const { store } = engine;
  const [user, plan, now] = await Promise.all([store.user(turn.userKey), store.syncState(turn), store.now()]);
  if (
    user?.life !== turn.life ||
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
  const deaths = tailDeaths(plan.tail);
  const work = { turn, user, plan, now, handle };
  return atTheGate(
    engine,
    deaths >= ALONE_AFTER_EXPIRIES,
    handle,
    () => runInside(engine, work, deaths),
    (outcome) => outcome,
  );
}

async function runInside(engine: Engine, work: TailWork, deaths: number): Promise<TurnOutcome> {
  const { store, settings } = engine;
  const { turn, plan } = work;
  if (!(await store.tailStart(turn, turn.release))) return { type: 'done', result: 'superseded' };
  if (deaths >= settings.maxExpiries) return conclude(engine, turn, plan, rest(deaths));
  const ending = await passModules(engine, work);
  if (ending.type !== 'ended') {
    await store.tailHandBack(turn, turn.release);
    return ending.type === 'busy'
      ? { type: 'delay', ms: ending.ms, reason: 'the lane is taken' }
      : { type: 'handBack' };
  }
  return conclude(engine, turn, plan, ending);
}

/** It is tried again alone: two more deaths, and it rests again. */
function rest(deaths: number): Extract<TailEnding, { type: 'ended' }> {
  const message = `its worker died ${deaths} times in a row while it ran this tail, alone from the third on: it is tried again in an hour; see to what this Odoo answers, and to the worker's memory`;
  const error = { kind: 'crashed', message, at: new Date() } as const;
  return {
    type: 'ended',
    end: {
      changed: false,
      error,
      waitMs: PROBE_MS,
      passes: new Map(),
      missed: [],
      odooNow: null,
      clockOffMs: null,
      expiries: ALONE_AFTER_EXPIRIES,
    },
  };
}

async function conclude(
  engine: Engine,
  turn: TurnRef,
  plan: SyncState,
  { end }: Extract<TailEnding, { type: 'ended' }>,
): Promise<TurnOutcome> {
  const { store, jobQueue, settings } = engine;
  const changedAt = end.changed ? new Date() : plan.tail.lastChangeAt;
  const pauseMs = nextTailPause(settings, plan.tail.pauseMs, changedAt, new Date());
  const next = await store.tailEnd(turn, turn.release, { ...end, pauseMs });
  if (!next) return { type: 'done', result: 'superseded' };
  await jobQueue.add(jobOf(next, 1, next.delayMs));
  return { type: 'done', result: end.error ? { error: end.error.message } : { changed: end.changed } };
}
