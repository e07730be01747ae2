import {
  type EngineSettings,
  heldUntil,
  type ModuleName,
  type OdooTime,
  type PlanSnapshot,
  type PlanView,
  type StoreTime,
  toOdooTime,
} from '@odoo-sync/core';

const TAIL_EARLY_MS = 2_000;

/** What the planner is shown of a snapshot. */
export function planViewOf(snapshot: PlanSnapshot, settings: EngineSettings): PlanView {
  const tailEarlyMs = Math.min(TAIL_EARLY_MS, settings.tailIntervalMs / 5);
  return {
    ...held(snapshot, settings.tailIntervalMs - tailEarlyMs),
    now: snapshot.now,
    userConcurrency: settings.userConcurrency,
    rota: snapshot.plan.rota,
    tailEarlyMs,
    repairMs: settings.repairMs,
  };
}

/** Odoo's clock, as far as it is believed. */
export const odooNowOf = ({ now, plan }: PlanSnapshot): OdooTime => toOdooTime(now, plan);

/** Whether windows have begun that are not made yet. */
export function hasNewWindows(snapshot: PlanSnapshot): boolean {
  const odooNow = odooNowOf(snapshot);
  return Object.values(snapshot.plan.modules).some(
    ({ tiling }) => tiling !== null && tiling.until <= odooNow,
  );
}

/** Until when nothing of this user is due, whatever its turns say; null where it isn't held. */
export function heldNow({ now, plan }: PlanSnapshot): StoreTime | null {
  const holdUntil = heldUntil(plan);
  return holdUntil !== null && holdUntil > now ? holdUntil : null;
}

/**
 * While a user is held (throttled, credentials in doubt, Odoo out of reach), nothing of it is due before the
 * hold's end: otherwise each of its windows would in turn meet what the first one met.
 */
function held(
  snapshot: PlanSnapshot,
  passMs: number,
): Pick<PlanView, 'tail' | 'inFlight' | 'candidates' | 'nextDueAt'> {
  const { plan, inFlight, candidates, nextDueAt } = snapshot;
  const { tail } = plan;
  const holdUntil = heldNow(snapshot);
  if (holdUntil === null)
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
function missedLong(snapshot: PlanSnapshot, passMs: number): readonly ModuleName[] {
  const { user, plan } = snapshot;
  if (user.standing !== 'active') return [];
  const odooNow = odooNowOf(snapshot).getTime();
  return (plan.tail.missed ?? []).filter((name) => {
    const { state, lastPass } = plan.modules[name];
    return state === 'active' && (lastPass === null || odooNow - lastPass.getTime() >= passMs);
  });
}
