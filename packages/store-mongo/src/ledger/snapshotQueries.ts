import { IN_FLIGHT, type LeanSyncState, MODULE_NAMES, type StoreTime } from '@odoo-sync/core';
import type { Document } from 'mongodb';
import type {
  AuditDocument,
  BatchDocument,
  LanesDocument,
  PlanDocument,
  ResyncDocument,
  UserDocument,
} from '../collections.js';
import type { StoreContext } from '../context.js';

const CANDIDATES = 8;
const IN_FLIGHT_MOST = 64;
const PLACE = { _id: 1, module: 1, startTime: 1, release: 1, dueAt: 1, status: 1 } as const;

export type LeanDocument = Omit<PlanDocument, 'modules'> & Pick<LeanSyncState, 'modules'>;

export type Place = Pick<BatchDocument, '_id' | 'module' | 'startTime' | 'release' | 'dueAt' | 'status'>;

/** An audit without what it found. */
export type LeanAudit = Omit<AuditDocument, 'run' | 'result' | 'cliff' | 'lastError' | 'expiries' | 'userId'>;

/** A user's plan with all that belongs to it. */
export interface SnapshotRow {
  readonly plan: LeanDocument;
  /** The store's clock. */
  readonly now: StoreTime;
  readonly user: readonly UserDocument[];
  readonly leases: readonly LanesDocument[];
  /** Turns that are out. */
  readonly inFlight: readonly BatchDocument[];
  /** The oldest. */
  readonly pending: readonly Place[];
  /** Those that are due first, and one more: the first that isn't due yet says when to look again. */
  readonly open: readonly Place[];
  readonly failed: readonly Place[];
  readonly resyncs: readonly ResyncDocument[];
  /** Without what they found. */
  readonly audits: readonly LeanAudit[];
}

/** Joins what another collection holds of the user whose `plan` a row is. */
export const ofPlan = (
  as: string,
  from: { readonly collectionName: string },
  foreignField: '_id' | 'userKey',
  pipeline: readonly Document[],
): { readonly $lookup: Document } => ({
  $lookup: { from: from.collectionName, localField: 'plan._id', foreignField, pipeline, as },
});

/**
 * All that a snapshot of some users needs, in one query whose parts each use an index. Asked one by one, they would cost a dozen
 * round trips for a user, at the end of each of its turns.
 */
export function snapshotPipeline(
  { users, lanes, batches, resyncs, audits }: StoreContext,
  userKeys: readonly string[],
): Document[] {
  const joined = (
    as: keyof SnapshotRow,
    from: { readonly collectionName: string },
    foreignField: '_id' | 'userKey',
    ...pipeline: Document[]
  ) => ({
    $lookup: { ...ofPlan(as, from, foreignField, pipeline).$lookup, let: { active: '$active' } },
  });
  const first = (status: 'pending' | 'open' | 'failed', order: Document, most: number) =>
    joined(
      status,
      batches,
      'userKey',
      { $match: { status, release: { $exists: true }, $expr: { $in: ['$module', '$$active'] } } },
      { $sort: order },
      { $limit: most },
      { $project: PLACE },
    );
  const states = MODULE_NAMES.map((name) => ({ name, state: `$modules.${name}.state` }));
  const active = { $filter: { input: states, cond: { $eq: ['$$this.state', 'active'] } } };
  return [
    { $match: { _id: { $in: [...userKeys] } } },
    // It can be large, and only turns need it.
    { $unset: MODULE_NAMES.map((name) => `modules.${name}.unreadable`) },
    {
      $project: {
        _id: 0,
        plan: '$$ROOT',
        now: '$$NOW',
        active: { $map: { input: active, in: '$$this.name' } },
      },
    },
    joined('user', users, '_id', { $project: { sealed: 0 } }),
    joined('leases', lanes, '_id'),
    joined(
      'inFlight',
      batches,
      'userKey',
      { $match: { status: { $in: [...IN_FLIGHT] }, release: { $exists: true } } },
      { $limit: IN_FLIGHT_MOST },
    ),
    first('pending', { startTime: 1, module: 1 }, CANDIDATES),
    first('open', { dueAt: 1 }, CANDIDATES + 1),
    first('failed', { dueAt: 1 }, CANDIDATES + 1),
    joined(
      'resyncs',
      resyncs,
      'userKey',
      { $match: { status: { $in: ['pending', 'queued', 'running'] } } },
      { $sort: { requestedAt: 1 } },
      { $limit: CANDIDATES },
    ),
    joined(
      'audits',
      audits,
      'userKey',
      { $match: { status: { $ne: 'stopped' } } },
      { $project: { run: 0, result: 0, cliff: 0, lastError: 0, expiries: 0, userId: 0 } },
    ),
  ];
}
