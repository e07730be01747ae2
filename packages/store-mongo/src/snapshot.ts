import {
  type Candidate,
  IN_FLIGHT,
  type InFlightTurn,
  MODULE_NAMES,
  type ModuleName,
  type PlanSnapshot,
  type Resync,
  resyncWindowAt,
  tailIdOf,
} from '@odoo-sync/core';
import type { StoreContext } from './context.js';
import type { BatchDocument, LanesDocument, PlanDocument } from './documents.js';
import { userOf } from './users.js';

const CANDIDATES = 8;
const IN_FLIGHT_MOST = 64;
const DISTANT = new Date(8.64e15);

/** Everything the planner needs of a user, by a handful of indexed reads. Null when there is no such user. */
export async function snapshot(context: StoreContext, userKey: string): Promise<PlanSnapshot | null> {
  const { users, plans, batches, resyncs, lanes } = context;
  const [user, found] = await Promise.all([
    users.findOne({ _id: userKey }, { projection: { sealed: 0 } }),
    plans
      .aggregate<PlanDocument & { now: Date }>([{ $match: { _id: userKey } }, { $set: { now: '$$NOW' } }])
      .next(),
  ]);
  if (!user || !found) return null;
  const { now, ...plan } = found;
  const odooNow = new Date(now.getTime() + plan.skewMs);
  const sealableNow = new Date(odooNow.getTime() - plan.dbSkewMs);
  const modules = MODULE_NAMES.filter((name) => plan.modules[name].state === 'active');
  const place = { _id: 1, module: 1, startTime: 1, release: 1, dueAt: 1, status: 1 } as const;
  const oldest = (filter: object) =>
    batches
      .find(
        { userKey, module: { $in: modules }, release: { $exists: true }, ...filter },
        { projection: place },
      )
      .sort({ startTime: 1, module: 1 })
      .limit(CANDIDATES)
      .toArray();

  const [inFlight, pending, open, failed, later, openResyncs, leases] = await Promise.all([
    batches
      .find({ userKey, status: { $in: [...IN_FLIGHT] }, release: { $exists: true } })
      .limit(IN_FLIGHT_MOST)
      .toArray(),
    oldest({ status: 'pending' }),
    oldest({ status: 'open', dueAt: { $lte: sealableNow } }),
    oldest({ status: 'failed', dueAt: { $lte: odooNow } }),
    batches
      .find(
        {
          userKey,
          status: { $in: ['open', 'failed'] },
          dueAt: { $gt: sealableNow },
          module: { $in: modules },
          release: { $exists: true },
        },
        { projection: { dueAt: 1, status: 1 } },
      )
      .sort({ dueAt: 1 })
      .limit(1)
      .toArray(),
    resyncs
      .find({ userKey, status: { $in: ['pending', 'queued', 'running'] } })
      .sort({ requestedAt: 1 })
      .limit(CANDIDATES)
      .toArray(),
    lanes.findOne({ _id: userKey }),
  ]);

  const of =
    (kind: 'seal' | 'backfill') =>
    (batch: Pick<BatchDocument, '_id' | 'module' | 'startTime' | 'release'>): Candidate => ({
      kind,
      module: batch.module,
      doc: batch._id,
      release: batch.release,
      startTime: batch.startTime,
    });
  const active = user.standing === 'active';
  const candidates = active
    ? [
        ...openResyncs.flatMap(resyncCandidate),
        ...open.map(of('seal')),
        ...[...failed, ...pending].map(of('backfill')),
      ]
    : [];
  return {
    now,
    user: userOf(user),
    plan,
    inFlight: [...tailInFlight(plan), ...inFlight.map(batchInFlight), ...openResyncs.flatMap(resyncInFlight)],
    candidates,
    nextDueAt: active ? nextDue(plan, later[0]) : null,
    leased: liveLeases(leases, now),
  };
}

/** By the store's clock: the next seal or healing, the next midnight, the next probe of an unavailable module. */
function nextDue(plan: PlanDocument, later: Pick<BatchDocument, 'dueAt' | 'status'> | undefined): Date {
  const dueAt = later
    ? later.dueAt.getTime() + (later.status === 'open' ? plan.dbSkewMs : 0)
    : DISTANT.getTime();
  const midnights = Object.values(plan.modules).map(
    ({ tiling }) => tiling?.until.getTime() ?? DISTANT.getTime(),
  );
  return new Date(Math.min(dueAt, ...midnights) - plan.skewMs);
}

const liveLeases = (leases: LanesDocument | null, now: Date): string[] =>
  Object.values(leases?.lanes ?? {}).flatMap((lease) =>
    lease.holder && lease.expiresAt > now ? [lease.holder.doc] : [],
  );

function tailInFlight(plan: PlanDocument): InFlightTurn[] {
  const { status, release, dueAt, startedAt } = plan.tail;
  if (status === 'idle') return [];
  const readyAt = status === 'running' ? (startedAt ?? dueAt) : dueAt;
  const doc = tailIdOf(plan._id);
  return [
    {
      kind: 'tail',
      userKey: plan._id,
      doc,
      release,
      module: null,
      startTime: null,
      status,
      readyAt,
      attempts: 0,
    },
  ];
}

const batchInFlight = (batch: BatchDocument): InFlightTurn => ({
  kind: batch.readStartedAt ? 'seal' : 'backfill',
  userKey: batch.userKey,
  doc: batch._id,
  release: batch.release,
  module: batch.module,
  startTime: batch.startTime,
  status: batch.status === 'queued' ? 'queued' : 'running',
  readyAt: batch.retryAt ?? batch.queuedAt ?? batch.startTime,
  attempts: batch.attempts,
});

function resyncPlace(resync: Resync): { module: ModuleName; startTime: Date } | undefined {
  return resyncWindowAt(resync, resync.position);
}

function resyncInFlight(resync: Resync): InFlightTurn[] {
  const place = resyncPlace(resync);
  if (!place || resync.status === 'pending') return [];
  return [
    {
      kind: 'resync',
      userKey: resync.userKey,
      doc: resync._id,
      release: resync.release,
      ...place,
      status: resync.status === 'queued' ? 'queued' : 'running',
      readyAt: resync.retryAt ?? resync.queuedAt ?? resync.requestedAt,
      attempts: resync.attempts,
    },
  ];
}

function resyncCandidate(resync: Resync): Candidate[] {
  const place = resyncPlace(resync);
  if (!place || resync.status !== 'pending') return [];
  return [{ kind: 'resync', doc: resync._id, release: resync.release, ...place }];
}
