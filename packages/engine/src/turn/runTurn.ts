import { TURN_KINDS, type TurnHandle, type TurnOutcome } from '@odoo-sync/core';
import { auditTurn } from '../audit/auditTurn.js';
import { advance } from '../dispatch/advance.js';
import { tailTurn } from '../tail/tailTurn.js';
import { windowTurn } from '../window/windowTurn.js';
import { type Engine, type JobTurn, type TurnContext, turnContext } from './turnContext.js';

/** What runs a turn, by the document that it is a release of. */
const RUNNERS: Readonly<
  Record<
    (typeof TURN_KINDS)[keyof typeof TURN_KINDS]['document'],
    (context: TurnContext) => Promise<TurnOutcome>
  >
> = { batch: windowTurn, resync: windowTurn, audit: auditTurn, tail: tailTurn };

/**
 * Runs the turn that a job carries, then hands out the user's next ones: at once, not at the next tick, unless the ledger says
 * that there are none. A fault in that last step is only logged, since the tick does the same a little later.
 */
export async function runTurn(engine: Engine, turn: JobTurn, handle: TurnHandle): Promise<TurnOutcome> {
  const context = turnContext(engine, turn, handle);
  let outcome: TurnOutcome | null = null;
  try {
    outcome = await RUNNERS[TURN_KINDS[turn.kind].document](context);
    return outcome;
  } finally {
    if (!outcome?.alone) await handOutNext(context);
  }
}

async function handOutNext(context: TurnContext): Promise<void> {
  try {
    context.metrics.released(await advance(context, context.turn.userKey));
  } catch (error) {
    context.log.warn({ err: error }, 'could not hand out the next turn: the tick will');
  }
}
