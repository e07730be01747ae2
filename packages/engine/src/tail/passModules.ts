import {
  type ErrorRecord,
  type Lane,
  MODULE_NAMES,
  type ModuleName,
  type SyncState,
  type TailEnd,
  type TailNotes,
  type TurnHandle,
  type TurnRef,
  type TurnSummary,
  type User,
} from '@odoo-sync/core';
import type { Engine } from '../turn/engine.js';
import { noteExpired } from '../turn/expired.js';
import { noteHealthy } from '../turn/faults.js';
import { logOfModule } from '../turn/turnLog.js';
import { type Passed, passModule } from './passModule.js';

/** A tail that was started. */
export interface TailWork {
  readonly turn: TurnRef;
  readonly user: User;
  /** As it was when the tail began. */
  readonly plan: SyncState;
  /** The store's clock then. */
  readonly now: Date;
  readonly handle: TurnHandle;
}

/** How a tail ended: handed back, put off, or over (well or not) with the next one to be queued. */
export type TailEnding =
  | { readonly type: 'handBack' }
  | { readonly type: 'busy'; readonly ms: number }
  | { readonly type: 'ended'; readonly end: Omit<TailEnd, 'pauseMs'> };

/** Passes every module that can be read and whose lane is free; the changes of the others come with the next tail. */
export async function passModules(engine: Engine, work: TailWork): Promise<TailEnding> {
  const { turn, plan, now } = work;
  const modules = MODULE_NAMES.filter((module) => {
    const { state, probeAt } = plan.modules[module];
    return state !== 'unavailable' || !probeAt || probeAt <= now;
  });
  if (modules.length === 0) return passAll(engine, work, [], new Map());
  const grant = await engine.store.takeLanes(turn, modules);
  if ('busyForMs' in grant) return { type: 'busy', ms: grant.busyForMs };
  const missed = modules.filter((module) => !grant.lanes.some((lane) => lane.module === module));
  for (const module of missed) engine.metrics.turnEnded('tail', module, 'noop');
  const history = new Map<ModuleName, TurnSummary>();
  try {
    for (const expired of grant.expired) await noteExpired(engine, turn, expired);
    const ending = await passAll(engine, work, grant.lanes, history);
    // After a fault the next one isn't brought forward for their sake.
    return ending.type === 'ended' && !ending.end.error
      ? { ...ending, end: { ...ending.end, missed } }
      : ending;
  } finally {
    await grant.giveBack(history);
  }
}

async function passAll(
  engine: Engine,
  { user, plan, handle }: TailWork,
  lanes: readonly Lane[],
  history: Map<ModuleName, TurnSummary>,
): Promise<TailEnding> {
  const oldestOpen = await engine.store.oldestOpen(user);
  const passes = new Map<ModuleName, TailNotes>();
  let changed = false;
  /** Odoo answered under the user's credentials, be it that a module can't be read. */
  let answered = false;
  /** The last answer's date; none after a fault: behind a timeout it is an old one. */
  let odooNow: Date | null = null;
  let clockOffMs = plan.clockOffMs ?? null;
  let lastError: ErrorRecord | null = null;
  const ended = (error: ErrorRecord | null, waitMs: number): TailEnding => ({
    type: 'ended',
    end: { changed, error, waitMs, passes, missed: [], odooNow, clockOffMs },
  });
  for (const lane of lanes) {
    const { module } = lane;
    const ofModule = { user, plan, lane, oldestOpen: oldestOpen.get(module) ?? null };
    const passed = await passModule(logOfModule(engine, module), ofModule, handle);
    const told = summaryOf(passed);
    if (told) history.set(module, told);
    switch (passed.type) {
      case 'passed':
        passes.set(module, passed.pass.notes);
        changed ||= passed.pass.changed > 0 || passed.pass.overflow > 0;
        answered = true;
        ({ odooNow, clockOffMs } = passed);
        break;
      case 'unavailable':
        answered = true;
        break;
      case 'failed': {
        // One module's trouble is its own; where Odoo can't be had at all, the others needn't be tried.
        const again = lastError !== null && passed.error.kind === 'transient';
        lastError = passed.error;
        odooNow = null;
        if (!again) break;
        return ended(lastError, 0);
      }
      case 'over':
        odooNow = null;
        return ended(passed.error, passed.waitMs);
      case 'handBack':
        return passed;
    }
  }
  if (answered) await noteHealthy(engine, user, plan);
  return ended(lastError, 0);
}

/** For the history of turns; null of a pass that found nothing new, as nearly all do. */
function summaryOf(passed: Passed): TurnSummary | null {
  if (passed.type !== 'passed') {
    const outcome = passed.type === 'handBack' ? 'handedBack' : 'failed';
    return { outcome, pages: 0, counts: null };
  }
  const { pages, changed, overflow } = passed.pass;
  return changed > 0 || overflow > 0 ? { outcome: 'succeeded', pages, counts: null } : null;
}
