import {
  ALONE_AFTER_EXPIRIES,
  type Lane,
  type PassCounts,
  type Source,
  SyncError,
  type TurnRef,
  type TurnSummary,
  type User,
  type UserPlan,
} from '@odoo-sync/core';
import { maxBackoffMs } from '@odoo-sync/queue';
import { clockIsBelieved, heldFor } from './clocks.js';
import type { Engine } from './engine.js';
import { tellExpired } from './expired.js';
import { judge, noteHealthy, type Verdict } from './faults.js';
import { fetchWindow, sealableAt, sealDueAt } from './fetchWindow.js';
import type { TurnHandle, TurnOutcome } from './outcome.js';
import { prepareModule } from './prepareModule.js';
import { findSubject, type Subject } from './subject.js';

/**
 * Runs one window: a batch's backfill or seal, or a resync's position.
 *
 * The lane is taken before anything is asked of Odoo and held to the commit. Only under it is the ledger believed: what
 * says `running` there has no living worker, since nobody else holds the lane, so its expiry is counted. Then the window
 * is read to its end, and records and outcome become visible together. Every way out tells the ledger before the lane is
 * given back; the one exception is a lane that was lost, where another turn's word holds.
 */
export async function runWindowTurn(engine: Engine, turn: TurnRef, handle: TurnHandle): Promise<TurnOutcome> {
  const known = await findSubject(engine, turn.kind, turn.doc, turn.release);
  if (!known) return { type: 'done', result: 'superseded' };
  if (known.verdict) return verdictOutcome(known);
  const leave = await engine.gate.enter(known.expiries >= ALONE_AFTER_EXPIRIES);
  try {
    const grant = await engine.store.takeLane(turn.userKey, known.module, turn);
    if ('busyForMs' in grant) return { type: 'delay', ms: grant.busyForMs, reason: 'the lane is taken' };
    let summary: TurnSummary = { outcome: 'noop', pages: 0, counts: null };
    try {
      await tellExpired(engine, grant.expired);
      const ran = await runUnderLane(engine, turn, handle, grant.lane, known.expiries);
      summary = ran.summary;
      return ran.outcome;
    } finally {
      await grant.lane.release(summary);
    }
  } finally {
    leave();
  }
}

interface Ran {
  readonly outcome: TurnOutcome;
  readonly summary: TurnSummary;
}

const noop = (outcome: TurnOutcome): Ran => ({
  outcome,
  summary: { outcome: 'noop', pages: 0, counts: null },
});

function verdictOutcome({ verdict }: Subject): TurnOutcome {
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
  let subject = await findSubject(engine, turn.kind, turn.doc, turn.release);
  subject = (await subject?.expire()) ?? null;
  if (!subject) return noop({ type: 'done', result: 'superseded' });
  if (subject.verdict) return noop(verdictOutcome(subject));
  if (subject.expiries >= ALONE_AFTER_EXPIRIES && knownExpiries < ALONE_AFTER_EXPIRIES) {
    return noop({ type: 'delay', ms: 1, reason: 'it killed its worker twice and runs alone from now on' });
  }
  const user = await engine.store.user(turn.userKey);
  if (!user) return noop({ type: 'done', result: 'the user is gone' });
  if (user.standing !== 'active') {
    const error = user.attention ?? {
      kind: 'credentials',
      message: `the user is ${user.standing}`,
      at: new Date(),
    };
    await subject.withdraw(error);
    return {
      outcome: { type: 'done', result: 'withdrawn' },
      summary: { outcome: 'withdrawn', pages: 0, counts: null },
    };
  }
  const plan = await engine.store.plan(turn.userKey);
  if (!plan) throw new SyncError('bug', `the user ${turn.userKey} has no plan`);
  const heldMs = await heldFor(engine, plan);
  if (heldMs > 0) return noop({ type: 'delay', ms: heldMs, reason: 'Odoo is not to be asked yet' });
  const started = await subject.start();
  if (!started) return noop({ type: 'done', result: 'superseded' });
  return attempt(engine, user, plan, lane, started, handle);
}

async function attempt(
  engine: Engine,
  user: User,
  plan: UserPlan,
  lane: Lane,
  subject: Subject,
  handle: TurnHandle,
): Promise<Ran> {
  const signal = AbortSignal.any([handle.signal, lane.lost]);
  for (let again = false; ; again = true) {
    try {
      return await engine.sources.use(user, signal, (source) =>
        readAndCommit(engine, user, plan, lane, subject, handle, source, signal, again),
      );
    } catch (error) {
      const verdict = await judge(engine, user, error, handle.signal, lane.lost);
      if (verdict.type === 'fields' && !again) {
        handle.log(`the field list is out of date and is asked for again: ${verdict.error.message}`);
        continue;
      }
      return conclude(engine, user, subject, handle, verdict, error);
    }
  }
}

async function readAndCommit(
  engine: Engine,
  user: User,
  plan: UserPlan,
  lane: Lane,
  subject: Subject,
  handle: TurnHandle,
  source: Source,
  signal: AbortSignal,
  again: boolean,
): Promise<Ran> {
  const began = performance.now();
  const { settleMs } = engine.settings;
  source.setPace(Math.max(engine.apiCallDelayMs, plan.paceMs));
  const prepared = await prepareModule(
    engine,
    user,
    subject.module,
    plan.modules[subject.module],
    source,
    signal,
    again,
  );
  const { spool, readStartedAt } = await fetchWindow(
    engine,
    subject,
    source,
    prepared,
    signal,
    (page, so) => {
      handle.progress({ pages: so.pages, records: so.records });
      handle.log(
        `page ${so.pages}: ${page.records.length} records, ${page.bytes} bytes, ${Math.round(page.ms)} ms`,
      );
    },
  );
  try {
    const counts: PassCounts = await subject.commit(
      {
        user,
        lane,
        module: subject.module,
        fields: prepared.fields,
        retired: prepared.retired,
        origin: subject.doc,
      },
      spool,
      {
        readStartedAt,
        seals:
          readStartedAt >= sealableAt(subject.window, settleMs, plan.dbSkewMs) &&
          (await clockIsBelieved(engine, plan, source)),
        sealDueAt: sealDueAt(subject.window, settleMs),
        pages: spool.pages,
        durationMs: Math.round(performance.now() - began),
      },
    );
    await Promise.all([
      engine.store.noteClock(user.userKey, source.clock().now),
      noteHealthy(engine, user, plan),
    ]);
    handle.log(
      `committed: ${counts.inserted} new, ${counts.updated} changed, ${counts.unchanged} as they were`,
    );
    return {
      outcome: { type: 'done', result: { ...counts, pages: spool.pages } },
      summary: { outcome: 'succeeded', pages: spool.pages, counts },
    };
  } finally {
    await spool.close();
  }
}

/** Tells the ledger how an attempt ended that didn't reach its commit, and the queue what that means. */
async function conclude(
  engine: Engine,
  user: User,
  subject: Subject,
  handle: TurnHandle,
  verdict: Verdict,
  error: unknown,
): Promise<Ran> {
  const summary = (outcome: TurnSummary['outcome']): TurnSummary => ({ outcome, pages: 0, counts: null });
  switch (verdict.type) {
    case 'handBack':
      await subject.handBack(null);
      return { outcome: { type: 'handBack' }, summary: summary('handedBack') };
    case 'fencedOut':
      engine.log.warn(
        { doc: subject.doc },
        'fenced out: another turn holds the lane, nothing of this one is kept',
      );
      handle.log('the lane was taken by another turn: nothing of this attempt is kept');
      return noop({ type: 'delay', ms: 1_000, reason: 'the lane was lost' });
    case 'wait': {
      const now = await engine.store.now();
      await subject.handBack(new Date(now.getTime() + verdict.ms), verdict.error);
      handle.log(
        `waits ${Math.round(verdict.ms / 1_000)} s without using an attempt: ${verdict.error.message}`,
      );
      return {
        outcome: { type: 'delay', ms: verdict.ms, reason: verdict.error.message },
        summary: summary('handedBack'),
      };
    }
    case 'needsAttention':
      await subject.withdraw(verdict.error);
      await engine.store.needsAttention(user, verdict.error, verdict.probeAt);
      return {
        outcome: { type: 'done', result: 'withdrawn: the user needs attention' },
        summary: summary('withdrawn'),
      };
    case 'unavailable': {
      const { error: reason, probeAt } = verdict;
      await engine.store.noteModule(user.userKey, subject.module, { state: 'unavailable', reason, probeAt });
      await leaveModule(subject, verdict);
      return {
        outcome: { type: 'done', result: 'withdrawn: the module is unavailable' },
        summary: summary('withdrawn'),
      };
    }
    case 'fields':
    case 'attempt': {
      const backoffMs = maxBackoffMs(engine.settings.backoffMs, subject.attempts + 1);
      const now = await engine.store.now();
      const left = await subject.fail(verdict.error, new Date(now.getTime() + backoffMs), false);
      handle.log(`attempt ${subject.attempts + 1} failed: ${verdict.error.message}`);
      engine.log.warn({ doc: subject.doc, kind: verdict.error.kind, left, err: error }, 'an attempt failed');
      if (left === null) return noop({ type: 'done', result: 'superseded' });
      return left === 'again'
        ? { outcome: { type: 'retry', error: asError(error) }, summary: summary('retried') }
        : { outcome: { type: 'fail', error: asError(error) }, summary: summary('failed') };
    }
  }
}

/** A batch waits for its module; a resync can't, so this window of it is over. */
async function leaveModule(
  subject: Subject,
  { error }: Extract<Verdict, { type: 'unavailable' }>,
): Promise<void> {
  if (subject.of === 'resync') await subject.fail(error, error.at, true);
  else await subject.withdraw(error);
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
