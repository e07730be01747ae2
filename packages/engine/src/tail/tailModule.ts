import { FencedOutError, later, type OdooTime, type TurnEnd } from '@odoo-sync/core';
import { classifyFault, type FaultVerdict, VERDICTS } from '../turn/faults.js';
import type { ModuleContext } from '../turn/turnContext.js';
import { withinLimits } from '../turn/turnLimits.js';
import { useSource } from '../turn/useSource.js';
import { readChanges, type TailPass } from './readChanges.js';

/** How a tail fared with one module. */
export type ModuleResult =
  | {
      readonly type: 'passed';
      readonly pass: TailPass;
      readonly odooNow: OdooTime;
      readonly clockOffMs: number | null;
    }
  | { readonly type: 'fault'; readonly verdict: FaultVerdict };

/**
 * Passes one module under its lane, with the user's source; once more where its field list was out of date.
 * @param oldestOpen start of its oldest window that is `open`.
 */
export async function tailModule(context: ModuleContext, oldestOpen: Date | null): Promise<ModuleResult> {
  const { lane, turn, metrics, handle } = context;
  const { module } = lane;
  let end: TurnEnd = 'failed';
  try {
    for (let again = false; ; again = true) {
      try {
        const passed = await pass(context, oldestOpen, again);
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
  again: boolean,
): Promise<Extract<ModuleResult, { readonly type: 'passed' }>> =>
  useSource(context, async (within) => {
    const { source, signal, user, lane, limits, settings } = within;
    const { now, lastAnswer } = source.clock();
    if (now.getTime() - lastAnswer.getTime() > settings.tailIntervalMs) await source.touch(signal);
    const reading = {
      limits: limits.tail,
      what: `what changed of its ${lane.module}`,
      timeSetting: 'TAIL_MAX_MS',
      url: user.address.url,
    } as const;
    const read = await withinLimits(reading, signal, (metered) =>
      readChanges(within, metered, { oldestOpen, again }),
    );
    const clock = source.clock();
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
