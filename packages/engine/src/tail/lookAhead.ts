import type { ModuleName, OdooTime, TailNotes, TailView } from '@odoo-sync/core';
import { knownPreparation } from '../module/prepareModule.js';
import type { TurnContext } from '../turn/turnContext.js';
import { findChanges, isQuiet } from './findChanges.js';
import type { TailStart } from './tailModule.js';
import { tailReading } from './tailReading.js';
import { passOf } from './takeChanges.js';

/** What a tail knows before it takes a lane. */
export interface Ahead {
  /** Modules in which nothing is to be read: their pass is over. */
  readonly passes: ReadonlyMap<ModuleName, TailNotes>;
  /** Of others, what is known. */
  readonly early: ReadonlyMap<ModuleName, NonNullable<TailStart['early']>>;
  /** Odoo's clock after it; null where nothing was asked, or the asking failed. */
  readonly odooNow: OdooTime | null;
  readonly clockOffMs: number | null;
}

export const NOTHING_AHEAD: Ahead = {
  passes: new Map(),
  early: new Map(),
  odooNow: null,
  clockOffMs: null,
};

/**
 * Looks which modules hold something to be read, without a lane: it writes no record, and what it compares with the mirror was
 * written under the lane by whoever had it. A module that isn't prepared, since that writes, is left for when its lane is taken; so
 * is every one behind a fault, which is judged there.
 */
export async function lookAhead(
  context: TurnContext,
  { user, state, now, oldestOpen }: TailView,
  modules: readonly ModuleName[],
): Promise<Ahead> {
  const { metrics, turn, handle, log } = context;
  const passes = new Map<ModuleName, TailNotes>();
  const early = new Map<ModuleName, NonNullable<TailStart['early']>>();
  let clock: Pick<Ahead, 'odooNow' | 'clockOffMs'> = { odooNow: null, clockOffMs: null };
  for (const module of modules) {
    const place = {
      ...context,
      user,
      state,
      module,
      lane: null,
      signal: handle.signal,
      log: log.child({ module }),
    };
    const prepared = knownPreparation(place, now);
    if (!prepared) continue;
    try {
      await tailReading(place, async (within, metered) => {
        const open = oldestOpen.get(module) ?? null;
        const found = await findChanges(within, metered, { prepared, oldestOpen: open });
        const { now: odooNow, offMs: clockOffMs } = within.source.clock();
        clock = { odooNow, clockOffMs };
        if (!isQuiet(found)) {
          early.set(module, found);
          return;
        }
        passes.set(module, passOf(found).notes);
        metrics.turnEnded(turn.kind, module, 'succeeded');
      });
    } catch (fault) {
      early.set(module, { fault });
      return { passes, early, odooNow: null, clockOffMs: clock.clockOffMs };
    }
  }
  return { passes, early, ...clock };
}
