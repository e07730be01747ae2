import type { InFlightTurn, PlanSnapshot, ReleasedTurn } from '@odoo-sync/core';
import { type Dispatch, freshAttempts, jobIdOfTurn, jobOf } from './job.js';

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
      const left = freshAttempts(turn, dispatch.settings) - turn.attempts;
      await dispatch.jobQueue.add(jobOf(turn, left));
    } else if (state === 'completed' || state === 'failed') {
      const again = await reissue(dispatch, turn);
      if (again)
        await dispatch.jobQueue.add(jobOf(again, freshAttempts(turn, dispatch.settings) - turn.attempts));
      changed = true;
    }
  }
  return changed;
}

async function reissue(dispatch: Dispatch, turn: InFlightTurn): Promise<ReleasedTurn | null> {
  const { store } = dispatch;
  if (turn.kind === 'tail') return store.tailReissue(turn, turn.release);
  return store.reissue(turn);
}
