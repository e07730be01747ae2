import type { UserId, UserRef } from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';
import { deadSessions } from './leases.js';

const RELEASES_PER_LIFE = 1_000_000;
const LONG_AGO = new Date(0);

/**
 * Gives a user's lanes to a new life, all of them free. Their tokens go on from where they stood: a turn of an earlier life must
 * never find its own token valid again.
 * @returns the number above which this life's releases start.
 */
export async function openLanes(
  { lanes }: StoreContext,
  { userKey, life }: UserRef,
  userId: UserId,
  session: ClientSession,
): Promise<number> {
  const free = {
    holder: null,
    session: null,
    expired: null,
    // A holder of the earlier life may still have a session: whoever takes the lane next kills it.
    dead: deadSessions('$lane.v'),
    expiresAt: LONG_AGO,
  };
  const freed = {
    $map: {
      input: { $objectToArray: { $ifNull: ['$lanes', {}] } },
      as: 'lane',
      in: { k: '$$lane.k', v: { $mergeObjects: ['$$lane.v', free] } },
    },
  };
  const opened = await lanes.findOneAndUpdate(
    { _id: userKey },
    [
      {
        $set: {
          userId: { $literal: userId },
          life,
          generation: { $add: [{ $ifNull: ['$generation', 0] }, 1] },
          lanes: { $arrayToObject: freed },
        },
      },
    ],
    { upsert: true, returnDocument: 'after', session },
  );
  return ((opened?.generation ?? 1) - 1) * RELEASES_PER_LIFE;
}

/**
 * Makes the lanes of a living user again when somebody has deleted them: otherwise they would be busy for ever. The tokens go on
 * from those of the fences.
 */
export async function makeLanesAnew({ users, lanes, log }: StoreContext, user: UserRef): Promise<void> {
  const living = await users.findOne(
    { ...ofLife(user), standing: { $ne: 'removing' } },
    { projection: { userId: 1, releaseBase: 1 } },
  );
  if (!living) return;
  const { userId, releaseBase } = living;
  const { userKey: _id, life } = user;
  const generation = releaseBase / RELEASES_PER_LIFE + 1;
  await lanes.updateOne({ _id }, { $setOnInsert: { userId, life, generation, lanes: {} } }, { upsert: true });
  log.warn({ user: _id }, "a user's lanes were gone: they are made again");
}
