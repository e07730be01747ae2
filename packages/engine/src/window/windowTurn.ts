import {
  ALONE_AFTER_EXPIRIES,
  FencedOutError,
  type Lane,
  SyncError,
  type TurnHandle,
  type TurnOutcome,
  type TurnPlace,
  type TurnRef,
  type TurnSummary,
} from '@odoo-sync/core';
import { atTheGate } from '../turn/atTheGate.js';
import { heldFor } from '../turn/clocks.js';
import type { Engine } from '../turn/engine.js';
import { noteExpired } from '../turn/expired.js';
import { classifyFault, type Verdict } from '../turn/faults.js';
import { rememberingPages } from '../turn/pageCeilings.js';
import { noop, type Ran } from '../turn/ran.js';
import { logOfWindow } from '../turn/turnLog.js';
import type { TurnEnd } from '../turn/turnMetrics.js';
import { concludeWindow } from './concludeWindow.js';
import { readAndCommit, type WindowWork } from './readAndCommit.js';
import { loadWorkItem, type WorkItem } from './workItem.js';

/** A turn as its job tells it, with the module where it says that. */
export type JobTurn = TurnRef & Partial<Pick<TurnPlace, 'module'>>;

/**
 * Runs one window: a batch's backfill or seal, or a resync's position.
 *
 * The lane is taken before anything is asked of Odoo and held to the commit. Only under it is the ledger believed: what
 * says `running` there has no living worker, since nobody else holds the lane, so its expiry is counted. Then the window
 * is read to its end, and records and outcome become visible together. Every way out tells the ledger before the lane is
 * given back; the one exception is a lane that was lost, where another turn's word holds.
 */
export async function runWindowTurn(engine: Engine, turn: JobTurn, handle: TurnHandle): Promise<TurnOutcome> {
  let module = turn.module ?? null;
  // What is thrown from here on has its job tried again.
  let end: TurnEnd = 'retried';
  try {
    const known = await loadWorkItem(engine, turn, turn);
    module = known?.module ?? module;
    const ran = known ? await runItem(engine, turn, handle, known) : superseded();
    end = endOf(ran.summary);
    return ran.outcome;
  } finally {
    if (module) engine.metrics.turnEnded(turn.kind, module, end);
  }
}

const superseded = (): Ran => noop({ type: 'done', result: 'superseded' });

function endOf({ outcome }: TurnSummary): TurnEnd {
  if (outcome === 'open') return 'succeeded';
  return outcome === 'handedBack' ? 'handed_back' : outcome;
}

async function runItem(engine: Engine, turn: TurnRef, handle: TurnHandle, known: WorkItem): Promise<Ran> {
  if (known.verdict) return noop(verdictOutcome(known));
  const alone = known.expiries >= ALONE_AFTER_EXPIRIES;
  return atTheGate(engine, alone, handle, () => runInside(engine, turn, handle, known), noop);
}

async function runInside(engine: Engine, turn: TurnRef, handle: TurnHandle, known: WorkItem): Promise<Ran> {
  const grant = await engine.store.takeLane(turn, known.module);
  if ('busyForMs' in grant) return noop({ type: 'delay', ms: grant.busyForMs, reason: 'the lane is taken' });
  const began = performance.now();
  let summary: TurnSummary = { outcome: 'noop', pages: 0, counts: null };
  try {
    if (grant.expired) await noteExpired(engine, turn, grant.expired);
    const ran = await runUnderLane(engine, turn, handle, grant.lane, known.expiries);
    summary = ran.summary;
    if (summary.outcome === 'succeeded')
      engine.metrics.windowRead(turn.kind, known.module, (performance.now() - began) / 1_000);
    return ran;
  } finally {
    await grant.lane.giveBack(summary);
  }
}

function verdictOutcome({ verdict }: WorkItem): TurnOutcome {
  if (verdict && 'failed' in verdict)
    return { type: 'fail', error: new SyncError('bug', verdict.failed.message) };
  return { type: 'done', result: verdict?.done ?? 'superseded' };
}

async function runUnderLane(
  engine: Engine,
  turn: TurnRef,
  handle: TurnHandle,
  lane: Lane,
  knownExpiries: number,
): Promise<Ran> {
  const { store } = engine;
  const [found, user, plan] = await Promise.all([
    loadWorkItem(engine, turn, turn),
    store.user(turn.userKey),
    store.syncState(turn),
  ]);
  const item = (await found?.expire()) ?? null;
  if (!item) return superseded();
  if (item.verdict) {
    const outcome = verdictOutcome(item);
    // Not so before: it has just killed its worker once too often.
    const crashed = outcome.type === 'fail';
    return { outcome, summary: { outcome: crashed ? 'failed' : 'noop', pages: 0, counts: null } };
  }
  if (item.expiries >= ALONE_AFTER_EXPIRIES && knownExpiries < ALONE_AFTER_EXPIRIES) {
    return noop({ type: 'delay', ms: 1, reason: 'it killed its worker twice and runs alone from now on' });
  }
  if (user?.life !== turn.life) return superseded();
  if (user.standing !== 'active') {
    const error = user.attention ?? {
      kind: 'credentials',
      message: `the user is ${user.standing}`,
      at: new Date(),
    };
    await item.withdraw(error);
    return {
      outcome: { type: 'done', result: 'withdrawn' },
      summary: { outcome: 'withdrawn', pages: 0, counts: null },
    };
  }
  if (!plan) throw new SyncError('bug', `the user ${turn.userKey} has no plan`);
  const heldMs = await heldFor(engine, plan);
  if (heldMs > 0) return noop({ type: 'delay', ms: heldMs, reason: 'Odoo is not to be asked yet' });
  const started = await item.start();
  if (!started) return superseded();
  const work = { kind: turn.kind, user, plan, lane, item: started, handle };
  return attempt(logOfWindow(engine, started), work);
}

async function attempt(engine: Engine, work: WindowWork): Promise<Ran> {
  const { user, lane, handle } = work;
  const signal = AbortSignal.any([handle.signal, lane.lost]);
  for (let again = false; ; again = true) {
    try {
      return await engine.sources.use(user, signal, (source) =>
        rememberingPages(engine, work, source, () => readAndCommit(engine, work, source, signal, again)),
      );
    } catch (error) {
      const verdict = await classifyFault(engine, user, error, handle.signal, lane.lost);
      if (verdict.type === 'fields' && !again) {
        handle.log(`the field list is out of date and is asked for again: ${verdict.error.message}`);
        continue;
      }
      return await conclude(engine, work, verdict, error);
    }
  }
}

/** Tells how an attempt ended. Where the lane is lost before that is told, another turn's word holds. */
async function conclude(engine: Engine, work: WindowWork, verdict: Verdict, error: unknown): Promise<Ran> {
  try {
    return await concludeWindow(engine, work, verdict, error);
  } catch (fault) {
    if (!(fault instanceof FencedOutError)) throw fault;
    return concludeWindow(engine, work, { type: 'fencedOut' }, fault);
  }
}
