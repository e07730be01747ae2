import {
  auditCandidate,
  auditInFlight,
  batchCandidate,
  batchInFlight,
  odooTime,
  type PlanSnapshot,
  resyncCandidate,
  resyncInFlight,
  type StoreTime,
  storeTime,
  tailInFlight,
  toStoreTime,
} from '@odoo-sync/core';
import type { UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { liveLeases } from '../lanes/leases.js';
import { userOf } from '../users/users.js';
import {
  type LeanAudit,
  type LeanDocument,
  type Place,
  type SnapshotRow,
  snapshotPipeline,
} from './snapshotQueries.js';
import { asRead } from './syncState.js';

const DISTANT = new Date(8.64e15);

/** Everything the planner needs of a user; null when there is no such user. */
export async function snapshot(context: StoreContext, userKey: string): Promise<PlanSnapshot | null> {
  return (await snapshots(context, [userKey])).get(userKey) ?? null;
}

/** The same of several users, by their keys, read at one moment. */
export async function snapshots(
  context: StoreContext,
  userKeys: readonly string[],
): Promise<ReadonlyMap<string, PlanSnapshot>> {
  const rows = await context.plans.aggregate<SnapshotRow>(snapshotPipeline(context, userKeys)).toArray();
  return new Map(
    rows.flatMap((row) => {
      const [user] = row.user;
      if (!user || user.life !== row.plan.life) return [];
      const plan = asRead(context, row.plan);
      return [[user._id, snapshotOf({ ...row, plan }, user)]];
    }),
  );
}

function snapshotOf(row: SnapshotRow, user: UserDocument): PlanSnapshot {
  const { plan, now, inFlight, pending, open, failed, resyncs } = row;
  // A module's audits begin when its history was read.
  const audits = row.audits.filter(
    ({ module, life }) => life === plan.life && plan.modules[module].state === 'active',
  );
  const waiting = audits.filter(({ status }) => status === 'idle' || status === 'failed');
  const odooNow = now.getTime() + plan.skewMs;
  const isDue = (batch: Place) => dueTime(batch, plan) <= odooNow;
  const active = user.standing === 'active';
  const candidates = active
    ? [
        ...resyncs.flatMap(resyncCandidate),
        ...open.filter(isDue).sort(byStart).map(batchCandidate('seal')),
        ...[...failed.filter(isDue).sort(byStart), ...pending].map(batchCandidate('backfill')),
        ...waiting.filter(({ dueAt }) => dueAt <= now).map(auditCandidate),
      ]
    : [];
  const later = [...open, ...failed].filter((batch) => !isDue(batch));
  return {
    now,
    user: userOf(user),
    plan,
    inFlight: [
      ...tailInFlight(userOf(user), plan.tail),
      ...inFlight.map((batch) => batchInFlight(batch, plan.life)),
      ...resyncs.flatMap((resync) => resyncInFlight(resync, plan.life)),
      ...audits.flatMap(auditInFlight),
    ],
    candidates,
    nextDueAt: active
      ? nextDue(
          plan,
          later,
          waiting.filter(({ dueAt }) => dueAt > now),
        )
      : null,
    leased: liveLeases(row.leases[0], now),
  };
}

/** When a batch's seal or healing is due, by Odoo's clock: an open one waits for the database's clock too. */
const dueTime = ({ dueAt, status }: Place, { dbSkewMs }: LeanDocument) =>
  dueAt.getTime() + (status === 'open' ? dbSkewMs : 0);

const byStart = (a: Place, b: Place) => a.startTime.getTime() - b.startTime.getTime();

/** By the store's clock: the next seal, healing or audit, the next midnight, the next probe of an unavailable module. */
function nextDue(plan: LeanDocument, waiting: readonly Place[], audits: readonly LeanAudit[]): StoreTime {
  const times = waiting.map((batch) => dueTime(batch, plan));
  const midnights = Object.values(plan.modules).map(
    ({ tiling }) => tiling?.until.getTime() ?? DISTANT.getTime(),
  );
  const next = odooTime(Math.min(DISTANT.getTime(), ...times, ...midnights));
  const byOdoo = next < DISTANT ? toStoreTime(next, plan).getTime() : DISTANT.getTime();
  return storeTime(Math.min(byOdoo, ...audits.map(({ dueAt }) => dueAt.getTime())));
}
