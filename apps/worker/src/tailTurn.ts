import {
  type ErrorRecord,
  errorRecordOf,
  jobOf,
  MODULE_NAMES,
  type ModuleName,
  nextTailPause,
  type TailEnd,
  type TurnRef,
  type User,
  type UserPlan,
} from '@odoo-sync/core';
import { heldFor } from './clocks.js';
import type { Engine } from './engine.js';
import { tellExpired } from './expired.js';
import { judge, noteHealthy, PROBE_MS, type Verdict } from './faults.js';
import type { TurnHandle, TurnOutcome } from './outcome.js';
import { type TailPass, tailModule } from './tailModule.js';
import { tellingModule } from './telling.js';
import type { TurnEnd } from './workerMetrics.js';

/** How a tail ended: handed back, put off, or over (well or not) with the next one to be queued. */
type Ending =
  | { readonly type: 'handBack' }
  | { readonly type: 'busy'; readonly ms: number }
  | {
      readonly type: 'ended';
      readonly changed: boolean;
      readonly error: TailEnd['error'];
      readonly waitMs: number;
    };

/**
 * Runs one tail: module after module, each under its own lane. It has one attempt: whatever goes wrong ends it, and the
 * next one looks back to where this one did. Its end queues the next one.
 */
export async function runTailTurn(engine: Engine, turn: TurnRef, handle: TurnHandle): Promise<TurnOutcome> {
  const { store } = engine;
  const [user, plan] = await Promise.all([store.user(turn.userKey), store.plan(turn.userKey)]);
  if (
    !user ||
    plan?.tail.release !== turn.release ||
    plan.tail.status === 'idle' ||
    user.standing === 'removing'
  ) {
    return { type: 'done', result: 'superseded' };
  }
  const now = await store.now();
  const early = plan.tail.dueAt.getTime() - now.getTime();
  if (user.standing === 'needs_attention' && early > 0) {
    return { type: 'delay', ms: early, reason: 'the user needs attention: one probe an hour' };
  }
  const heldMs = await heldFor(engine, plan);
  if (heldMs > 0) return { type: 'delay', ms: heldMs, reason: 'Odoo is not to be asked yet' };
  if (!(await store.tailStart(turn.userKey, turn.release))) return { type: 'done', result: 'superseded' };
  const ending = await passAll(engine, turn, user, plan, now, handle);
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
  ending: Extract<Ending, { type: 'ended' }>,
): Promise<TurnOutcome> {
  const { store, courier, settings } = engine;
  const changedAt = ending.changed ? new Date() : plan.tail.lastChangeAt;
  const pauseMs = nextTailPause(settings, plan.tail.pauseMs, changedAt, new Date());
  const { waitMs, changed, error } = ending;
  const next = await store.tailEnd(turn.userKey, turn.release, { pauseMs, waitMs, changed, error });
  if (!next) return { type: 'done', result: 'superseded' };
  await courier.add(jobOf(next, 1, next.delayMs));
  return {
    type: 'done',
    result: ending.error ? { error: ending.error.message } : { changed: ending.changed },
  };
}

async function passAll(
  engine: Engine,
  turn: TurnRef,
  user: User,
  plan: UserPlan,
  now: Date,
  handle: TurnHandle,
): Promise<Ending> {
  let changed = false;
  /** Odoo answered under the user's credentials, be it that a module can't be read. */
  let answered = false;
  let odooNow: Date | null = null;
  let lastError: ErrorRecord | null = null;
  for (const module of MODULE_NAMES) {
    const { state, probeAt } = plan.modules[module];
    if (state === 'unavailable' && probeAt && probeAt > now) continue;
    const passed = await passOne(tellingModule(engine, module), turn, user, plan, module, handle);
    if (passed.type === 'passed') {
      changed ||= passed.pass.changed > 0 || passed.pass.overflow > 0;
      answered = true;
      odooNow = passed.odooNow;
    } else if (passed.type === 'unavailable') {
      answered = true;
    } else if (passed.type === 'failed') {
      // One module's trouble is its own; where Odoo can't be had at all, the others needn't be tried.
      const again = lastError !== null && passed.error.kind === 'transient';
      lastError = passed.error;
      if (again) break;
    } else if (passed.type === 'busy') {
      // Of several turns of one user: this module's changes come with the next tail. Nothing was done yet: wait.
      if (module === MODULE_NAMES[0]) return { type: 'busy', ms: passed.ms };
    } else if (passed.type === 'ended' || passed.type === 'handBack') {
      return passed.type === 'ended' ? { ...passed, changed } : passed;
    }
  }
  if (odooNow) await engine.store.noteClock(user.userKey, odooNow);
  if (answered) await noteHealthy(engine, user, plan);
  return { type: 'ended', changed, error: lastError, waitMs: 0 };
}

type Passed =
  | Ending
  | { readonly type: 'passed'; readonly pass: TailPass; readonly odooNow: Date }
  | { readonly type: 'unavailable' }
  | { readonly type: 'failed'; readonly error: ErrorRecord };

/** What is counted of a module that a tail couldn't pass: its one attempt is over, or nothing was tried. */
const ENDS: Readonly<Record<Verdict['type'], TurnEnd>> = {
  handBack: 'handed_back',
  wait: 'handed_back',
  fencedOut: 'noop',
  needsAttention: 'withdrawn',
  unavailable: 'withdrawn',
  fields: 'failed',
  attempt: 'failed',
};

async function passOne(
  engine: Engine,
  turn: TurnRef,
  user: User,
  plan: UserPlan,
  module: ModuleName,
  handle: TurnHandle,
): Promise<Passed> {
  const grant = await engine.store.takeLane(turn.userKey, module, turn);
  if ('busyForMs' in grant) {
    engine.metrics.turnEnded('tail', module, 'noop');
    return { type: 'busy', ms: grant.busyForMs };
  }
  const { lane, expired } = grant;
  let pages = 0;
  let outcome: 'succeeded' | 'failed' = 'failed';
  let end: TurnEnd = 'failed';
  const signal = AbortSignal.any([handle.signal, lane.lost]);
  try {
    await tellExpired(engine, turn.userKey, expired);
    for (let again = false; ; again = true) {
      try {
        const passed = await engine.sources.use(user, signal, async (source) => {
          source.setPace(Math.max(engine.apiCallDelayMs, plan.paceMs));
          if (Date.now() - source.clock().lastAnswer.getTime() > engine.settings.tailIntervalMs)
            await source.touch(signal);
          const pass = await tailModule(engine, user, module, plan, lane, source, signal, again);
          return { pass, odooNow: source.clock().now };
        });
        const { pass } = passed;
        if (pass.changed > 0 || pass.overflow > 0)
          handle.log(`${module}: ${pass.changed} changed, ${pass.overflow} windows to be read again`);
        pages = pass.pages;
        outcome = 'succeeded';
        end = 'succeeded';
        return { type: 'passed', ...passed };
      } catch (error) {
        const verdict = await judge(engine, user, error, handle.signal, lane.lost);
        if (verdict.type === 'fields' && !again) continue;
        handle.log(`${module}: ${error instanceof Error ? error.message : error}`);
        end = ENDS[verdict.type];
        return endOf(engine, user, module, verdict, error);
      }
    }
  } finally {
    engine.metrics.turnEnded('tail', module, end);
    await lane.release({ outcome, pages, counts: null });
  }
}

async function endOf(
  engine: Engine,
  user: User,
  module: ModuleName,
  verdict: Verdict,
  error: unknown,
): Promise<Passed> {
  const ended = (waitMs: number, record: TailEnd['error']): Ending => ({
    type: 'ended',
    changed: false,
    error: record,
    waitMs,
  });
  switch (verdict.type) {
    case 'handBack':
      return { type: 'handBack' };
    case 'fencedOut':
      return ended(0, errorRecordOf(error, new Date()));
    case 'wait':
      return ended(verdict.ms, verdict.error);
    case 'needsAttention': {
      await engine.store.needsAttention(user, verdict.error, verdict.probeAt);
      return ended(PROBE_MS, verdict.error);
    }
    case 'unavailable': {
      const { error: reason, probeAt } = verdict;
      await engine.store.noteModule(user.userKey, module, { state: 'unavailable', reason, probeAt });
      return { type: 'unavailable' };
    }
    default:
      engine.log.warn({ kind: verdict.error.kind, err: error }, 'a tail failed');
      return { type: 'failed', error: verdict.error };
  }
}
