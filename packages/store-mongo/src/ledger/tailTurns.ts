import {
  type ModuleName,
  type ReleasedTurn,
  type TailEnd,
  type TailNotes,
  tailRelease,
  type UserRef,
} from '@odoo-sync/core';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';
import { clockNotes } from './noteClock.js';

/** One more when a worker was running the tail: it has died. */
const EXPIRIES = {
  $add: [{ $ifNull: ['$tail.expiries', 0] }, { $cond: [{ $eq: ['$tail.status', 'running'] }, 1, 0] }],
};

/** `queued` -> `running`. When the first worker died, the job's next run takes it over as it is, `running`. */
export async function tailStart({ plans }: StoreContext, user: UserRef, release: number): Promise<boolean> {
  const started = await plans.updateOne(
    { ...ofLife(user), 'tail.release': release, 'tail.status': { $ne: 'idle' } },
    [
      {
        $set: {
          'tail.status': 'running',
          'tail.startedAt': '$$NOW',
          'tail.expiries': EXPIRIES,
          rev: { $add: ['$rev', 1] },
        },
      },
    ],
  );
  return started.matchedCount === 1;
}

/**
 * The end of a pass: the next one is queued in the same update. The user is looked at again when that one is overdue, so that a lost
 * job doesn't stay unnoticed. Whatever else is due for the user, the caller hands out at once.
 */
export async function tailEnd(
  { plans, settings }: StoreContext,
  user: UserRef,
  release: number,
  end: TailEnd,
): Promise<ReleasedTurn | null> {
  const clock = end.odooNow && clockNotes(end.odooNow, settings.clockMaxSkewMs);
  const dueAt = {
    $max: [{ $add: ['$tail.startedAt', end.pauseMs] }, { $add: ['$$NOW', end.waitMs] }],
  };
  const lookAt = { $add: [dueAt, settings.repairMs] };
  const ended = await plans.findOneAndUpdate(
    { ...ofLife(user), 'tail.release': release, 'tail.status': 'running' },
    [
      {
        $set: {
          'tail.status': 'queued',
          'tail.release': { $add: ['$tail.release', 1] },
          'tail.dueAt': dueAt,
          'tail.pauseMs': end.pauseMs,
          'tail.lastError': { $literal: end.error },
          'tail.expiries': end.expiries ?? 0,
          ...(end.changed ? { 'tail.lastChangeAt': '$$NOW' } : {}),
          'tail.lastEnd': '$$NOW',
          'tail.missed': { $literal: [...end.missed] },
          clockOffMs: { $literal: end.clockOffMs },
          ...passesNoted(end.passes),
          ...clock?.set,
          nextTurnAt: clock ? { $cond: [clock.believed, '$$NOW', lookAt] } : lookAt,
          rev: { $add: ['$rev', 1] },
        },
      },
    ],
    { returnDocument: 'after' },
  );
  if (!ended?.tail.lastEnd) return null;
  return tailRelease(user, release + 1, ended.tail.dueAt.getTime() - ended.tail.lastEnd.getTime());
}

const passesNoted = (passes: ReadonlyMap<ModuleName, TailNotes>): Record<string, object> =>
  Object.fromEntries(
    [...passes].flatMap(([module, notes]) =>
      Object.entries(notes).map(([name, value]) => [`modules.${module}.${name}`, { $literal: value }]),
    ),
  );

/** A new number, due now, for a tail whose job ended without a word to the ledger. */
export async function tailReissue(
  { plans }: StoreContext,
  user: UserRef,
  release: number,
): Promise<ReleasedTurn | null> {
  const again = await plans.updateOne(
    { ...ofLife(user), 'tail.release': release, 'tail.status': { $ne: 'idle' } },
    [
      {
        $set: {
          'tail.status': 'queued',
          'tail.expiries': EXPIRIES,
          'tail.release': { $add: ['$tail.release', 1] },
          'tail.dueAt': '$$NOW',
          rev: { $add: ['$rev', 1] },
        },
      },
    ],
  );
  return again.matchedCount === 1 ? tailRelease(user, release + 1) : null;
}

/** The worker stops before the pass is done: the tail is queued again under the same number. */
export async function tailHandBack({ plans }: StoreContext, user: UserRef, release: number): Promise<void> {
  await plans.updateOne(
    { ...ofLife(user), 'tail.release': release, 'tail.status': 'running' },
    { $set: { 'tail.status': 'queued' }, $inc: { rev: 1 } },
  );
}
