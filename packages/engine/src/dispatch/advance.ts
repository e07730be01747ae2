import { type Plan, type PlanSnapshot, planTurns } from '@odoo-sync/core';
import { type Dispatch, jobIdOfTurn, jobOf } from './job.js';
import { hasNewWindows, odooNowOf, planViewOf } from './planView.js';
import { repairTurns } from './repair.js';

const TRIES = 5;

/**
 * Hands out a user's next turns: the one way by which anything is released. The tick, a worker at the end of its turn,
 * and a request all come through here. It is safe to call at any time, from any number of processes: the release is one
 * transaction under a compare-and-set on the sync state's revision, and the queue is told only afterwards. A crash between the
 * two is mended by the next look, since `nextTurnAt` stands in the same transaction.
 *
 * @param seen a snapshot that was just taken. @returns how many turns were released.
 */
export async function advance(dispatch: Dispatch, userKey: string, seen?: PlanSnapshot): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const snapshot = (tries === 0 && seen) || (await dispatch.store.snapshot(userKey));
    if (!snapshot || snapshot.user.standing === 'removing') return 0;
    if (await tile(dispatch, snapshot)) continue;
    if (await repairTurns(dispatch, snapshot)) continue;
    const released = await handOut(dispatch, snapshot);
    if (released !== null) return released;
  }
  // Others keep changing this sync state; each of them hands out what is due.
  return 0;
}

/** Makes the windows that have begun by Odoo's clock since the last look. */
async function tile({ store }: Dispatch, snapshot: PlanSnapshot): Promise<boolean> {
  if (!hasNewWindows(snapshot)) return false;
  await store.extendTiling(snapshot.user, odooNowOf(snapshot));
  return true;
}

async function handOut(dispatch: Dispatch, snapshot: PlanSnapshot): Promise<number | null> {
  const { store, jobQueue, settings } = dispatch;
  const plan = planTurns(planViewOf(snapshot, settings));
  const released = isNoted(plan, snapshot)
    ? []
    : await store.release(snapshot.user, {
        rev: snapshot.plan.rev,
        tail: plan.releaseTail,
        round: plan.release,
        rota: plan.rota,
        nextTurnAt: plan.nextTurnAt,
        idleUntil: plan.idleUntil,
        at: snapshot.now,
      });
  if (released === null) return null;
  for (const turn of released) {
    await jobQueue.add(jobOf(turn, settings, turn));
    if (turn.replaces) await jobQueue.remove(turn.replaces);
  }
  for (const turn of plan.wake) await jobQueue.wake(jobIdOfTurn(turn));
  return released.length;
}

/** Nothing is to be written: as after most tails, whose end puts the next look where this would. */
const isNoted = (
  { releaseTail, release, rota, nextTurnAt, idleUntil }: Plan,
  { plan }: PlanSnapshot,
): boolean =>
  !releaseTail &&
  release.length === 0 &&
  rota === plan.rota &&
  nextTurnAt.getTime() === plan.nextTurnAt.getTime() &&
  idleUntil?.getTime() === plan.idleUntil?.getTime();
