import {
  type Audit,
  type AuditEvent,
  type AuditResult,
  type AuditRun,
  type AuditShares,
  cliffOf,
  later,
  moduleOf,
  NO_DIFFERENCES,
  nextShare,
  oldestOf,
  outcomeOf,
  SUPERSEDED,
  shareCount,
  sharesAfter,
  sharesIn,
  type TurnOutcome,
  tellResult,
  windowOf,
} from '@odoo-sync/core';
import { prepareModule, schemaOf } from '../module/prepareModule.js';
import { freshenClock } from '../turn/clocks.js';
import { noteHealthy } from '../turn/faults.js';
import { laneTurn } from '../turn/laneTurn.js';
import type { SourceContext, TurnContext } from '../turn/turnContext.js';
import { withinLimits } from '../turn/turnLimits.js';
import { type AuditItem, loadAuditItem } from './auditItem.js';
import { checkDatabase } from './checkDatabase.js';
import { burySlice, compareSlice, type Slice, type SliceEnd } from './slice.js';

/** A module whose history is still read is looked at again after so long. */
const BACKFILL_WAIT_MS = 600_000;

/**
 * Runs one slice of an audit, in its module's lane: see audit.ts of core for its life. Each slice leaves the mirror right as far as it
 * came, so that a death costs no more than its slice.
 */
export const auditTurn = (context: TurnContext): Promise<TurnOutcome> =>
  laneTurn(context, {
    load: ({ turn }) => loadAuditItem(context, turn, turn),
    async look({ store, turn }) {
      const [work, user, state] = await Promise.all([
        loadAuditItem(context, turn, turn),
        store.user(turn.userKey),
        store.syncState(turn),
      ]);
      return user?.life === turn.life && state ? { user, state, work } : null;
    },
    run: runSlice,
  });

async function runSlice(context: SourceContext, item: AuditItem, again: boolean): Promise<TurnOutcome> {
  const { store, user, module, limits, signal, settings, lane, handle } = context;
  const { audit } = item;
  if ((await store.windowsLeft(user.userKey, module)) > 0) {
    const until = later(lane.takenAt, BACKFILL_WAIT_MS);
    handle.log('its history is still being read: the audit waits for that');
    return told(context, audit, { type: 'postpone', until }, 'postponed');
  }
  const prepared = await prepareModule(context, again);
  const schema = await schemaOf(context, prepared);
  await freshenClock(context);
  const count = moduleOf(module).silent ? 1 : shareCount(settings.deepDays, settings.auditIntervalMs);
  const shares = sharesIn(audit.shares, count);
  if (!audit.run) await checkDatabase(context);
  const run = audit.run ?? (await newRun(context, audit, shares));
  const mirroredFrom = prepared.tiling?.from ?? windowOf(user.connectedAt).start;
  const reading = {
    limits: limits.window,
    what: `the ids of its ${module}`,
    timeSetting: 'WINDOW_MAX_MS',
    url: user.address.url,
  } as const;
  const { run: next, over } = await withinLimits(reading, signal, (metered): Promise<SliceEnd> => {
    const slice: Slice = { schema, metered, mirroredFrom, shares: count };
    return run.phase === 'compare' ? compareSlice(context, slice, run) : burySlice(context, slice, run);
  });
  await noteHealthy(context);
  return conclude(context, { audit, shares }, next, over);
}

/** A run begins: it reads a share of the records in full, or all of them, where that is asked for or their fields are others by now. */
async function newRun(
  { store, source, user, module, lane }: SourceContext,
  { deep, filledBy }: Audit,
  shares: AuditShares,
): Promise<AuditRun> {
  // It may have been described just now.
  const schema = (await store.syncState(user))?.modules[module].schema ?? null;
  const all = deep || (filledBy !== null && filledBy !== schema);
  return {
    asOf: source.clock().lastAnswer,
    startedAt: lane.takenAt,
    phase: 'compare',
    share: all ? 'all' : nextShare(shares),
    schema,
    afterId: 0,
    records: 0,
    mirrored: 0,
    found: NO_DIFFERENCES,
    healed: 0,
    unreadable: [],
    gone: [],
  };
}

/** The slice is over: another follows, the next phase, an operator's word, or the end. */
async function conclude(
  context: SourceContext,
  { audit, shares: before }: { readonly audit: Audit; readonly shares: AuditShares },
  run: AuditRun,
  over: boolean,
): Promise<TurnOutcome> {
  const { store, user, module, settings, log, metrics } = context;
  const at = await store.now();
  if (!over) return told(context, audit, { type: 'slice', run, at }, 'goes on');
  if (run.phase === 'compare' && run.gone.length > 0) {
    const bury: AuditRun = { ...run, phase: 'bury', afterId: 0 };
    const cliff = cliffOf(run, await store.companyLosses(user, module, run.gone), at);
    if (!cliff) return told(context, audit, { type: 'slice', run: bury, at }, 'goes on');
    log.warn(
      { cliff },
      'an audit has stopped: so many records are gone that an operator has to say that they may go',
    );
    return told(context, audit, { type: 'stop', run: bury, cliff }, 'stopped');
  }
  const shares = sharesAfter(before, run.share, run.asOf);
  const left = run.found.gone - run.gone.length;
  const result: AuditResult = {
    asOf: run.asOf,
    endedAt: at,
    records: run.records,
    contentAsOf: oldestOf(shares),
    found: run.found,
    healed: run.healed,
    open: left + run.unreadable.length,
    unreadable: run.unreadable,
  };
  metrics.audited(module, result);
  const next = later(run.startedAt, settings.auditIntervalMs);
  const dueAt = left > 0 || next < at ? at : next;
  return told(context, audit, { type: 'end', run, result, shares, dueAt }, tellResult(result));
}

async function told(
  { store, handle }: SourceContext,
  audit: Audit,
  event: AuditEvent,
  result: string,
): Promise<TurnOutcome> {
  if (!(await store.auditEvent(audit, event))) return SUPERSEDED;
  handle.log(result);
  return outcomeOf('succeeded', { type: 'done', result });
}
