import {
  type Batch,
  type Resync,
  TURN_KINDS,
  type TurnRef,
  unreachable,
  type WindowView,
} from '@odoo-sync/core';
import { ofLife, type PlanDocument, type UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { userOf } from '../users/users.js';
import { ofPlan } from './snapshotQueries.js';
import { asRead } from './syncState.js';

interface WindowRow {
  readonly plan: PlanDocument;
  readonly user: readonly UserDocument[];
  readonly batch?: readonly Batch[];
  readonly resync?: readonly Resync[];
}

/** All that a window's turn needs to begin, in one query: asked one by one, it would cost three. */
export async function windowView(
  context: StoreContext,
  { kind, turnId, ...user }: Pick<TurnRef, 'kind' | 'userKey' | 'life' | 'turnId'>,
): Promise<WindowView | null> {
  const { plans, users } = context;
  const row = await plans
    .aggregate<WindowRow>([
      { $match: ofLife(user) },
      { $project: { _id: 0, plan: '$$ROOT' } },
      ofPlan('user', users, '_id', [{ $project: { sealed: 0 } }]),
      ...releasedFrom(context, kind, turnId),
    ])
    .next();
  const [found] = row?.user ?? [];
  if (!row || found?.life !== user.life) return null;
  return {
    user: userOf(found),
    state: asRead(context, row.plan),
    batch: row.batch?.[0] ?? null,
    resync: row.resync?.[0] ?? null,
  };
}

/** Joins the document that a turn is a release of. */
function releasedFrom({ batches, resyncs }: StoreContext, kind: TurnRef['kind'], _id: string) {
  const { document } = TURN_KINDS[kind];
  const joined = (as: 'batch' | 'resync', from: { readonly collectionName: string }, match: object) => [
    { $lookup: { from: from.collectionName, pipeline: [{ $match: match }], as } },
  ];
  switch (document) {
    case 'batch':
      return joined('batch', batches, { _id, release: { $exists: true } });
    case 'resync':
      return joined('resync', resyncs, { _id });
    case 'audit':
    case 'tail':
      return [];
    default:
      return unreachable(document);
  }
}
