import {
  type ModuleName,
  type NextTail,
  type ReleasedTurn,
  type StoreTime,
  type TailEnd,
  type TailNotes,
  type TailView,
  tailRelease,
  type UserRef,
} from '@odoo-sync/core';
import { type LanesDocument, ofLife, type PlanDocument, type UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { liveLeases } from '../lanes/leases.js';
import { userOf } from '../users/users.js';
import { clockNotes } from './noteClock.js';
import { ofPlan } from './snapshotQueries.js';
import { asRead } from './syncState.js';

interface TailRow {
  readonly plan: PlanDocument;
  readonly now: StoreTime;
  readonly user: readonly UserDocument[];
  readonly lanes: readonly LanesDocument[];
  /** From the youngest on. */
  readonly open: readonly { readonly module: ModuleName; readonly startTime: Date }[];
}

/** All that a tail needs to begin, in one query: at the end of each pause it would else cost five. */
export async function tailView(context: StoreContext, user: UserRef): Promise<TailView | null> {
  const { plans, users, lanes, batches } = context;
  const row = await plans
    .aggregate<TailRow>([
      { $match: ofLife(user) },
      { $project: { _id: 0, plan: '$$ROOT', now: '$$NOW' } },
      ofPlan('user', users, '_id', [{ $project: { sealed: 0 } }]),
      ofPlan('lanes', lanes, '_id', []),
      ofPlan('open', batches, 'userKey', [
        { $match: { status: 'open', release: { $exists: true } } },
        { $sort: { startTime: -1 } },
        { $project: { _id: 0, module: 1, startTime: 1 } },
      ]),
    ])
    .next();
  const [found] = row?.user ?? [];
  if (!row || found?.life !== user.life) return null;
  return {
    user: userOf(found),
    state: asRead(context, row.plan),
    now: row.now,
    // The oldest of a module is what stays.
    oldestOpen: new Map(row.open.map(({ module, startTime }) => [module, startTime])),
    leased: liveLeases(row.lanes[0], row.now).length > 0,
  };
}

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
 * job doesn't stay unnoticed. Whatever else is due for the user, the caller hands out at once; after a quiet pass, where the
 * planner's last look found nothing before some moment, and nobody has made the user due since, that look still holds.
 */
export async function tailEnd(
  { plans, settings }: StoreContext,
  user: UserRef,
  release: number,
  end: TailEnd,
): Promise<NextTail | null> {
  const clock = end.odooNow && clockNotes(end.odooNow, settings.clockMaxSkewMs);
  const dueAt = {
    $max: [{ $add: ['$tail.startedAt', end.pauseMs] }, { $add: ['$$NOW', end.waitMs] }],
  };
  const lookAt = { $add: [dueAt, settings.repairMs] };
  const alone = {
    $and: [
      end.quiet,
      { $gt: ['$idleUntil', '$$NOW'] },
      { $gt: ['$nextTurnAt', '$$NOW'] },
      { $not: [clock?.believed ?? false] },
    ],
  };
  const nextTurnAt = { $cond: [alone, { $min: ['$idleUntil', lookAt] }, lookAt] };
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
          idleUntil: { $cond: [alone, '$idleUntil', null] },
          nextTurnAt: clock ? { $cond: [clock.believed, '$$NOW', nextTurnAt] } : nextTurnAt,
          rev: { $add: ['$rev', 1] },
        },
      },
    ],
    { returnDocument: 'after' },
  );
  if (!ended?.tail.lastEnd) return null;
  const { dueAt: at, lastEnd } = ended.tail;
  const next = tailRelease(user, release + 1, at.getTime() - lastEnd.getTime());
  return { ...next, alone: ended.idleUntil != null };
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
