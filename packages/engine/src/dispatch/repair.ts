import { type InFlightTurn, type PlanSnapshot, type ReleasedTurn, TURN_KINDS } from '@odoo-sync/core';
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
    const overdueMs = snapshot.now.getTime() - turn.readyAt.getTime();
    if (overdueMs < dispatch.settings.repairMs) continue;
    if (turn.status === 'running' && snapshot.leased.includes(turn.turnId)) continue;
    const state = await dispatch.jobQueue.state(jobIdOfTurn(turn));
    if (state === 'absent') {
      await dispatch.jobQueue.add(jobOf(turn, dispatch.settings, { usedAttempts: turn.attempts }));
    } else if (state === 'completed' || state === 'failed') {
      const again = await reissue(dispatch, turn);
      if (again)
        await dispatch.jobQueue.add(jobOf(again, dispatch.settings, { usedAttempts: turn.attempts }));
      changed = true;
    }
  }
  return changed;
}

const reissue = ({ store }: Dispatch, turn: InFlightTurn): Promise<ReleasedTurn | null> =>
  TURN_KINDS[turn.kind].document === 'tail' ? store.tailReissue(turn, turn.release) : store.reissue(turn);
