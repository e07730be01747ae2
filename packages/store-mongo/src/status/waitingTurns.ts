import {
  type ModuleName,
  type OdooTime,
  type RoundKind,
  resyncWindowAt,
  type SnapshotClocks,
  toOdooTime,
  toStoreTime,
  type UserRef,
  type WaitingTurns,
} from '@odoo-sync/core';
import type { StoreContext } from '../context.js';

interface Counted {
  readonly _id: { readonly kind: RoundKind; readonly module: ModuleName };
  readonly due: number;
  readonly later: number;
  /** By Odoo's clock. */
  readonly nextDueAt: OdooTime | null;
}

/** How much of a user's is due or will be, by the rule of the planner's snapshot, which lists the first ones alone. */
export async function waitingTurns(
  context: StoreContext,
  user: UserRef,
  { now, skewMs, dbSkewMs }: SnapshotClocks,
): Promise<readonly WaitingTurns[]> {
  const odooNow = toOdooTime(now, { skewMs });
  const [windows, resyncs] = await Promise.all([
    countWindows(context, user, odooNow, dbSkewMs),
    pendingResyncs(context, user),
  ]);
  return [
    ...resyncs,
    ...windows.map(({ _id, due, later, nextDueAt }) => ({
      ..._id,
      due,
      later,
      nextDueAt: nextDueAt && toStoreTime(nextDueAt, { skewMs }),
    })),
  ];
}

function countWindows(
  { batches }: StoreContext,
  { userKey }: UserRef,
  odooNow: OdooTime,
  dbSkewMs: number,
): Promise<Counted[]> {
  const isOpen = { $eq: ['$status', 'open'] };
  const isDue = { $or: [{ $eq: ['$status', 'pending'] }, { $lte: ['$at', odooNow] }] };
  return batches
    .aggregate<Counted>([
      {
        $match: {
          userKey,
          status: { $in: ['pending', 'open', 'failed'] },
          release: { $exists: true },
        },
      },
      {
        $project: {
          status: 1,
          module: 1,
          at: { $add: ['$dueAt', { $cond: [isOpen, dbSkewMs, 0] }] },
        },
      },
      {
        $group: {
          _id: { kind: { $cond: [isOpen, 'seal', 'backfill'] }, module: '$module' },
          due: { $sum: { $cond: [isDue, 1, 0] } },
          later: { $sum: { $cond: [isDue, 0, 1] } },
          nextDueAt: { $min: { $cond: [isDue, null, '$at'] } },
        },
      },
      { $sort: { '_id.kind': -1, '_id.module': 1 } },
    ])
    .toArray();
}

/** A resync is one turn at a time, in the module that it has come to. */
async function pendingResyncs(
  { resyncs }: StoreContext,
  { userKey }: UserRef,
): Promise<readonly WaitingTurns[]> {
  const pending = await resyncs.find({ userKey, status: 'pending' }).toArray();
  const due = new Map<ModuleName, number>();
  for (const resync of pending) {
    const place = resyncWindowAt(resync, resync.position);
    if (place) due.set(place.module, (due.get(place.module) ?? 0) + 1);
  }
  return [...due].map(([module, count]) => ({
    kind: 'resync',
    module,
    due: count,
    later: 0,
    nextDueAt: null,
  }));
}
