import {
  heldUntil,
  type ModuleName,
  type Plan,
  type PlanSnapshot,
  type PlanView,
  planTurns,
  type StoreTime,
  toOdooTime,
} from '@odoo-sync/core';
import { type Dispatch, jobIdOfTurn, jobOf } from './job.js';
import { repairTurns } from './repair.js';

const TRIES = 5;
const TAIL_EARLY_MS = 2_000;

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
async function tile({ store }: Dispatch, { now, user, plan }: PlanSnapshot): Promise<boolean> {
  const odooNow = toOdooTime(now, plan);
  const begun = Object.values(plan.modules).some(({ tiling }) => tiling !== null && tiling.until <= odooNow);
  if (!begun) return false;
  await store.extendTiling(user, odooNow);
  return true;
}

async function handOut(dispatch: Dispatch, snapshot: PlanSnapshot): Promise<number | null> {
  const { store, jobQueue, settings } = dispatch;
  const tailEarlyMs = Math.min(TAIL_EARLY_MS, settings.tailIntervalMs / 5);
  const plan: Plan = planTurns({
    ...held(snapshot, settings.tailIntervalMs - tailEarlyMs),
    now: snapshot.now,
    userConcurrency: settings.userConcurrency,
    rota: snapshot.plan.rota,
    tailEarlyMs,
    repairMs: settings.repairMs,
  });
  const released = isNoted(plan, snapshot)
    ? []
    : await store.release(snapshot.user, {
        rev: snapshot.plan.rev,
        tail: plan.releaseTail,
        round: plan.release,
        rota: plan.rota,
        nextTurnAt: plan.nextTurnAt,
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
const isNoted = ({ releaseTail, release, rota, nextTurnAt }: Plan, { plan }: PlanSnapshot): boolean =>
  !releaseTail &&
  release.length === 0 &&
  rota === plan.rota &&
  nextTurnAt.getTime() === plan.nextTurnAt.getTime();

/**
 * What the planner is shown. While a user is held (throttled, credentials in doubt, Odoo out of reach), nothing of it is due before the
 * hold's end: otherwise each of its windows would in turn meet what the first one met.
 */
function held(
  snapshot: PlanSnapshot,
  passMs: number,
): Pick<PlanView, 'tail' | 'inFlight' | 'candidates' | 'nextDueAt'> {
  const { now, plan, inFlight, candidates, nextDueAt } = snapshot;
  const { tail } = plan;
  const holdUntil = heldUntil(plan);
  if (holdUntil === null || holdUntil <= now)
    return { tail: { ...tail, missed: missedLong(snapshot, passMs) }, inFlight, candidates, nextDueAt };
  const notBefore = (at: StoreTime) => (at < holdUntil ? holdUntil : at);
  return {
    tail: { ...tail, dueAt: notBefore(tail.dueAt), missed: [] },
    inFlight: inFlight.map((turn) =>
      turn.status === 'queued' ? { ...turn, readyAt: notBefore(turn.readyAt) } : turn,
    ),
    candidates: [],
    nextDueAt: holdUntil,
  };
}

/** Modules that the last tail missed, and none has passed for so long. One who needs attention is only probed, once an hour. */
function missedLong({ now, user, plan }: PlanSnapshot, passMs: number): readonly ModuleName[] {
  if (user.standing !== 'active') return [];
  const odooNow = toOdooTime(now, plan).getTime();
  return (plan.tail.missed ?? []).filter((name) => {
    const { state, lastPass } = plan.modules[name];
    return state === 'active' && (lastPass === null || odooNow - lastPass.getTime() >= passMs);
  });
}
