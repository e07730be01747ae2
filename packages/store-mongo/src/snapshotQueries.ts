import { IN_FLIGHT, type LeanPlan, MODULE_NAMES } from '@odoo-sync/core';
import type { Document } from 'mongodb';
import type { StoreContext } from './context.js';
import type {
  BatchDocument,
  LanesDocument,
  PlanDocument,
  ResyncDocument,
  UserDocument,
} from './documents.js';

const CANDIDATES = 8;
const IN_FLIGHT_MOST = 64;
const PLACE = { _id: 1, module: 1, startTime: 1, release: 1, dueAt: 1, status: 1 } as const;

/** What the plan's document holds for turns alone. */
const HEAVY = ['fields', 'retired', 'unreadable'] as const;

export type LeanDocument = Omit<PlanDocument, 'modules'> & Pick<LeanPlan, 'modules'>;

export interface Head extends LeanDocument {
  readonly now: Date;
  readonly user: readonly UserDocument[];
  readonly leases: readonly LanesDocument[];
}

export type Part =
  | { readonly part: 'inFlight' | 'pending' | 'open' | 'failed' | 'later'; readonly found: BatchDocument }
  | { readonly part: 'resyncs'; readonly found: ResyncDocument };

/** The first question of a snapshot: a user's plan, with himself, his leases and the clock. */
export const headOf = ({ users, lanes }: StoreContext, userKey: string): Document[] => {
  const joined = (from: string, as: string, pipeline: Document[]) => ({
    $lookup: { from, localField: '_id', foreignField: '_id', as, pipeline },
  });
  return [
    { $match: { _id: userKey } },
    { $unset: MODULE_NAMES.flatMap((name) => HEAVY.map((part) => `modules.${name}.${part}`)) },
    joined(users.collectionName, 'user', [{ $project: { sealed: 0 } }]),
    joined(lanes.collectionName, 'leases', []),
    { $set: { now: '$$NOW' } },
  ];
};

/** The second one, of the batches: the turns that are out, and those that may be. Each part by an index of its own. */
export function turnsOf({ batches, resyncs }: StoreContext, plan: LeanDocument, now: Date): Document[] {
  const userKey = plan._id;
  const odooNow = new Date(now.getTime() + plan.skewMs);
  const sealableNow = new Date(odooNow.getTime() - plan.dbSkewMs);
  const modules = MODULE_NAMES.filter((name) => plan.modules[name].state === 'active');
  const ours = { userKey, release: { $exists: true } };
  const active = { ...ours, module: { $in: modules } };
  const part = (name: Part['part'], ...stages: Document[]) => [
    ...stages,
    { $project: { _id: 0, part: { $literal: name }, found: '$$ROOT' } },
  ];
  const oldest = (name: 'pending' | 'open' | 'failed', filter: object) => ({
    $unionWith: {
      coll: batches.collectionName,
      pipeline: part(
        name,
        { $match: { ...active, status: name, ...filter } },
        { $sort: { startTime: 1, module: 1 } },
        { $limit: CANDIDATES },
        { $project: PLACE },
      ),
    },
  });
  return [
    ...part('inFlight', { $match: { ...ours, status: { $in: [...IN_FLIGHT] } } }, { $limit: IN_FLIGHT_MOST }),
    oldest('pending', {}),
    oldest('open', { dueAt: { $lte: sealableNow } }),
    oldest('failed', { dueAt: { $lte: odooNow } }),
    {
      $unionWith: {
        coll: batches.collectionName,
        pipeline: part(
          'later',
          { $match: { ...active, status: { $in: ['open', 'failed'] }, dueAt: { $gt: sealableNow } } },
          { $sort: { dueAt: 1 } },
          { $limit: 1 },
          { $project: PLACE },
        ),
      },
    },
    {
      $unionWith: {
        coll: resyncs.collectionName,
        pipeline: part(
          'resyncs',
          { $match: { userKey, status: { $in: ['pending', 'queued', 'running'] } } },
          { $sort: { requestedAt: 1 } },
          { $limit: CANDIDATES },
        ),
      },
    },
  ];
}
