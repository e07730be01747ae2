import type { TurnHandle, TurnOutcome } from '@odoo-sync/core';
import { advance } from '../dispatch/advance.js';
import { runTailTurn } from '../tail/tailTurn.js';
import { type JobTurn, runWindowTurn } from '../window/windowTurn.js';
import type { Engine } from './engine.js';
import { logOfTurn } from './turnLog.js';

/**
 * Runs the turn that a job carries, then hands out the user's next ones: at once, not at the next tick. A fault in that
 * last step is only logged, since the tick does the same a little later.
 */
export async function runTurn(worker: Engine, turn: JobTurn, handle: TurnHandle): Promise<TurnOutcome> {
  const engine = logOfTurn(worker, turn.kind, turn.userKey);
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
