import {
  ALONE_AFTER_EXPIRIES,
  type ErrorRecord,
  FencedOutError,
  later,
  type ModuleName,
  maxBackoffMs,
  noop,
  type OwnLane,
  outcomeOf,
  SUPERSEDED,
  type SyncState,
  type TurnEnd,
  type TurnOutcome,
  type User,
  unreachable,
} from '@odoo-sync/core';
import { atTheGate } from './aloneGate.js';
import { heldForMs } from './clocks.js';
import { classifyFault, type FaultVerdict, VERDICTS } from './faults.js';
import type { LaneWork } from './laneWork.js';
import { noteExpired } from './noteExpired.js';
import { type ModuleContext, moduleContext, type SourceContext, type TurnContext } from './turnContext.js';
import { useSource } from './useSource.js';

/** What the ledger says under the lane. */
export interface LaneView<W> {
  readonly user: User;
  readonly state: SyncState;
  /** Null when the turn's release isn't the current one. */
  readonly work: W | null;
}

/** A kind of work in one lane. */
export interface LaneTurn<W extends LaneWork<W>> {
  /** The work of the turn's release, as the ledger has it now; null when that isn't the current one. */
  load(context: TurnContext): Promise<W | null>;
  /** The same with user and sync state, read under the lane; null where the user's life has ended. */
  look(context: TurnContext): Promise<LaneView<W> | null>;
  /** One attempt. @param again the field list was out of date. @throws whatever Odoo or the store answers. */
  run(context: SourceContext, work: W, again: boolean): Promise<TurnOutcome>;
}

/**
 * Runs a turn in one lane, from the job's arrival to its end.
 *
 * The lane is taken before anything is asked of Odoo and held to the last write. Only under it is the ledger believed: what
 * says `running` there has no living worker, since nobody else holds the lane, so its expiry is counted. Every way out tells the
 * ledger before the lane is given back; the one exception is a lane that was lost, where another turn's word holds.
 */
export async function laneTurn<W extends LaneWork<W>>(
  context: TurnContext,
  kind: LaneTurn<W>,
): Promise<TurnOutcome> {
  const { turn, metrics } = context;
  let module = turn.module ?? null;
  // What is thrown from here on has its job tried again.
  let end: TurnEnd = 'retried';
  try {
    // An older engine's jobs don't all tell their module.
    module ??= (await kind.load(context))?.module ?? null;
    const outcome = module ? await enter(context, kind, module) : SUPERSEDED;
    end = outcome.end;
    return outcome;
  } finally {
    if (module) metrics.turnEnded(turn.kind, module, end);
  }
}

/** 1. Comes in with others; work of which it turns out that its workers died, alone. */
async function enter<W extends LaneWork<W>>(
  context: TurnContext,
  kind: LaneTurn<W>,
  module: ModuleName,
): Promise<TurnOutcome> {
  const withOthers = await atTheGate(context, false, () => takeLane(context, kind, { module, alone: false }));
  return withOthers === MUST_BE_ALONE
    ? atTheGate(context, true, () => takeLane(context, kind, { module, alone: true }))
    : withOthers;
}

/** Nothing was done under the lane, and nothing is to be done beside others: the window has killed its worker twice. */
const MUST_BE_ALONE = noop({ type: 'delay', ms: 1, reason: 'it killed its worker twice and runs alone' });

/** 2. Takes the lane, and gives it back at the end whatever happens. */
async function takeLane<W extends LaneWork<W>>(
  context: TurnContext,
  kind: LaneTurn<W>,
  { module, alone }: { readonly module: ModuleName; readonly alone: boolean },
): Promise<TurnOutcome> {
  const { store, turn, metrics } = context;
  const grant = await store.takeLane(turn, module);
  if ('busyForMs' in grant) return whileBusy(context, kind, grant.busyForMs);
  const began = performance.now();
  let outcome: TurnOutcome | null = null;
  try {
    if (grant.expired) await noteExpired(context, turn, grant.expired);
    const justDied = grant.expired?.turnId === turn.turnId && grant.expired.release === turn.release;
    outcome = await begin(context, kind, grant.lane, { alone, justDied });
    if (outcome.end === 'succeeded') metrics.turnTook(turn.kind, module, (performance.now() - began) / 1_000);
    return outcome;
  } finally {
    await grant.lane.giveBack(outcome ?? { end: 'noop', pages: 0, counts: null });
  }
}

/** What has ended already ends its job the same way, without a wait for the lane; everything else comes again. */
async function whileBusy<W extends LaneWork<W>>(
  context: TurnContext,
  kind: LaneTurn<W>,
  ms: number,
): Promise<TurnOutcome> {
  const known = await kind.load(context);
  if (!known) return SUPERSEDED;
  return known.settled ?? noop({ type: 'delay', ms, reason: 'the lane is taken' });
}

/** 3. Under the lane: looks whether and how the work is to be done, and begins its attempt. */
async function begin<W extends LaneWork<W>>(
  context: TurnContext,
  kind: LaneTurn<W>,
  lane: OwnLane,
  { alone, justDied }: { readonly alone: boolean; readonly justDied: boolean },
): Promise<TurnOutcome> {
  const view = await kind.look(context);
  const found = view?.work ?? null;
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
  const { of, turnId, about, attempts } = started;
  const told = { ...about, [of]: turnId, attempt: attempts + 1 };
  return attempt(moduleContext(context, { user, state, lane }, told), kind, started);
}

/** 4. One attempt: with the user's source, once more where the field list was out of date. */
async function attempt<W extends LaneWork<W>>(
  context: ModuleContext,
  kind: LaneTurn<W>,
  item: W,
): Promise<TurnOutcome> {
  for (let again = false; ; again = true) {
    try {
      return await useSource(context, (within) => kind.run(within, item, again));
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

/** What the end of an attempt needs of its work. */
type AnyWork = Pick<LaneWork<unknown>, 'attempts' | 'handBack' | 'withdraw' | 'fail'>;

/** 5. Where there was no commit: tells the ledger how the attempt ended. Where the lane is lost before, another turn's word holds. */
async function concludeUnderLane(
  context: ModuleContext,
  item: AnyWork,
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
  item: AnyWork,
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
  item: AnyWork,
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
