import {
  ALONE_AFTER_EXPIRIES,
  type ErrorRecord,
  FencedOutError,
  later,
  type ModuleName,
  maxBackoffMs,
  noop,
  type OdooTime,
  type OwnLane,
  odooTime,
  outcomeOf,
  SUPERSEDED,
  type TurnEnd,
  type TurnOutcome,
  type UnreadableRecord,
  unreachable,
  type Window,
  type WriteScope,
} from '@odoo-sync/core';
import { prepareModule, schemaOf } from '../module/prepareModule.js';
import { atTheGate } from '../turn/aloneGate.js';
import { heldForMs, readClock } from '../turn/clocks.js';
import { countCommit } from '../turn/countCommit.js';
import { classifyFault, type FaultVerdict, noteHealthy, VERDICTS } from '../turn/faults.js';
import {
  type ModuleContext,
  moduleContext,
  type SourceContext,
  type TurnContext,
} from '../turn/turnContext.js';
import { createUnreadFields } from '../turn/unreadFields.js';
import { useSource } from '../turn/useSource.js';
import { logCommitted } from './logCommitted.js';
import { readWindow } from './readWindow.js';
import { loadWorkItem, noteExpired, type WorkItem, workItemOf } from './workItem.js';

/**
 * Runs one window: a batch's backfill or seal, or a resync's position. This file tells it from the job's arrival to its end.
 *
 * The lane is taken before anything is asked of Odoo and held to the commit. Only under it is the ledger believed: what
 * says `running` there has no living worker, since nobody else holds the lane, so its expiry is counted. Then the window
 * is read to its end, and records and outcome become visible together. Every way out tells the ledger before the lane is
 * given back; the one exception is a lane that was lost, where another turn's word holds.
 */
export async function windowTurn(context: TurnContext): Promise<TurnOutcome> {
  const { turn, metrics } = context;
  let module = turn.module ?? null;
  // What is thrown from here on has its job tried again.
  let end: TurnEnd = 'retried';
  try {
    // An older engine's jobs don't all tell their module.
    module ??= (await loadWorkItem(context, turn, turn))?.module ?? null;
    const outcome = module ? await enter(context, module) : SUPERSEDED;
    end = outcome.end;
    return outcome;
  } finally {
    if (module) metrics.turnEnded(turn.kind, module, end);
  }
}

/** 1. Comes in with others; a window of which it turns out that its workers died, alone. */
async function enter(context: TurnContext, module: ModuleName): Promise<TurnOutcome> {
  const withOthers = await atTheGate(context, false, () => takeLane(context, module, false));
  return withOthers === MUST_BE_ALONE
    ? atTheGate(context, true, () => takeLane(context, module, true))
    : withOthers;
}

/** Nothing was done under the lane, and nothing is to be done beside others: the window has killed its worker twice. */
const MUST_BE_ALONE = noop({ type: 'delay', ms: 1, reason: 'it killed its worker twice and runs alone' });

/** 2. Takes the lane, and gives it back at the end whatever happens. */
async function takeLane(context: TurnContext, module: ModuleName, alone: boolean): Promise<TurnOutcome> {
  const { store, turn, metrics } = context;
  const grant = await store.takeLane(turn, module);
  if ('busyForMs' in grant) return whileBusy(context, grant.busyForMs);
  const began = performance.now();
  let outcome: TurnOutcome | null = null;
  try {
    if (grant.expired) await noteExpired(context, turn, grant.expired);
    const justDied = grant.expired?.turnId === turn.turnId && grant.expired.release === turn.release;
    outcome = await begin(context, grant.lane, { alone, justDied });
    if (outcome.end === 'succeeded')
      metrics.windowRead(turn.kind, module, (performance.now() - began) / 1_000);
    return outcome;
  } finally {
    await grant.lane.giveBack(outcome ?? { end: 'noop', pages: 0, counts: null });
  }
}

/** What has ended already ends its job the same way, without a wait for the lane; everything else comes again. */
async function whileBusy(context: TurnContext, ms: number): Promise<TurnOutcome> {
  const known = await loadWorkItem(context, context.turn, context.turn);
  if (!known) return SUPERSEDED;
  return known.settled ?? noop({ type: 'delay', ms, reason: 'the lane is taken' });
}

/** 3. Under the lane: looks whether and how the window is to be run, and begins its attempt. */
async function begin(
  context: TurnContext,
  lane: OwnLane,
  { alone, justDied }: { readonly alone: boolean; readonly justDied: boolean },
): Promise<TurnOutcome> {
  const { store, turn } = context;
  const view = await store.windowView(turn);
  const found = view && workItemOf(context, turn, turn, view);
  // A job that was made by hand may name another module's lane.
  if (!view || found?.module !== lane.module) return SUPERSEDED;
  const item = await found.expire();
  if (!item) return SUPERSEDED;
  // What fails by the death that was counted just now fails here, and else has failed before.
  const failsNow = item.settled?.type === 'fail' && (justDied || item !== found);
  if (item.settled) return failsNow ? { ...item.settled, end: 'failed' } : item.settled;
  if (item.expiries >= ALONE_AFTER_EXPIRIES && !alone) return MUST_BE_ALONE;
  const { user, state } = view;
  if (user.standing !== 'active') {
    const message = `the user is ${user.standing}`;
    await item.withdraw(user.attention ?? { kind: 'credentials', message, at: lane.takenAt }, false);
    return outcomeOf('withdrawn', { type: 'done', result: 'withdrawn' });
  }
  const heldMs = heldForMs(state, lane.takenAt);
  if (heldMs > 0) return noop({ type: 'delay', ms: heldMs, reason: 'Odoo is not to be asked yet' });
  const started = await item.start();
  if (!started) return SUPERSEDED;
  const { of, turnId, window, attempts } = started;
  const about = { window: window.start, [of]: turnId, attempt: attempts + 1 };
  return attempt(moduleContext(context, { user, state, lane }, about), started);
}

/** 4. One attempt: with the user's source, once more where the field list was out of date. */
async function attempt(context: ModuleContext, item: WorkItem): Promise<TurnOutcome> {
  for (let again = false; ; again = true) {
    try {
      return await useSource(context, (within) => readAndCommit(within, item, again));
    } catch (error) {
      const verdict = await classifyFault(context, error);
      if (verdict.type === 'fields' && !again) {
        context.handle.log(`the field list is out of date and is asked for again: ${verdict.error.message}`);
        continue;
      }
      return await concludeUnderLane(context, item, verdict, error);
    }
  }
}

/** 5. Reads the window to its end and makes records and outcome visible together. @throws whatever Odoo or the store answers. */
async function readAndCommit(context: SourceContext, item: WorkItem, again: boolean): Promise<TurnOutcome> {
  const { user, state, lane, store, source, settings, handle } = context;
  const began = performance.now();
  const schema = await schemaOf(context, await prepareModule(context, again));
  const scope: WriteScope = { user, lane, module: item.module, ...schema, origin: item.turnId };
  const early = store.writeEarly(scope);
  const unread = createUnreadFields();
  const onPage = unread.see;
  const { spool, readStartedAt, unreadable } = await readWindow(context, item.window, {
    fields: schema.fields,
    early,
    onPage,
  });
  try {
    const clock = readClock(context);
    const pass = {
      readStartedAt,
      seals: clock.believed && readStartedAt >= sealableAt(item.window, settings.settleMs, state.dbSkewMs),
      sealDueAt: sealDueAt(item.window, settings.settleMs),
      unreadable,
      pages: spool.pages,
      durationMs: Math.round(performance.now() - began),
    };
    const { counts, refused } = await countCommit(context, () =>
      item.commit(scope, { stream: spool, pass, early }),
    );
    await Promise.all([clock.news ? store.noteClock(user, source.clock().now) : null, noteHealthy(context)]);
    logLeftOut(context, [...unreadable, ...refused], unread.sentence());
    handle.log(
      `committed: ${counts.inserted} new, ${counts.updated} changed, ${counts.unchanged} as they were`,
    );
    const { pages, durationMs: ms } = pass;
    await logCommitted(context, item, { ...counts, pages, ms });
    return { type: 'done', result: { ...counts, pages }, end: 'succeeded', pages, counts };
  } finally {
    await early.drop();
    await spool.close();
  }
}

/** When a window can be sealed, by Odoo's clock; `dbSkewMs` is how far its database's clock runs ahead. */
const sealableAt = (window: Window, settleMs: number, dbSkewMs: number): OdooTime =>
  later(odooTime(window.end), settleMs + dbSkewMs);

// A seal that came due a moment early by rounding would be read twice: Odoo's Date is cut to seconds.
const CLOCK_GRAIN_MS = 2_000;

/** When its seal turn is due: the database's skew is added by the store, which knows the newest. */
const sealDueAt = (window: Window, settleMs: number): OdooTime =>
  later(odooTime(window.end), settleMs + CLOCK_GRAIN_MS);

/** Tells of records, and of values, that are not in the mirror as they are in Odoo. */
function logLeftOut(
  { handle, log }: SourceContext,
  leftOut: readonly UnreadableRecord[],
  unreadFields: string | null,
): void {
  for (const { odooId, reason } of leftOut) handle.log(`record ${odooId} can't be read: ${reason}`);
  if (unreadFields) {
    handle.log(unreadFields);
    log.warn({}, unreadFields);
  }
  if (leftOut.length > 0)
    log.warn(
      { ids: leftOut.map(({ odooId }) => odooId), reason: leftOut[0]?.reason },
      'records that cannot be read were left out of a window',
    );
}

/** 6. Where there was no commit: tells the ledger how the attempt ended. Where the lane is lost before, another turn's word holds. */
async function concludeUnderLane(
  context: ModuleContext,
  item: WorkItem,
  verdict: FaultVerdict,
  error: unknown,
): Promise<TurnOutcome> {
  try {
    return await conclude(context, item, verdict, error);
  } catch (fault) {
    if (!(fault instanceof FencedOutError)) throw fault;
    return conclude(context, item, { type: 'fencedOut', error: verdict.error, waitMs: 0 }, fault);
  }
}

/** After so long it may be free again. */
const LANE_LOST = { type: 'delay', ms: 1_000, reason: 'the lane was lost' } as const;

async function conclude(
  context: ModuleContext,
  item: WorkItem,
  verdict: FaultVerdict,
  thrown: unknown,
): Promise<TurnOutcome> {
  const { store, user, lane, log, handle } = context;
  const { type, error, waitMs } = verdict;
  const { event, job, end } = VERDICTS[type];
  const waited = async () => later(await store.now(), waitMs);
  switch (event) {
    case 'none':
      log.warn({}, 'fenced out: another turn holds the lane, nothing of this one is kept');
      handle.log('the lane was taken by another turn: nothing of this attempt is kept');
      break;
    case 'handBack':
      if (type === 'wait') {
        await item.handBack(await waited(), error);
        handle.log(`waits ${Math.round(waitMs / 1_000)} s without using an attempt: ${error.message}`);
      } else await item.handBack(null);
      break;
    case 'withdraw':
      if (type === 'unavailable')
        await store.noteModule(lane, { state: 'unavailable', reason: error, probeAt: await waited() });
      await item.withdraw(error, type === 'unavailable');
      if (type === 'needsAttention') await store.needsAttention(user, error, await waited());
      break;
    case 'fail':
      return useAttempt(context, item, error, thrown);
    default:
      return unreachable(event);
  }
  switch (job.type) {
    case 'handBack':
    case 'done':
      return outcomeOf(end, job);
    case 'delay':
      return outcomeOf(
        end,
        type === 'fencedOut' ? LANE_LOST : { type: 'delay', ms: waitMs, reason: error.message },
      );
    default:
      return unreachable(job);
  }
}

async function useAttempt(
  { store, settings, log, handle }: ModuleContext,
  item: WorkItem,
  error: ErrorRecord,
  thrown: unknown,
): Promise<TurnOutcome> {
  const backoffMs = maxBackoffMs(settings.backoffMs, item.attempts + 1);
  const retryAt = later(await store.now(), backoffMs);
  // What has no end is not read to its limits four times over: it heals by itself, slowly.
  const left = await item.fail(error, retryAt, error.kind === 'limit');
  handle.log(`attempt ${item.attempts + 1} failed: ${error.message}`);
  log.warn({ kind: error.kind, left, err: thrown }, 'an attempt failed');
  if (left === null) return SUPERSEDED;
  const jobError = thrown instanceof Error ? thrown : new Error(String(thrown));
  return left === 'again'
    ? outcomeOf('retried', { type: 'retry', error: jobError })
    : outcomeOf('failed', { type: 'fail', error: jobError });
}
