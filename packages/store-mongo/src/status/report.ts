import { failedWindows, jobIdOf, type Resync, type ResyncReport, type UserReport } from '@odoo-sync/core';
import { serverNow } from '../clock.js';
import { type BatchDocument, batchesOf, type PlanDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { snapshot } from '../ledger/snapshot.js';
import { asRead } from '../ledger/syncState.js';
import { batchTotals } from './batchTotals.js';
import { reportOf } from './reportOf.js';

const OPEN_RESYNCS = ['pending', 'queued', 'running', 'failed'] as const;
const RESYNCS_SHOWN = 20;

/** One user's report. Null when there is no such user. */
export async function report(
  context: StoreContext,
  userKey: string,
  failedLimit = 50,
): Promise<UserReport | null> {
  const [user, plan, now] = await Promise.all([
    context.users.findOne({ _id: userKey }, { projection: { sealed: 0 } }),
    context.plans.findOne({ _id: userKey }).then((found) => found && asRead(context, found)),
    serverNow(context),
  ]);
  if (!user || !plan) return null;
  const totals = await batchTotals(context, [user.userId]);
  const [failed, unreadable, resyncs, unsettled, audits, seen] = await Promise.all([
    context.batches
      .find({ userKey, status: 'failed', release: { $exists: true } })
      .sort({ startTime: 1 })
      .limit(failedLimit)
      .toArray(),
    totals.some((row) => row.unreadable > 0)
      ? context.batches
          .find({ ...batchesOf(userKey), 'unreadable.0': { $exists: true } })
          .sort({ startTime: 1 })
          .limit(failedLimit)
          .toArray()
      : [],
    context.resyncs.find({ userKey }).sort({ requestedAt: -1 }).limit(RESYNCS_SHOWN).toArray(),
    context.resyncs
      .find({ userKey, status: { $in: [...OPEN_RESYNCS] } }, { projection: { modules: 1, status: 1 } })
      .toArray(),
    context.audits.find({ userKey, life: user.life }, { projection: WITHOUT_IDS }).toArray(),
    snapshot(context, userKey),
  ]);
  const running = (seen?.inFlight ?? []).filter((turn) => turn.status === 'running');
  return {
    ...reportOf(user, plan, totals, { unsettled, audits }, now),
    failedBatches: failed.map(failedBatch),
    unreadable: unreadable
      .flatMap(({ _id, module, unreadable: records }) =>
        records.map((one) => ({ ...one, turnId: _id, module })),
      )
      .slice(0, failedLimit),
    resyncs: resyncs.map(resyncReport),
    running: running.map(({ kind, module, turnId }) => ({ kind, module, turnId })),
  };
}

/** A run may know a hundred thousand ids. */
const WITHOUT_IDS = { 'run.gone': 0, 'run.found': 0, 'run.unreadable': 0 } as const;

/**
 * Reports on several users by a fixed number of queries. The counting takes most of the time: 10 µs of the server's for a batch. A
 * user whose plan makes no report possible is left out, and named in the log.
 */
export async function reports(
  context: StoreContext,
  userKeys: readonly string[],
): Promise<readonly UserReport[]> {
  const theirs = { userKey: { $in: userKeys } };
  const users = await context.users
    .find({ _id: { $in: userKeys } }, { projection: { sealed: 0 } })
    .sort({ _id: 1 })
    .toArray();
  const [plans, totals, open, audits, now] = await Promise.all([
    context.plans.find({ _id: { $in: userKeys } }).toArray(),
    batchTotals(
      context,
      users.map(({ userId }) => userId),
    ),
    context.resyncs
      .find({ ...theirs, status: { $in: [...OPEN_RESYNCS] } })
      .sort({ requestedAt: -1 })
      .toArray(),
    context.audits.find(theirs, { projection: WITHOUT_IDS }).toArray(),
    serverNow(context),
  ]);
  const planBy = new Map(plans.map((plan) => [plan._id, plan]));
  const talliesOf = groupBy(totals, ({ _id }) => _id.userKey);
  const auditsOf = groupBy(audits, ({ userKey, life }) => `${userKey} ${life}`);
  const resyncsOf = groupBy(open, ({ userKey }) => userKey);
  const of = (user: (typeof users)[number], plan: PlanDocument): UserReport => {
    const resyncs = resyncsOf.get(user._id) ?? [];
    return {
      ...reportOf(
        user,
        asRead(context, plan),
        talliesOf.get(user._id) ?? [],
        { unsettled: resyncs, audits: auditsOf.get(`${user._id} ${user.life}`) ?? [] },
        now,
      ),
      failedBatches: [],
      unreadable: [],
      resyncs: resyncs.map(resyncReport),
      running: [],
    };
  };
  return users.flatMap((user) => {
    const plan = planBy.get(user._id);
    if (!plan) return [];
    try {
      return [of(user, plan)];
    } catch (err) {
      context.log.warn({ user: user._id, err }, 'no report can be made of a user');
      return [];
    }
  });
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

const failedBatch = (batch: BatchDocument) => ({
  jobId: jobIdOf(batch._id, batch.release),
  turnId: batch._id,
  module: batch.module,
  windowStart: batch.startTime,
  windowEnd: batch.endTime,
  attempts: batch.attempts,
  lastError: batch.lastError,
});

const resyncReport = (resync: Resync): ResyncReport => ({
  id: resync._id,
  status: resync.status,
  modules: resync.modules,
  from: resync.from,
  to: resync.to,
  done: resync.position,
  total: resync.total,
  requestedAt: resync.requestedAt,
  failures: resync.failures,
  failed: failedWindows(resync),
  lastError: resync.lastError,
});
