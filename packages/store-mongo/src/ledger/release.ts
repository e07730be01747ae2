import {
  AUDIT_TRANSITIONS,
  applyResyncEvent,
  BATCH_TRANSITIONS,
  type Candidate,
  jobIdOf,
  type Release,
  type ReleasedTurn,
  type RoundKind,
  releasedAudit,
  releasedBatch,
  resyncWindowAt,
  type StoreTime,
  SyncError,
  TURN_KINDS,
  tailRelease,
  type UserRef,
} from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';
import { ledgerTransaction } from '../session.js';
import { changesOf, resyncGuard } from './compareAndSet.js';

class MovedOn extends Error {}

/**
 * The one release: the plan's revision and every released document change together, or nothing does.
 * @returns null when the plan or one of the documents has changed since the snapshot.
 */
export async function release(
  context: StoreContext,
  user: UserRef,
  { rev, tail: withTail, round, rota, nextTurnAt, idleUntil, at }: Release,
): Promise<readonly ReleasedTurn[] | null> {
  const { plans } = context;
  if (Number.isNaN(nextTurnAt.getTime()))
    throw new SyncError('bug', `the next turn of ${user.userKey} has no date`);
  if (!withTail && round.length === 0) {
    const noted = await plans.updateOne(
      { ...ofLife(user), rev },
      { $set: { rota, nextTurnAt, idleUntil }, $inc: { rev: 1 } },
    );
    return noted.matchedCount === 1 ? [] : null;
  }
  try {
    return await ledgerTransaction(context, async (session) => {
      const tail = withTail ? { 'tail.status': 'queued' as const } : {};
      const plan = await plans.findOneAndUpdate(
        { ...ofLife(user), rev, ...(withTail ? { 'tail.status': 'idle' as const } : {}) },
        {
          $set: { rota, nextTurnAt, idleUntil, ...tail },
          $inc: { rev: 1, ...(withTail ? { 'tail.release': 1 } : {}) },
        },
        { session, returnDocument: 'after' },
      );
      if (!plan) throw new MovedOn();
      const released: ReleasedTurn[] = [];
      if (withTail) released.push(tailRelease(user, plan.tail.release));
      for (const turn of round) {
        released.push(await RELEASES[TURN_KINDS[turn.kind].document](context, session, user, turn, at));
      }
      return released;
    });
  } catch (error) {
    if (error instanceof MovedOn) return null;
    throw error;
  }
}

type ReleaseOne = (
  context: StoreContext,
  session: ClientSession,
  user: UserRef,
  turn: Candidate,
  at: StoreTime,
) => Promise<ReleasedTurn>;

async function releaseBatch(
  context: StoreContext,
  session: ClientSession,
  user: UserRef,
  turn: Candidate,
  at: StoreTime,
): Promise<ReleasedTurn> {
  const next = releasedBatch(turn.release, at);
  const batch = await context.batches.findOneAndUpdate(
    { _id: turn.turnId, release: turn.release, status: { $in: [...BATCH_TRANSITIONS.release.from] } },
    { $set: next },
    { session, projection: { status: 1, queuedAt: 1 }, returnDocument: 'before' },
  );
  if (!batch) throw new MovedOn();
  // A failed batch, or one that is to be tried again, has a job of its last release that nobody needs any more.
  const hasOldJob = batch.status !== 'open' && batch.queuedAt !== null;
  const replaces = hasOldJob ? jobIdOf(turn.turnId, turn.release) : null;
  const { kind, turnId, module, startTime } = turn;
  const { userKey, life } = user;
  return { kind, userKey, life, turnId, release: next.release, module, startTime, delayMs: 0, replaces };
}

async function releaseResync(
  context: StoreContext,
  session: ClientSession,
  user: UserRef,
  turn: Candidate,
  at: StoreTime,
): Promise<ReleasedTurn> {
  const resync = await context.resyncs.findOne({ _id: turn.turnId }, { session });
  if (!resync || resync.release !== turn.release) throw new MovedOn();
  const next = applyResyncEvent(resync, { type: 'release', at }, context.settings);
  const place = resyncWindowAt(resync, resync.position);
  if (!next || !place) throw new MovedOn();
  const done = await context.resyncs.updateOne(
    resyncGuard(resync),
    { $set: changesOf(resync, next) },
    { session },
  );
  if (done.matchedCount !== 1) throw new MovedOn();
  return {
    kind: 'resync',
    userKey: user.userKey,
    life: user.life,
    turnId: turn.turnId,
    release: next.release,
    ...place,
    delayMs: 0,
    // After a retry, the failed job is still there.
    replaces: resync.only && resync.position === 0 ? jobIdOf(resync._id, resync.release) : null,
  };
}

async function releaseAudit(
  context: StoreContext,
  session: ClientSession,
  { userKey, life }: UserRef,
  { kind, turnId, module, startTime, release: before }: Candidate,
  at: StoreTime,
): Promise<ReleasedTurn> {
  const next = releasedAudit(before, at);
  const audit = await context.audits.findOneAndUpdate(
    { _id: turnId, life, release: before, status: { $in: [...AUDIT_TRANSITIONS.release.from] } },
    { $set: next },
    { session, projection: { status: 1 }, returnDocument: 'before' },
  );
  if (!audit) throw new MovedOn();
  // A failed audit has a failed job.
  const replaces = audit.status === 'failed' ? jobIdOf(turnId, before) : null;
  return { kind, userKey, life, turnId, release: next.release, module, startTime, delayMs: 0, replaces };
}

const RELEASES: Readonly<Record<(typeof TURN_KINDS)[RoundKind]['document'], ReleaseOne>> = {
  batch: releaseBatch,
  resync: releaseResync,
  audit: releaseAudit,
};
