import {
  type EngineSettings,
  type InFlightTurn,
  type JobState,
  type PlanSnapshot,
  type ReleasedTurn,
  TURN_KINDS,
} from '@odoo-sync/core';
import { type Dispatch, jobIdOfTurn, jobOf } from './job.js';

/**
 * Looks after turns that have been out for longer than `repairMs`: the queue may have lost their jobs, or ended them
 * without the ledger being told. An absent job is put again under the same id, with the attempts that are left; one that
 * exists finished can't be (its id is taken), so the turn gets a new release number.
 *
 * A running turn is left alone while its lease lives, and while the queue still has its job: a dead worker's job comes
 * back by itself.
 *
 * @returns whether the ledger changed, so that the caller reads it again.
 */
export async function repairTurns(dispatch: Dispatch, snapshot: PlanSnapshot): Promise<boolean> {
  let changed = false;
  for (const turn of snapshot.inFlight) {
    if (!isOverdue(turn, snapshot, dispatch.settings)) continue;
    const remedy = remedyFor(await dispatch.jobQueue.state(jobIdOfTurn(turn)));
    if (remedy === 'putAgain') {
      await dispatch.jobQueue.add(jobOf(turn, dispatch.settings, { usedAttempts: turn.attempts }));
    } else if (remedy === 'newNumber') {
      const again = await reissue(dispatch, turn);
      if (again)
        await dispatch.jobQueue.add(jobOf(again, dispatch.settings, { usedAttempts: turn.attempts }));
      changed = true;
    }
  }
  return changed;
}

/** Whether a turn has been out for so long that its job is looked for. */
export function isOverdue(
  turn: InFlightTurn,
  { now, leased }: PlanSnapshot,
  { repairMs }: EngineSettings,
): boolean {
  if (now.getTime() - turn.readyAt.getTime() < repairMs) return false;
  return !(turn.status === 'running' && leased.includes(turn.turnId));
}

/** What is done about the job of an overdue turn; null: nothing, since it runs or will. */
export function remedyFor(state: JobState): 'putAgain' | 'newNumber' | null {
  switch (state) {
    case 'absent':
      return 'putAgain';
    case 'completed':
    case 'failed':
      return 'newNumber';
    case 'waiting':
    case 'delayed':
    case 'active':
      return null;
  }
}

const reissue = ({ store }: Dispatch, turn: InFlightTurn): Promise<ReleasedTurn | null> =>
  TURN_KINDS[turn.kind].document === 'tail' ? store.tailReissue(turn, turn.release) : store.reissue(turn);
