import {
  type EngineSettings,
  type InFlightTurn,
  type JobState,
  type PlanSnapshot,
  storeTime,
} from '@odoo-sync/core';
import type { PlanExplanation } from '../dispatch/explainPlan.js';
import { remedyFor } from '../dispatch/repair.js';
import { type Clean, cleanError } from './ofUser.js';
import type { ExplainedTurn, UserExplanation } from './userExplanation.js';
import { namesOf, reportFate, timeOf } from './words.js';

interface Known {
  readonly settings: EngineSettings;
  readonly clean: Clean;
  /** States of the turns' jobs, by the turns' ids; null while the queue is away. */
  readonly jobs: ReadonlyMap<string, JobState> | null;
}

type OfTurns = Pick<UserExplanation, 'places' | 'tail' | 'inFlight' | 'next' | 'nextTurnAt' | 'thenAt'>;

/** The turns that are out, the tail, and what would go next. */
export function ofTurns(snapshot: PlanSnapshot, explained: PlanExplanation, known: Known): OfTurns {
  const { now, plan, inFlight } = snapshot;
  const { status, dueAt, pauseMs, lastEnd, lastChangeAt, lastError, missed = [], expiries = 0 } = plan.tail;
  const names = namesOf(snapshot);
  const tail = reportFate(explained.tail, now, names);
  return {
    places: {
      all: known.settings.userConcurrency,
      taken: inFlight.filter((turn) => turn.status === 'running').length,
    },
    tail: {
      ...tail,
      status,
      dueAt,
      pauseMs,
      lastEnd,
      lastChangeAt,
      lastError: cleanError(lastError, known.clean),
      missed,
      // Not `tailDeaths`: that one runs now is no death.
      deaths: expiries,
    },
    inFlight: inFlight.map((turn): ExplainedTurn => {
      const fate = explained.inFlight.get(turn.turnId) ?? explained.tail;
      const { kind, module, startTime, turnId, release, status, readyAt, attempts } = turn;
      return {
        ...reportFate(fate, now, names),
        ...{ kind, module, windowStart: startTime, turnId, release, status, readyAt, attempts },
        job: known.jobs?.get(turnId) ?? null,
        remedy: remedyOf(turn, snapshot, explained, known),
      };
    }),
    next: explained.next,
    nextTurnAt: plan.nextTurnAt,
    thenAt: explained.nextTurnAt,
  };
}

/** What is done about a turn's job, or will be when it has been missing for long enough. */
function remedyOf(
  turn: InFlightTurn,
  { now }: PlanSnapshot,
  { overdue }: PlanExplanation,
  { jobs, settings }: Known,
): string | null {
  const state = jobs?.get(turn.turnId);
  const remedy = state && remedyFor(state);
  if (!remedy) return null;
  const what =
    remedy === 'putAgain'
      ? 'its job is not in the queue, and is put there again'
      : 'its job has ended without a word to the ledger, and it gets a new one';
  if (overdue.includes(turn.turnId)) return `${what} by the next look`;
  if (turn.status === 'running') return null;
  const at = storeTime(Math.max(now.getTime(), turn.readyAt.getTime() + settings.repairMs));
  return `${what} if that is still so at ${timeOf(at, now)}`;
}
