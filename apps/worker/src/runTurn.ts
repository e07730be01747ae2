import { advance, type TurnRef } from '@odoo-sync/core';
import type { Engine } from './engine.js';
import type { TurnHandle, TurnOutcome } from './outcome.js';
import { runTailTurn } from './tailTurn.js';
import { runWindowTurn } from './windowTurn.js';

/**
 * Runs the turn that a job carries, then hands out the user's next ones: at once, not at the next tick. A fault in that
 * last step is only logged, since the tick does the same a little later.
 */
export async function runTurn(engine: Engine, turn: TurnRef, handle: TurnHandle): Promise<TurnOutcome> {
  try {
    return turn.kind === 'tail'
      ? await runTailTurn(engine, turn, handle)
      : await runWindowTurn(engine, turn, handle);
  } finally {
    await advance(engine, turn.userKey).catch((error: unknown) => {
      engine.log.warn({ user: turn.userKey, err: error }, 'could not hand out the next turn: the tick will');
    });
  }
}
