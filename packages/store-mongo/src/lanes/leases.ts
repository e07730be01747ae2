import type { ModuleName, StoreTime, TurnRef } from '@odoo-sync/core';
import { type Binary, Long } from 'mongodb';
import { type LaneLease, type LanesDocument, ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';

const LONG_AGO = new Date(0);

/** A lease that an update has just given to a turn. */
export interface TakenLease {
  readonly module: ModuleName;
  readonly lease: LaneLease & { readonly takenAt: StoreTime };
}

export const hex = (id: Binary): string => id.toString('hex');

/**
 * Takes the leases of those lanes that are free, in one conditional update.
 * @returns the user's leases after it; null when none was free, the user has no place left, or that life has ended.
 */
export function takeLeases(
  context: StoreContext,
  modules: readonly ModuleName[],
  turn: TurnRef,
  sessionId: Binary,
): Promise<LanesDocument | null> {
  const { leaseMs, userConcurrency } = context.settings;
  const leases = modules.map((module) => `lanes.${module}`);
  const taken = (lease: string) => ({
    token: { $add: [{ $ifNull: [`$${lease}.token`, new Long(0)] }, 1] },
    holder: { $literal: { doc: turn.turnId, release: turn.release, kind: turn.kind } },
    session: { $literal: sessionId },
    expired: { $ifNull: [`$${lease}.holder`, null] },
    dead: deadSessions(lease),
    takenAt: '$$NOW',
    expiresAt: { $add: ['$$NOW', leaseMs] },
  });
  return context.lanes.findOneAndUpdate(
    { ...ofLife(turn), $expr: { $and: [{ $or: leases.map(isFree) }, hasPlace(userConcurrency)] } },
    [
      {
        $set: Object.fromEntries(
          leases.map((lease) => [lease, { $cond: [isFree(lease), taken(lease), `$${lease}`] }]),
        ),
      },
    ],
    { returnDocument: 'after' },
  );
}

/**
 * Gives back those leases that are still the taker's. A session takes a lane only once, so the session tells whose a lease is.
 * @param untouched nothing was done under the leases: a dead holder stays written down, so that the next taker kills its session again.
 * @returns the user's leases after it; null when there are none.
 */
export function giveBackLeases(
  { lanes }: StoreContext,
  userKey: string,
  taken: readonly TakenLease[],
  untouched = false,
): Promise<LanesDocument | null> {
  const set = taken.map(({ module, lease: { session } }) => {
    const lease = `lanes.${module}`;
    const given = {
      holder: untouched ? `$${lease}.expired` : null,
      session: null,
      expired: null,
      dead: untouched ? `$${lease}.dead` : [],
      expiresAt: '$$NOW',
    };
    const ours = { $eq: [`$${lease}.session`, { $literal: session }] };
    return [lease, { $cond: [ours, { $mergeObjects: [`$${lease}`, given] }, `$${lease}`] }];
  });
  return lanes.findOneAndUpdate({ _id: userKey }, [{ $set: Object.fromEntries(set) }], {
    returnDocument: 'after',
  });
}

/**
 * Sessions that may have left a transaction open: that of the last holder, if it didn't give the lane back, and those before it.
 * @param lease its path, without the `$`.
 */
export const deadSessions = (lease: string) => ({
  $concatArrays: [
    { $ifNull: [`$${lease}.dead`, []] },
    { $cond: [{ $ifNull: [`$${lease}.session`, false] }, [`$${lease}.session`], []] },
  ],
});

const isFree = (lease: string) => ({ $lte: [{ $ifNull: [`$${lease}.expiresAt`, LONG_AGO] }, '$$NOW'] });

/** A taker fills one place, however many lanes it holds: all of them carry its session. */
const hasPlace = (places: number) => ({
  $lt: [
    {
      $size: {
        $setUnion: {
          $map: {
            input: {
              $filter: {
                input: { $objectToArray: '$lanes' },
                as: 'lane',
                cond: { $gt: ['$$lane.v.expiresAt', '$$NOW'] },
              },
            },
            as: 'lane',
            in: '$$lane.v.session',
          },
        },
      },
    },
    places,
  ],
});

/** Turns that hold a lease which has not expired, by their ids. */
export const liveLeases = (user: LanesDocument | undefined, now: Date): string[] =>
  Object.values(user?.lanes ?? {}).flatMap((lease) =>
    lease.holder && lease.expiresAt > now ? [lease.holder.doc] : [],
  );
