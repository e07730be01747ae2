import { advance } from '@odoo-sync/core';
import type { Engine } from './engine.js';
import type { TurnHandle, TurnOutcome } from './outcome.js';
import { runTailTurn } from './tailTurn.js';
import { tellingTurn } from './telling.js';
import { type JobTurn, runWindowTurn } from './windowTurn.js';

/**
 * Runs the turn that a job carries, then hands out the user's next ones: at once, not at the next tick. A fault in that
 * last step is only logged, since the tick does the same a little later.
 */
export async function runTurn(worker: Engine, turn: JobTurn, handle: TurnHandle): Promise<TurnOutcome> {
  const engine = tellingTurn(worker, turn.kind, turn.userKey);
  try {
    return turn.kind === 'tail'
      ? await runTailTurn(engine, turn, handle)
      : await runWindowTurn(engine, turn, handle);
  } finally {
    try {
      engine.metrics.released(await advance(engine, turn.userKey));
    } catch (error) {
      engine.log.warn({ err: error }, 'could not hand out the next turn: the tick will');
    }
  }
}
