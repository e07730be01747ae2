import { type ErrorRecord, errorRecordOf, FencedOutError, type TurnHandle } from '@odoo-sync/core';
import type { Engine } from '../turn/engine.js';
import { classifyFault, PROBE_MS, type Verdict } from '../turn/faults.js';
import { rememberingPages } from '../turn/pageCeilings.js';
import { type LimitedReading, withinLimits } from '../turn/turnLimits.js';
import type { TurnEnd } from '../turn/turnMetrics.js';
import { type ModuleWork, type TailPass, tailModule } from './tailModule.js';

/** How a tail fared with one module. */
export type Passed =
  | {
      readonly type: 'passed';
      readonly pass: TailPass;
      readonly odooNow: Date;
      readonly clockOffMs: number | null;
    }
  | { readonly type: 'unavailable' }
  /** The other modules may fare better. */
  | { readonly type: 'failed'; readonly error: ErrorRecord }
  /** So would the others: the tail ends here, and the next one waits so long. */
  | { readonly type: 'over'; readonly error: ErrorRecord; readonly waitMs: number }
  | { readonly type: 'handBack' };

/** What is counted of a module that a tail couldn't pass: its one attempt is over, or nothing was tried. */
const ENDS: Readonly<Record<Verdict['type'], TurnEnd>> = {
  handBack: 'handed_back',
  wait: 'handed_back',
  fencedOut: 'noop',
  needsAttention: 'withdrawn',
  unavailable: 'withdrawn',
  fields: 'failed',
  attempt: 'failed',
};

/** Passes one module under its lane, with the user's source; once more where its field list was out of date. */
export async function passModule(engine: Engine, work: ModuleWork, handle: TurnHandle): Promise<Passed> {
  const { user, plan, lane } = work;
  const { module } = lane;
  const signal = AbortSignal.any([handle.signal, lane.lost]);
  const reading: LimitedReading = {
    limits: engine.limits.tail,
    what: `what changed of its ${module}`,
    timeSetting: 'TAIL_MAX_MS',
    url: user.address.url,
  };
  let end: TurnEnd = 'failed';
  try {
    for (let again = false; ; again = true) {
      try {
        const passed = await engine.sources.use(user, signal, async (source) => {
          source.setPace(Math.max(user.callDelayMs ?? engine.apiCallDelayMs, plan.paceMs));
          if (Date.now() - source.clock().lastAnswer.getTime() > engine.settings.tailIntervalMs)
            await source.touch(signal);
          const pass = await withinLimits(reading, signal, (metered) =>
            rememberingPages(engine, work, source, () => tailModule(engine, work, source, metered, again)),
          );
          return { pass, odooNow: source.clock().now, clockOffMs: source.clock().offMs };
        });
        const { pass } = passed;
        if (pass.changed > 0 || pass.overflow > 0)
          handle.log(`${module}: ${pass.changed} changed, ${pass.overflow} windows to be read again`);
        end = 'succeeded';
        return { type: 'passed', ...passed };
      } catch (error) {
        const verdict = await classifyFault(engine, user, error, handle.signal, lane.lost);
        if (verdict.type === 'fields' && !again) continue;
        handle.log(`${module}: ${error instanceof Error ? error.message : error}`);
        end = ENDS[verdict.type];
        return await endOf(engine, work, verdict, error);
      }
    }
  } finally {
    engine.metrics.turnEnded('tail', module, end);
  }
}

async function endOf(
  engine: Engine,
  { user, lane }: ModuleWork,
  verdict: Verdict,
  error: unknown,
): Promise<Passed> {
  switch (verdict.type) {
    case 'handBack':
      return { type: 'handBack' };
    case 'fencedOut':
      return { type: 'over', error: errorRecordOf(error, new Date()), waitMs: 0 };
    case 'wait':
      return { type: 'over', error: verdict.error, waitMs: verdict.ms };
    case 'needsAttention':
      await engine.store.needsAttention(user, verdict.error, verdict.probeAt);
      return { type: 'over', error: verdict.error, waitMs: PROBE_MS };
    case 'unavailable': {
      const { error: reason, probeAt } = verdict;
      try {
        await engine.store.noteModule(lane, { state: 'unavailable', reason, probeAt });
      } catch (fault) {
        if (!(fault instanceof FencedOutError)) throw fault;
        return { type: 'over', error: reason, waitMs: 0 };
      }
      return { type: 'unavailable' };
    }
    default:
      engine.log.warn({ kind: verdict.error.kind, err: error }, 'a tail failed');
      return { type: 'failed', error: verdict.error };
  }
}
