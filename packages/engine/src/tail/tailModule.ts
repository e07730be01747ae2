import { FencedOutError, later, type OdooTime, type TurnEnd } from '@odoo-sync/core';
import { prepareModule } from '../module/prepareModule.js';
import { classifyFault, type FaultVerdict, VERDICTS } from '../turn/faults.js';
import type { ModuleContext } from '../turn/turnContext.js';
import { type FoundChanges, findChanges } from './findChanges.js';
import { tailReading } from './tailReading.js';
import { type TailPass, takeChanges } from './takeChanges.js';

/** How a tail fared with one module. */
export type ModuleResult =
  | {
      readonly type: 'passed';
      readonly pass: TailPass;
      readonly odooNow: OdooTime;
      readonly clockOffMs: number | null;
    }
  | { readonly type: 'fault'; readonly verdict: FaultVerdict };

/** What is known of a module when its lane is taken. */
export interface TailStart {
  /** Start of its oldest window that is `open`. */
  readonly oldestOpen: Date | null;
  /** What was found of it before, or why that failed; null where nothing was looked for yet. */
  readonly early: FoundChanges | { readonly fault: unknown } | null;
}

/** Passes one module under its lane, with the user's source; once more where its field list was out of date. */
export async function tailModule(
  context: ModuleContext,
  { oldestOpen, early }: TailStart,
): Promise<ModuleResult> {
  const { module, turn, metrics, handle } = context;
  let end: TurnEnd = 'failed';
  try {
    for (let again = false; ; again = true) {
      try {
        const found = again ? null : early;
        if (found && 'fault' in found) throw found.fault;
        const passed = await pass(context, oldestOpen, { again, found });
        const { changed, overflow } = passed.pass;
        if (changed > 0 || overflow > 0)
          handle.log(`${module}: ${changed} changed, ${overflow} windows to be read again`);
        end = 'succeeded';
        return passed;
      } catch (error) {
        const verdict = await classifyFault(context, error);
        if (verdict.type === 'fields' && !again) continue;
        handle.log(`${module}: ${error instanceof Error ? error.message : error}`);
        end = VERDICTS[verdict.type].tailEnd;
        return { type: 'fault', verdict: await noteVerdict(context, verdict, error) };
      }
    }
  } finally {
    metrics.turnEnded(turn.kind, module, end);
  }
}

const pass = (
  context: ModuleContext,
  oldestOpen: Date | null,
  { again, found }: { readonly again: boolean; readonly found: FoundChanges | null },
): Promise<Extract<ModuleResult, { readonly type: 'passed' }>> =>
  tailReading(context, async (within, metered) => {
    const find = async () => {
      const prepared = await prepareModule({ ...within, signal: metered.signal }, again);
      return findChanges(within, metered, { prepared, oldestOpen });
    };
    const read = await takeChanges(within, metered, found ?? (await find()));
    const clock = within.source.clock();
    return { type: 'passed', pass: read, odooNow: clock.now, clockOffMs: clock.offMs };
  });

/** Writes down what a verdict says of user or module. @returns the verdict, or that the lane was lost before. */
async function noteVerdict(
  { store, user, lane, log }: ModuleContext,
  verdict: FaultVerdict,
  thrown: unknown,
): Promise<FaultVerdict> {
  const { type, error, waitMs } = verdict;
  const probeAt = async () => later(await store.now(), waitMs);
  if (type === 'needsAttention') await store.needsAttention(user, error, await probeAt());
  if (type === 'fields' || type === 'attempt') log.warn({ kind: error.kind, err: thrown }, 'a tail failed');
  if (type !== 'unavailable') return verdict;
  try {
    await store.noteModule(lane, { state: 'unavailable', reason: error, probeAt: await probeAt() });
    return verdict;
  } catch (fault) {
    if (!(fault instanceof FencedOutError)) throw fault;
    return { type: 'fencedOut', error, waitMs: 0 };
  }
}
