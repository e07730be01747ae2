import { MODULE_NAMES, type UserRef, type Woken } from '@odoo-sync/core';
import { serverNow } from '../clock.js';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';
import { noUser } from '../users/users.js';

const isAhead = (time: string) => ({ $gt: [time, '$$NOW'] });
/** What is overdue already keeps its place in line, and is missed as soon as before when its job is lost. */
const atMostNow = (time: string) => ({ $min: [time, '$$NOW'] });

/** A running tail is left alone: its end says when the next one is due. */
const TAIL_DUE = { $cond: [{ $eq: ['$tail.status', 'running'] }, '$tail.dueAt', atMostNow('$tail.dueAt')] };

const isProbed = { $and: [{ $eq: ['$$one.v.state', 'unavailable'] }, isAhead('$$one.v.probeAt')] };
const MODULES_PROBED = {
  $arrayToObject: {
    $map: {
      input: { $objectToArray: '$modules' },
      as: 'one',
      in: {
        k: '$$one.k',
        v: { $cond: [isProbed, { $mergeObjects: ['$$one.v', { probeAt: '$$NOW' }] }, '$$one.v'] },
      },
    },
  },
};

/** Half-open: the next turn is the probe. Others of the same Odoo wait for what it finds. */
const BREAKER_TRIED = {
  $cond: [
    isAhead('$outage.openUntil'),
    { $mergeObjects: ['$outage', { openUntil: '$$NOW' }] },
    { $ifNull: ['$outage', null] },
  ],
};

/**
 * Makes a user due now, with its tail, the probes of its unavailable modules and of an Odoo that is left alone. One update under
 * a new revision: a release from an earlier snapshot is not carried out, and nothing is released here.
 * @throws SyncError `conflict` when its life has ended, or is being ended.
 */
export async function wakeUser(context: StoreContext, user: UserRef): Promise<Woken> {
  const { users, plans } = context;
  const living = await users.findOne(
    { ...ofLife(user), standing: { $ne: 'removing' } },
    { projection: { _id: 1 } },
  );
  const now = await serverNow(context);
  const before =
    living &&
    (await plans.findOneAndUpdate(
      ofLife(user),
      [
        {
          $set: {
            'tail.dueAt': TAIL_DUE,
            nextTurnAt: atMostNow('$nextTurnAt'),
            modules: MODULES_PROBED,
            outage: BREAKER_TRIED,
            rev: { $add: ['$rev', 1] },
          },
        },
      ],
      { returnDocument: 'before' },
    ));
  if (!before) throw noUser(user.userKey);
  const { openUntil } = before.outage ?? {};
  return {
    probed: MODULE_NAMES.filter((name) => before.modules[name]?.state === 'unavailable'),
    breakerTried: openUntil != null && openUntil > now,
  };
}
