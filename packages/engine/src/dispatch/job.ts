import {
  type DispatchStore,
  type EngineSettings,
  freshAttempts,
  type JobQueue,
  jobIdOf,
  type TurnJob,
  type TurnPlace,
  WINDOW_MS,
} from '@odoo-sync/core';

/** What handing out turns needs. */
export interface Dispatch {
  readonly store: DispatchStore;
  readonly jobQueue: JobQueue;
  readonly settings: EngineSettings;
}

/** The job that carries a turn. @param usedAttempts of the turn's release; @param delayMs before this many milliseconds it doesn't run. */
export function jobOf(
  turn: TurnPlace,
  settings: EngineSettings,
  { usedAttempts = 0, delayMs = 0 }: { readonly usedAttempts?: number; readonly delayMs?: number } = {},
): TurnJob {
  return {
    kind: turn.kind,
    userKey: turn.userKey,
    life: turn.life,
    turnId: turn.turnId,
    release: turn.release,
    module: turn.module,
    windowStart: turn.startTime?.toISOString() ?? null,
    windowEnd: turn.startTime ? new Date(turn.startTime.getTime() + WINDOW_MS).toISOString() : null,
    attempts: Math.max(1, freshAttempts(turn.kind, settings) - usedAttempts),
    delayMs: Math.max(0, delayMs),
  };
}

/**
 * The failed job of a turn that has failed: it runs once, finds that in the ledger, and fails at once with the stored error, so
 * that there is something to press.
 */
export const failedJobOf = (turn: TurnPlace, settings: EngineSettings): TurnJob => ({
  ...jobOf(turn, settings),
  attempts: 1,
});

/** The id of the job that carries a turn's current release. */
export const jobIdOfTurn = (turn: TurnPlace): string => jobIdOf(turn.turnId, turn.release);
