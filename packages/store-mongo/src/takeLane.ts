import type { Lane, LaneGrant, ModuleName, TurnRef } from '@odoo-sync/core';
import { type Binary, type ClientSession, Long, MongoServerError } from 'mongodb';
import type { StoreContext } from './context.js';
import { fenceIdOf, type LaneLease, type LanesDocument } from './documents.js';
import { holdLane } from './holdLane.js';
import { killSession } from './killSession.js';

const FENCE_WAIT_MS = 1_000;
const BUSY_MOST_MS = 1_000;
const MAX_TIME_EXPIRED = 50;
const DUPLICATE_KEY = 11000;
const LONG_AGO = new Date(0);

/** The lane as its holder has it: with the session that commits. */
export interface HeldLane extends Lane {
  readonly session: ClientSession;
  readonly fenceId: string;
}

/**
 * Takes a lane, in this order, each step guarding the next:
 * 1. One conditional update of the user's leases: the lane is free or its lease has expired by the store's clock, and the
 *    user has a place left. It raises the token and writes down the session that will commit.
 * 2. Where the lane came from a dead holder, his session is killed: an open transaction of his would keep its lock on the
 *    fence for as long as the server lets a transaction live. It stays written down until a holder gives the lane back, since
 *    the taker may die here too.
 * 3. The token is written into the fence, within a second. From then on nothing that holds an older token can commit;
 *    until then no request goes to Odoo, so whatever the old holder still committed is older than what is read now.
 */
export async function takeLane(
  context: StoreContext,
  userKey: string,
  module: ModuleName,
  turn: TurnRef,
): Promise<LaneGrant> {
  const session = context.client.startSession();
  let held = false;
  try {
    const sessionId = session.id?.id;
    if (!sessionId) throw new Error('the driver gave a session without an id');
    const lease = `lanes.${module}`;
    const before = await context.lanes.findOneAndUpdate(
      { _id: userKey, $expr: { $and: [isFree(lease), hasPlace(context.settings.userConcurrency)] } },
      [
        {
          $set: {
            [lease]: {
              token: { $add: [{ $ifNull: [`$${lease}.token`, new Long(0)] }, 1] },
              holder: { $literal: { doc: turn.doc, release: turn.release, kind: turn.kind } },
              session: { $literal: sessionId },
              dead: deadSessions(lease),
              takenAt: '$$NOW',
              expiresAt: { $add: ['$$NOW', context.settings.leaseMs] },
            },
          },
        },
      ],
      { returnDocument: 'before' },
    );
    if (!before) return { busyForMs: await busyFor(context, userKey, module) };
    const previous = before.lanes[module];
    const token = (previous?.token ?? 0) + 1;
    const dead = previous?.holder ? previous : null;
    for (const id of sessionsOf(previous)) await killSession(context, id);
    if (!(await raiseFence(context, userKey, module, before, token))) {
      await giveBackUntouched(context, userKey, module, token, dead);
      return { busyForMs: FENCE_WAIT_MS };
    }
    held = true;
    return {
      lane: holdLane(context, { userKey, module, turn, token, session }),
      expired: dead?.holder ?? null,
    };
  } finally {
    if (!held) await session.endSession();
  }
}

/** As {@link sessionsOf}, in the update itself. */
export const deadSessions = (lease: string) => ({
  $concatArrays: [
    { $ifNull: [`$${lease}.dead`, []] },
    { $cond: [{ $ifNull: [`$${lease}.session`, false] }, [`$${lease}.session`], []] },
  ],
});

/** Sessions that may have left a transaction open: the last holder's, if he didn't give the lane back, and those before him. */
export const sessionsOf = (lease: LaneLease | undefined): readonly Binary[] =>
  lease ? [...(lease.dead ?? []), ...(lease.session ? [lease.session] : [])] : [];

const isFree = (lease: string) => ({ $lte: [{ $ifNull: [`$${lease}.expiresAt`, LONG_AGO] }, '$$NOW'] });

const hasPlace = (places: number) => ({
  $lt: [
    {
      $size: {
        $filter: {
          input: { $objectToArray: '$lanes' },
          as: 'lane',
          cond: { $gt: ['$$lane.v.expiresAt', '$$NOW'] },
        },
      },
    },
    places,
  ],
});

/** @returns false when the fence could not be written in time, or carries a higher token already. */
async function raiseFence(
  context: StoreContext,
  userKey: string,
  module: ModuleName,
  { userId }: LanesDocument,
  token: number,
): Promise<boolean> {
  const _id = fenceIdOf(userKey, module);
  try {
    await context.fences.updateOne(
      { _id, token: { $lt: token } },
      { $set: { token }, $setOnInsert: { userId, commits: 0 } },
      { upsert: true, maxTimeMS: FENCE_WAIT_MS },
    );
    return true;
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    if (error.code === MAX_TIME_EXPIRED) return false;
    if (error.code !== DUPLICATE_KEY) throw error;
    // The leases are behind the fence (restored from an older backup): go on from the fence's token.
    const fence = await context.fences.findOne({ _id });
    await context.lanes.updateOne(
      { _id: userKey },
      { $max: { [`lanes.${module}.token`]: fence?.token ?? token } },
    );
    return false;
  }
}

/** The dead holder stays written down, so that whoever comes next kills his session again. */
async function giveBackUntouched(
  context: StoreContext,
  userKey: string,
  module: ModuleName,
  token: number,
  dead: LaneLease | null,
): Promise<void> {
  const lease = `lanes.${module}`;
  await context.lanes.updateOne({ _id: userKey, [`${lease}.token`]: { $gte: token } }, [
    {
      $set: {
        [`${lease}.holder`]: { $literal: dead?.holder ?? null },
        [`${lease}.session`]: null,
        [`${lease}.expiresAt`]: '$$NOW',
      },
    },
  ]);
}

async function busyFor(context: StoreContext, userKey: string, module: ModuleName): Promise<number> {
  const found = await context.lanes
    .aggregate<LanesDocument & { now: Date }>([{ $match: { _id: userKey } }, { $set: { now: '$$NOW' } }])
    .next();
  if (!found) return BUSY_MOST_MS;
  const lane = found.lanes[module];
  const left = Object.values(found.lanes).map((lease) => lease.expiresAt.getTime() - found.now.getTime());
  const ms =
    lane && lane.expiresAt > found.now ? lane.expiresAt.getTime() - found.now.getTime() : Math.min(...left);
  return Math.max(1, Math.min(BUSY_MOST_MS, ms));
}
