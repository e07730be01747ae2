import {
  isTurnKind,
  jobIdOf,
  type LaneGrant,
  type LanesGrant,
  type ModuleName,
  type OwnLane,
  type TurnHolder,
  type TurnRef,
  type UserRef,
} from '@odoo-sync/core';
import type { LaneLease, LanesDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { killSession } from '../session.js';
import { holdLanes } from './holdLanes.js';
import { makeLanesAnew } from './lanesOfLife.js';
import { giveBackLeases, hex, type TakenLease, takeLeases } from './leases.js';
import { FENCE_WAIT_MS, raiseFences } from './raiseFences.js';

const BUSY_MOST_MS = 1_000;

/**
 * Takes those lanes that are free, in this order, each step guarding the next:
 * 1. One conditional update of the user's leases: a lane is free or its lease has expired by the store's clock, and the
 *    user has a place left. It raises the tokens and writes down the session that will commit.
 * 2. Where a lane came from a dead holder, its session is killed: an open transaction of it would keep its lock on the
 *    fence for as long as the server lets a transaction live. It stays written down until a holder gives the lane back, since
 *    the taker may die here too.
 * 3. The tokens are written into the fences, within a second. From then on nothing that holds an older token can commit;
 *    until then no request goes to Odoo, so whatever the old holder still committed is older than what is read now.
 */
export async function takeLanes(
  context: StoreContext,
  turn: TurnRef,
  modules: readonly ModuleName[],
): Promise<LanesGrant> {
  const { userKey } = turn;
  const session = context.client.startSession();
  let taken: readonly TakenLease[] = [];
  let raised: readonly TakenLease[] = [];
  try {
    const sessionId = session.id?.id;
    if (!sessionId) throw new Error('the driver gave a session without an id');
    const after = await takeLeases(context, modules, turn, sessionId);
    if (!after) return { busyForMs: await busyFor(context, turn, modules) };
    taken = modules.flatMap((module) => {
      const lease = after.lanes[module];
      const { session: holds, takenAt } = lease ?? {};
      return lease && holds && takenAt && hex(holds) === hex(sessionId)
        ? [{ module, lease: { ...lease, takenAt } }]
        : [];
    });
    // A tail that died has left the same session in several lanes.
    const dead = new Map(taken.flatMap(({ lease }) => lease.dead.map((id) => [hex(id), id] as const)));
    for (const id of dead.values()) await killSession(context, id);
    raised = await raiseFences(context, after, taken);
  } finally {
    const refused = taken.filter((one) => !raised.includes(one));
    if (refused.length > 0) await giveBackUntouched(context, userKey, refused);
    if (raised.length === 0) await session.endSession();
  }
  if (raised.length === 0) return { busyForMs: FENCE_WAIT_MS };
  return { ...holdLanes(context, { turn, session, taken: raised }), expired: expiredTurns(raised) };
}

/** As {@link takeLanes}, for the turn of one window. */
export async function takeLane(context: StoreContext, turn: TurnRef, module: ModuleName): Promise<LaneGrant> {
  const grant = await takeLanes(context, turn, [module]);
  if ('busyForMs' in grant) return grant;
  const [lane] = grant.lanes;
  if (!lane) throw new Error('a grant names no lane');
  const own: OwnLane = { ...lane, giveBack: (summary) => grant.giveBack(new Map([[module, summary]])) };
  return { lane: own, expired: grant.expired[0] ?? null };
}

async function giveBackUntouched(
  context: StoreContext,
  userKey: string,
  refused: readonly TakenLease[],
): Promise<void> {
  try {
    await giveBackLeases(context, userKey, refused, true);
  } catch (error) {
    context.log.warn({ user: userKey, error: String(error) }, 'could not give lanes back: they expire');
  }
}

/** The turns of dead holders, each once: a tail that died held several lanes. */
function expiredTurns(taken: readonly TakenLease[]): readonly TurnHolder[] {
  const turns = taken.flatMap(({ lease: { expired } }) =>
    // A purge is no turn: it has nothing to be told.
    expired && isTurnKind(expired.kind)
      ? [{ kind: expired.kind, turnId: expired.doc, release: expired.release }]
      : [],
  );
  return [...new Map(turns.map((turn) => [jobIdOf(turn.turnId, turn.release), turn])).values()];
}

async function busyFor(
  context: StoreContext,
  user: UserRef,
  modules: readonly ModuleName[],
): Promise<number> {
  const found = await context.lanes
    .aggregate<LanesDocument & { now: Date }>([{ $match: { _id: user.userKey } }, { $set: { now: '$$NOW' } }])
    .next();
  if (!found) await makeLanesAnew(context, user);
  if (found?.life !== user.life) return BUSY_MOST_MS;
  const leftOf = (leases: readonly LaneLease[]) =>
    leases.map((lease) => lease.expiresAt.getTime() - found.now.getTime()).filter((left) => left > 0);
  const asked = leftOf(modules.flatMap((module) => found.lanes[module] ?? []));
  const ms = Math.min(...(asked.length > 0 ? asked : leftOf(Object.values(found.lanes))));
  return Math.max(1, Math.min(BUSY_MOST_MS, ms));
}
