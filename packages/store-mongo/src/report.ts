import {
  type BatchStatus,
  jobIdOf,
  MODULE_NAMES,
  type ModuleName,
  type ModuleReport,
  type RangeDays,
  type Resync,
  type ResyncReport,
  timeLeftMs,
  type UserReport,
  withEveryModule,
} from '@odoo-sync/core';
import { serverNow } from './clock.js';
import type { StoreContext } from './context.js';
import { UNREAD } from './counts.js';
import type { BatchDocument, PlanDocument, UserDocument } from './documents.js';
import { planOf } from './plans.js';
import { snapshot } from './snapshot.js';
import { type Tally, tally } from './tally.js';
import { userOf } from './users.js';

const OPEN_RESYNCS = ['pending', 'queued', 'running', 'failed'] as const;
const RESYNCS_SHOWN = 20;

/** One user's report. Null when there is no such user. */
export async function report(
  context: StoreContext,
  userKey: string,
  failedLimit = 50,
): Promise<UserReport | null> {
  const [user, plan, tallies, now] = await Promise.all([
    context.users.findOne({ _id: userKey }, { projection: { sealed: 0 } }),
    planOf(context, userKey),
    tally(context, { userKey }),
    serverNow(context),
  ]);
  if (!user || !plan) return null;
  const [failed, unreadable, resyncs, seen] = await Promise.all([
    context.batches
      .find({ userKey, status: 'failed', release: { $exists: true } })
      .sort({ startTime: 1 })
      .limit(failedLimit)
      .toArray(),
    tallies.some((row) => row.unreadable > 0)
      ? context.batches
          .find({ userKey, 'unreadable.0': { $exists: true }, release: { $exists: true } })
          .sort({ startTime: 1 })
          .limit(failedLimit)
          .toArray()
      : [],
    context.resyncs.find({ userKey }).sort({ requestedAt: -1 }).limit(RESYNCS_SHOWN).toArray(),
    snapshot(context, userKey),
  ]);
  const running = (seen?.inFlight ?? []).filter((turn) => turn.status === 'running');
  return {
    ...reportOf(user, plan, tallies, now),
    failedBatches: failed.map(failedBatch),
    unreadable: unreadable
      .flatMap(({ _id, module, unreadable: records }) => records.map((one) => ({ ...one, doc: _id, module })))
      .slice(0, failedLimit),
    resyncs: resyncs.map(resyncReport),
    running: running.map(({ kind, module, doc }) => ({ kind, module, doc })),
  };
}

/** Nine tenths of a plan, of which a report shows nothing. */
const WITHOUT_FIELDS = Object.fromEntries(MODULE_NAMES.map((name) => [`modules.${name}.fields.fields`, 0]));

/** Four queries, whatever the number of users. What it costs is the counting: 10 µs of the server's time a batch. */
export async function reports(
  context: StoreContext,
  userKeys: readonly string[],
): Promise<readonly UserReport[]> {
  const theirs = { userKey: { $in: userKeys } };
  const [users, plans, tallies, open, now] = await Promise.all([
    context.users
      .find({ _id: { $in: userKeys } }, { projection: { sealed: 0 } })
      .sort({ _id: 1 })
      .toArray(),
    context.plans
      .find({ _id: { $in: userKeys } }, { projection: WITHOUT_FIELDS })
      .map(withEveryModule)
      .toArray(),
    tally(context, theirs),
    context.resyncs
      .find({ ...theirs, status: { $in: [...OPEN_RESYNCS] } })
      .sort({ requestedAt: -1 })
      .toArray(),
    serverNow(context),
  ]);
  const planBy = new Map(plans.map((plan) => [plan._id, plan]));
  const talliesOf = groupBy(tallies, ({ _id }) => _id.userKey);
  const resyncsOf = groupBy(open, ({ userKey }) => userKey);
  return users.flatMap((user) => {
    const plan = planBy.get(user._id);
    if (!plan) return [];
    return [
      {
        ...reportOf(user, plan, talliesOf.get(user._id) ?? [], now),
        failedBatches: [],
        unreadable: [],
        resyncs: (resyncsOf.get(user._id) ?? []).map(resyncReport),
        running: [],
      },
    ];
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

function reportOf(
  user: Omit<UserDocument, 'sealed'> | UserDocument,
  plan: PlanDocument,
  tallies: readonly Tally[],
  now: Date,
): Pick<UserReport, 'user' | 'caughtUp' | 'timeLeftMs' | 'outage' | 'tailError' | 'modules'> {
  const odooNow = now.getTime() + plan.skewMs;
  const modules = MODULE_NAMES.map((module) =>
    moduleReport(
      module,
      user.rangeDays,
      plan,
      tallies.filter((row) => row._id.module === module),
      odooNow,
    ),
  );
  const working = modules.filter(({ state }) => state !== 'unavailable');
  const caughtUp =
    user.standing === 'active' && working.length > 0 && working.every(({ state }) => state === 'caught_up');
  return {
    user: userOf(user as UserDocument),
    caughtUp,
    timeLeftMs: timeLeft(tallies, modules),
    outage: outageOf(plan),
    tailError: plan.tail.lastError,
    modules,
  };
}

const outageOf = ({ outage }: PlanDocument): UserReport['outage'] =>
  outage?.openUntil ? { since: outage.since, nextTryAt: outage.openUntil } : null;

function timeLeft(tallies: readonly Tally[], modules: readonly ModuleReport[]): number | null {
  const laidOut = modules.every(
    ({ state, mirroredFrom }) => state === 'unavailable' || mirroredFrom !== null,
  );
  if (!laidOut) return null;
  const sum = (rows: readonly Tally[], pick: (row: Tally) => number) =>
    rows.reduce((n, row) => n + pick(row), 0);
  const left = tallies.filter((row) => UNREAD.includes(row._id.status));
  return timeLeftMs(
    { windows: sum(tallies, (row) => row.passes), records: sum(tallies, (row) => row.read) },
    sum(tallies, (row) => row.tookMs),
    {
      windows: sum(left, (row) => row.windows - row.readOnce),
      records: sum(left, (row) => row.uncounted) > 0 ? null : sum(left, (row) => row.surveyed),
    },
  );
}

function moduleReport(
  module: ModuleName,
  rangeDays: RangeDays,
  plan: PlanDocument,
  rows: readonly Tally[],
  odooNow: number,
): ModuleReport {
  const state = plan.modules[module];
  const sum = (pick: (row: Tally) => number, ...statuses: BatchStatus[]) =>
    rows
      .filter((row) => statuses.length === 0 || statuses.includes(row._id.status))
      .reduce((n, row) => n + pick(row), 0);
  const count = (...statuses: BatchStatus[]) => sum((row) => row.windows, ...statuses);
  const windows = {
    total: count(),
    done: sum((row) => row.readOnce),
    empty: sum((row) => row.empty),
    pending: count('pending'),
    inFlight: count('queued', 'running', 'committing'),
    open: count('open'),
    succeeded: count('succeeded'),
    failed: count('failed'),
  };
  const lastRead = Math.max(0, ...rows.map((row) => row.lastRead?.getTime() ?? 0));
  const lastPass = state.lastPass?.getTime() ?? Number.NEGATIVE_INFINITY;
  const unread = windows.pending + windows.inFlight;
  const sealableNow = odooNow - plan.dbSkewMs;
  const sealable = rows.some((row) => row._id.status === 'open' && row.firstDue.getTime() <= sealableNow);
  const { tiling } = state;
  const tiled = tiling?.range === rangeDays && tiling.until.getTime() > odooNow;
  let is: ModuleReport['state'] = 'syncing';
  if (state.state === 'unavailable') is = 'unavailable';
  else if (windows.failed > 0) is = 'failing';
  else if (tiled && unread === 0 && !sealable && lastPass >= lastRead) is = 'caught_up';
  return {
    module,
    state: is,
    reason: state.reason?.message ?? null,
    windows,
    recordsRead: sum((row) => row.read),
    surveyed: state.surveyed,
    mirroredFrom: tiling?.from ?? null,
    pages: sum((row) => row.pages),
    retries: sum((row) => row.retries),
    unreadable: sum((row) => row.unreadable),
    lagMs: state.lastPass ? Math.max(0, odooNow - state.lastPass.getTime()) : null,
    lastPass: state.lastPass,
    droppedFields: state.fields?.dropped ?? [],
  };
}

const failedBatch = (batch: BatchDocument) => ({
  jobId: jobIdOf(batch._id, batch.release),
  doc: batch._id,
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
  lastError: resync.lastError,
});
