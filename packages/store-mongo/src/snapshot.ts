import {
  type Candidate,
  type InFlightTurn,
  type ModuleName,
  type PlanSnapshot,
  type Resync,
  resyncWindowAt,
  tailIdOf,
} from '@odoo-sync/core';
import type { StoreContext } from './context.js';
import type { BatchDocument, LanesDocument } from './documents.js';
import { type Head, headOf, type LeanDocument, type Part, turnsOf } from './snapshotQueries.js';
import { userOf } from './users.js';

const DISTANT = new Date(8.64e15);

/**
 * Everything the planner needs of a user, in two questions: his plan with what belongs to it, then the turns that it makes
 * due. Each would else cost a dozen round trips, and this is asked at the end of every turn. Null when there is no such user.
 */
export async function snapshot(context: StoreContext, userKey: string): Promise<PlanSnapshot | null> {
  const head = await context.plans.aggregate<Head>(headOf(context, userKey)).next();
  const user = head?.user[0];
  if (!head || !user) return null;
  const { now, user: _, leases: held, ...plan } = head;
  const parts = await context.batches.aggregate<Part>(turnsOf(context, plan, now)).toArray();
  const batchesOf = (part: Part['part']) =>
    parts.flatMap((one) => (one.part === part && one.part !== 'resyncs' ? [one.found] : []));
  const openResyncs = parts.flatMap((one) => (one.part === 'resyncs' ? [one.found] : []));
  const [inFlight, pending, open] = [batchesOf('inFlight'), batchesOf('pending'), batchesOf('open')];
  const [failed, later] = [batchesOf('failed'), batchesOf('later')];
  const leases = held[0] ?? null;

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
function nextDue(plan: LeanDocument, later: Pick<BatchDocument, 'dueAt' | 'status'> | undefined): Date {
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

function tailInFlight(plan: LeanDocument): InFlightTurn[] {
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
