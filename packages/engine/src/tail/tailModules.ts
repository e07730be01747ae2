import {
  type ErrorRecord,
  type Lane,
  MODULE_NAMES,
  type ModuleName,
  type TailEnd,
  type TailView,
  type TurnSummary,
  unreachable,
} from '@odoo-sync/core';
import { noteHealthy, VERDICTS } from '../turn/faults.js';
import { noteExpired } from '../turn/noteExpired.js';
import { moduleContext, type TurnContext } from '../turn/turnContext.js';
import { type Ahead, lookAhead, NOTHING_AHEAD } from './lookAhead.js';
import { type ModuleResult, tailModule } from './tailModule.js';

/** How a tail ended: handed back, put off, or over (well or not) with the next one to be queued. */
export type TailEnding =
  | { readonly type: 'handBack' }
  | { readonly type: 'busy'; readonly ms: number }
  | { readonly type: 'ended'; readonly end: Omit<TailEnd, 'pauseMs'> };

/**
 * Passes every module that can be read and whose lane is free; the changes of the others come with the next tail. Lanes are taken
 * only for modules in which something is to be read. While another turn has a lane, nothing is asked before: one turn of a user
 * asks at a time.
 */
export async function tailModules(context: TurnContext, tail: TailView): Promise<TailEnding> {
  const { store, turn, metrics } = context;
  const { state, now } = tail;
  const modules = MODULE_NAMES.filter((module) => {
    const { state: availability, probeAt } = state.modules[module];
    return availability !== 'unavailable' || !probeAt || probeAt <= now;
  });
  const ahead = tail.leased ? NOTHING_AHEAD : await lookAhead(context, tail, modules);
  if (context.handle.signal.aborted) return { type: 'handBack' };
  const loud = modules.filter((module) => !ahead.passes.has(module));
  if (loud.length === 0) return passAll(context, tail, { lanes: [], ahead, history: new Map() });
  const grant = await store.takeLanes(turn, loud);
  if ('busyForMs' in grant) return { type: 'busy', ms: grant.busyForMs };
  const missed = loud.filter((module) => !grant.lanes.some((lane) => lane.module === module));
  for (const module of missed) metrics.turnEnded(turn.kind, module, 'noop');
  const history = new Map<ModuleName, TurnSummary>();
  try {
    for (const expired of grant.expired) await noteExpired(context, turn, expired);
    const ending = await passAll(context, tail, { lanes: grant.lanes, ahead, history });
    // After a fault the next one isn't brought forward for their sake.
    return ending.type === 'ended' && !ending.end.error
      ? { ...ending, end: { ...ending.end, missed } }
      : ending;
  } finally {
    await grant.giveBack(history);
  }
}

interface Passing {
  readonly lanes: readonly Lane[];
  readonly ahead: Ahead;
  readonly history: Map<ModuleName, TurnSummary>;
}

async function passAll(
  context: TurnContext,
  { user, state, oldestOpen }: TailView,
  { lanes, ahead, history }: Passing,
): Promise<TailEnding> {
  const passes = new Map(ahead.passes);
  let changed = false;
  /** Odoo answered under the user's credentials, be it that a module can't be read. */
  let answered = passes.size > 0;
  /** The last answer's date; none after a fault: behind a timeout it is an old one. */
  let odooNow = ahead.odooNow;
  let clockOffMs = passes.size > 0 ? ahead.clockOffMs : (state.clockOffMs ?? null);
  let lastError: ErrorRecord | null = null;
  const ended = (error: ErrorRecord | null, waitMs: number): TailEnding => ({
    type: 'ended',
    end: { changed, quiet: lanes.length === 0, error, waitMs, passes, missed: [], odooNow, clockOffMs },
  });
  for (const lane of lanes) {
    const { module } = lane;
    const ofModule = moduleContext(context, { user, state, lane });
    const result = await tailModule(ofModule, {
      oldestOpen: oldestOpen.get(module) ?? null,
      early: ahead.early.get(module) ?? null,
    });
    const summary = summaryOf(result);
    if (summary) history.set(module, summary);
    if (result.type === 'passed') {
      passes.set(module, result.pass.notes);
      changed ||= result.pass.changed > 0 || result.pass.overflow > 0;
      answered = true;
      ({ odooNow, clockOffMs } = result);
      continue;
    }
    const { type, error, waitMs } = result.verdict;
    const { tail } = VERDICTS[type];
    switch (tail) {
      case 'handBack':
        return { type: 'handBack' };
      case 'ends':
        odooNow = null;
        return ended(error, waitMs);
      case 'goesOn': {
        if (type === 'unavailable') {
          answered = true;
          break;
        }
        // One module's trouble is its own; where Odoo can't be had at all, the others needn't be tried.
        const again = lastError !== null && error.kind === 'transient';
        lastError = error;
        odooNow = null;
        if (!again) break;
        return ended(lastError, 0);
      }
      default:
        return unreachable(tail);
    }
  }
  if (answered) await noteHealthy({ ...context, user, state });
  return ended(lastError, 0);
}

/** For the history of turns; null of a pass that found nothing new, as nearly all do. */
function summaryOf(result: ModuleResult): TurnSummary | null {
  if (result.type === 'fault') {
    const end = VERDICTS[result.verdict.type].tail === 'handBack' ? 'handedBack' : 'failed';
    return { end, pages: 0, counts: null };
  }
  const { pages, changed, overflow } = result.pass;
  return changed > 0 || overflow > 0 ? { end: 'succeeded', pages, counts: null } : null;
}
