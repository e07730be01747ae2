import {
  type EngineSettings,
  type JobQueue,
  jobIdOf,
  type LedgerStore,
  type TurnJob,
  type TurnPlace,
  WINDOW_MS,
} from '@odoo-sync/core';

/** What handing out turns needs. */
export interface Dispatch {
  readonly store: LedgerStore;
  readonly jobQueue: JobQueue;
  readonly settings: EngineSettings;
}

/** The job that carries a turn. */
export function jobOf(turn: TurnPlace, attempts: number, delayMs = 0): TurnJob {
  return {
    kind: turn.kind,
    userKey: turn.userKey,
    life: turn.life,
    turnId: turn.turnId,
    release: turn.release,
    module: turn.module,
    windowStart: turn.startTime?.toISOString() ?? null,
    windowEnd: turn.startTime ? new Date(turn.startTime.getTime() + WINDOW_MS).toISOString() : null,
    attempts: Math.max(1, attempts),
    delayMs: Math.max(0, delayMs),
  };
}

/** The attempts of a fresh release: a tail has one, since the next tail looks further back anyway. */
export const freshAttempts = (turn: TurnPlace, settings: EngineSettings): number =>
  turn.kind === 'tail' ? 1 : settings.maxAttempts;

/** The id of the job that carries a turn's current release. */
export const jobIdOfTurn = (turn: TurnPlace): string => jobIdOf(turn.turnId, turn.release);
