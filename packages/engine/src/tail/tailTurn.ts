import {
  ALONE_AFTER_EXPIRIES,
  nextTailPause,
  noop,
  outcomeOf,
  type StoreTime,
  SUPERSEDED,
  type TailEnd,
  type TailView,
  type TurnOutcome,
  tailDeaths,
} from '@odoo-sync/core';
import { jobOf } from '../dispatch/job.js';
import { atTheGate } from '../turn/aloneGate.js';
import { heldForMs } from '../turn/clocks.js';
import { PROBE_MS } from '../turn/faults.js';
import type { TurnContext } from '../turn/turnContext.js';
import { tailModules } from './tailModules.js';

/**
 * Runs one tail: module after module, under the lanes of all. It has one attempt: whatever goes wrong ends it, and the
 * next one looks back to where this one did. Its end queues the next one.
 *
 * A tail whose worker died is run by another. After two such deaths in a row it runs alone in its process, as a window
 * does; after four, the last of them its own for sure, it rests for an hour, while the user's windows go on.
 */
export async function tailTurn(context: TurnContext): Promise<TurnOutcome> {
  const { store, turn } = context;
  const tail = await store.tailView(turn);
  if (tail?.state.tail.release !== turn.release) return SUPERSEDED;
  const { user, state, now } = tail;
  if (state.tail.status === 'idle' || user.standing === 'removing') return SUPERSEDED;
  const earlyMs = state.tail.dueAt.getTime() - now.getTime();
  if (user.standing === 'needs_attention' && earlyMs > 0)
    return noop({ type: 'delay', ms: earlyMs, reason: 'the user needs attention: one probe an hour' });
  const heldMs = heldForMs(state, now);
  if (heldMs > 0) return noop({ type: 'delay', ms: heldMs, reason: 'Odoo is not to be asked yet' });
  const deaths = tailDeaths(state.tail);
  return atTheGate(context, deaths >= ALONE_AFTER_EXPIRIES, () => runTail(context, tail, deaths));
}

async function runTail(context: TurnContext, tail: TailView, deaths: number): Promise<TurnOutcome> {
  const { store, turn, settings } = context;
  if (!(await store.tailStart(turn, turn.release))) return SUPERSEDED;
  if (deaths >= settings.maxExpiries) return conclude(context, tail, rest(deaths, tail.now));
  const ending = await tailModules(context, tail);
  switch (ending.type) {
    case 'ended':
      return conclude(context, tail, ending.end);
    case 'busy':
      await store.tailHandBack(turn, turn.release);
      return noop({ type: 'delay', ms: ending.ms, reason: 'the lane is taken' });
    case 'handBack':
      await store.tailHandBack(turn, turn.release);
      return outcomeOf('handedBack', { type: 'handBack' });
  }
}

type End = Omit<TailEnd, 'pauseMs'>;

/** It is tried again alone: two more deaths, and it rests again. */
function rest(deaths: number, at: StoreTime): End {
  const message = `its worker died ${deaths} times in a row while it ran this tail, alone from the third on: it is tried again in an hour; see to what this Odoo answers, and to the worker's memory`;
  return {
    changed: false,
    quiet: false,
    error: { kind: 'crashed', message, at },
    waitMs: PROBE_MS,
    passes: new Map(),
    missed: [],
    odooNow: null,
    clockOffMs: null,
    expiries: ALONE_AFTER_EXPIRIES,
  };
}

async function conclude(context: TurnContext, { state, now }: TailView, end: End): Promise<TurnOutcome> {
  const { store, turn, jobQueue, settings } = context;
  const changedAt = end.changed ? now : state.tail.lastChangeAt;
  const pauseMs = nextTailPause(settings, state.tail.pauseMs, changedAt, now);
  const next = await store.tailEnd(turn, turn.release, { ...end, pauseMs });
  if (!next) return SUPERSEDED;
  await jobQueue.add(jobOf(next, settings, next));
  if (end.error) return outcomeOf('failed', { type: 'done', result: { error: end.error.message } });
  const outcome = outcomeOf('succeeded', { type: 'done', result: { changed: end.changed } });
  return next.alone ? { ...outcome, alone: true } : outcome;
}
