import { MODULE_NAMES, moduleOf } from '@odoo-sync/core';
import type { Db } from 'mongodb';
import { type ProfiledOp, shapeOf } from './queryShape.js';

const PROFILE_BYTES = 256 * 1024 * 1024;
const MIRRORED = new Set<string>(MODULE_NAMES.map((name) => moduleOf(name).collection));
const isOurs = (collection: string): boolean => collection.startsWith('odoosync') || MIRRORED.has(collection);

/** The engine's programs begin their names by it; the bench's own questions have none. */
const PROGRAMS = 'odoo-sync';

/** What all operations of one shape did. */
export interface QueryUse {
  readonly shape: string;
  readonly count: number;
  /** Who asked, by the names that programs give to their connections. */
  readonly by: readonly string[];
  readonly plans: readonly string[];
  /** Of the operation that examined most for what it gave. */
  readonly keys: number;
  readonly docs: number;
  readonly gave: number;
  readonly slowestMs: number;
}

/** Documents that an operation examined for each one that it gave. */
export const waste = ({ docs, gave }: Pick<QueryUse, 'docs' | 'gave'>): number => docs / Math.max(1, gave);

/** Whether a whole collection was read. */
export const scans = ({ plans }: Pick<QueryUse, 'plans'>): boolean =>
  plans.some((plan) => plan.includes('COLLSCAN'));

/**
 * Has the server write down every operation on a database from now on.
 * @returns what ends that, and tells what the engine's programs asked of its collections, by shape, the most wasteful first. Stages of
 * a pipeline that look into other collections count as the operation's own; their plans aren't named.
 */
export async function profileQueries(db: Db): Promise<() => Promise<readonly QueryUse[]>> {
  await db.createCollection('system.profile', { capped: true, size: PROFILE_BYTES });
  await db.command({ profile: 2 });
  return async () => {
    await db.command({ profile: 0 });
    const uses = new Map<string, QueryUse>();
    for await (const op of db.collection('system.profile').find<ProfiledOp>({})) {
      const collection = op.ns.slice(op.ns.indexOf('.') + 1);
      const byEngine = isOurs(collection) && op.appName?.startsWith(PROGRAMS);
      if (!byEngine || op.planSummary === undefined) continue;
      const shape = shapeOf(op);
      uses.set(shape, added(uses.get(shape), shape, op));
    }
    await db.collection('system.profile').drop();
    return [...uses.values()].sort((a, b) => waste(b) - waste(a));
  };
}

function added(before: QueryUse | undefined, shape: string, op: ProfiledOp): QueryUse {
  const one = {
    keys: op.keysExamined ?? 0,
    docs: op.docsExamined ?? 0,
    gave: op.nreturned ?? op.ndeleted ?? op.nMatched ?? 0,
  };
  const worst = before && waste(before) >= waste(one) ? before : one;
  return {
    shape,
    count: (before?.count ?? 0) + 1,
    by: withOne(before?.by, op.appName ?? 'unknown'),
    plans: withOne(before?.plans, op.planSummary ?? ''),
    keys: worst.keys,
    docs: worst.docs,
    gave: worst.gave,
    slowestMs: Math.max(before?.slowestMs ?? 0, op.millis),
  };
}

const withOne = (all: readonly string[] = [], one: string): readonly string[] =>
  all.includes(one) ? all : [...all, one];
