import {
  type ErrorRecord,
  type Lane,
  MODULE_NAMES,
  type ModuleName,
  type OdooTime,
  type StoreTime,
  type SyncState,
  type TailEnd,
  type TailNotes,
  type TurnSummary,
  type User,
  unreachable,
} from '@odoo-sync/core';
import { noteHealthy, VERDICTS } from '../turn/faults.js';
import { moduleContext, type TurnContext } from '../turn/turnContext.js';
import { noteExpired } from '../window/workItem.js';
import { type ModuleResult, tailModule } from './tailModule.js';

/** A tail that may begin. */
export interface DueTail {
  readonly user: User;
  /** As it was when the tail began. */
  readonly state: SyncState;
  /** The store's clock then. */
  readonly now: StoreTime;
}

/** How a tail ended: handed back, put off, or over (well or not) with the next one to be queued. */
export type TailEnding =
  | { readonly type: 'handBack' }
  | { readonly type: 'busy'; readonly ms: number }
  | { readonly type: 'ended'; readonly end: Omit<TailEnd, 'pauseMs'> };

/** Passes every module that can be read and whose lane is free; the changes of the others come with the next tail. */
export async function tailModules(context: TurnContext, tail: DueTail): Promise<TailEnding> {
  const { store, turn, metrics } = context;
  const { state, now } = tail;
  const modules = MODULE_NAMES.filter((module) => {
    const { state: availability, probeAt } = state.modules[module];
    return availability !== 'unavailable' || !probeAt || probeAt <= now;
  });
  if (modules.length === 0) return passAll(context, tail, [], new Map());
  const grant = await store.takeLanes(turn, modules);
  if ('busyForMs' in grant) return { type: 'busy', ms: grant.busyForMs };
  const missed = modules.filter((module) => !grant.lanes.some((lane) => lane.module === module));
  for (const module of missed) metrics.turnEnded(turn.kind, module, 'noop');
  const history = new Map<ModuleName, TurnSummary>();
  try {
    for (const expired of grant.expired) await noteExpired(context, turn, expired);
    const ending = await passAll(context, tail, grant.lanes, history);
    // After a fault the next one isn't brought forward for their sake.
    return ending.type === 'ended' && !ending.end.error
      ? { ...ending, end: { ...ending.end, missed } }
      : ending;
  } finally {
    await grant.giveBack(history);
  }
}

async function passAll(
  context: TurnContext,
  { user, state }: DueTail,
  lanes: readonly Lane[],
  history: Map<ModuleName, TurnSummary>,
): Promise<TailEnding> {
  const oldestOpen = await context.store.oldestOpen(user);
  const passes = new Map<ModuleName, TailNotes>();
  let changed = false;
  /** Odoo answered under the user's credentials, be it that a module can't be read. */
  let answered = false;
  /** The last answer's date; none after a fault: behind a timeout it is an old one. */
  let odooNow: OdooTime | null = null;
  let clockOffMs = state.clockOffMs ?? null;
  let lastError: ErrorRecord | null = null;
  const ended = (error: ErrorRecord | null, waitMs: number): TailEnding => ({
    type: 'ended',
    end: { changed, error, waitMs, passes, missed: [], odooNow, clockOffMs },
  });
  for (const lane of lanes) {
    const { module } = lane;
    const ofModule = moduleContext(context, { user, state, lane });
    const result = await tailModule(ofModule, oldestOpen.get(module) ?? null);
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
