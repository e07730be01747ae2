import {
  type BatchStatus,
  type ErrorRecord,
  type FleetFigures,
  MODULES,
  type Share,
  type Standing,
} from '@odoo-sync/core';
import type { StoreContext } from '../context.js';
import { auditFigures } from './auditFigures.js';
import { followUpFigures, LIMIT, NAMED } from './planFigures.js';

/** A batch that is open or succeeded was read. */
const NEVER_READ: readonly BatchStatus[] = ['pending', 'queued', 'running', 'committing', 'failed'];
const OURS = { release: { $exists: true } };

/**
 * The fleet in a few numbers. The server answers with hardly more for 100,000 users than for ten, but it has to read more: each
 * query says how long that takes (on a MongoDB with two cores that others use too). Ask rarely.
 */
export async function fleetFigures(context: StoreContext): Promise<FleetFigures> {
  const [users, inactive] = await Promise.all([standings(context), inactiveUsers(context)]);
  const keys = inactive.map(({ _id }) => _id);
  const [
    { withoutWindows, behind, ...plans },
    left,
    failures,
    audits,
    openResyncs,
    failedResyncs,
    documents,
  ] = await Promise.all([
    followUpFigures(context, keys),
    windowsLeft(context, keys),
    failureFigures(context),
    auditFigures(context, keys),
    context.resyncs.countDocuments({ status: { $in: ['pending', 'queued', 'running'] } }, LIMIT),
    context.resyncs.countDocuments({ status: 'failed' }, LIMIT),
    countDocuments(context),
  ]);
  const busy = left.reduce((sum, share) => sum + share.users, 0);
  const locked = inactive.filter(({ standing }) => standing === 'needs_attention').map(({ _id }) => _id);
  return {
    users,
    ...plans,
    windowsLeft: [{ value: 0, users: Math.max(0, users.active - withoutWindows - busy) }, ...left],
    failedBatches: failures.byError,
    proofAgeSeconds: audits.proofAgeSeconds,
    openResyncs,
    failedResyncs,
    documents,
    inTrouble: [...new Set([...locked, ...failures.users, ...audits.differing, ...behind])].slice(0, NAMED),
  };
}

/** By the index `odoosync_standing` alone: 0.1 s for 100,000 users. */
async function standings({ users }: StoreContext): Promise<Record<Standing, number>> {
  const rows = await users
    .aggregate<{ _id: Standing; users: number }>([{ $group: { _id: '$standing', users: { $sum: 1 } } }], {
      ...LIMIT,
      hint: 'odoosync_standing',
    })
    .toArray();
  const counted = { active: 0, needs_attention: 0, removing: 0 };
  for (const { _id, users: count } of rows) counted[_id] = count;
  return counted;
}

/** By the same index, without reading the active users. */
const inactiveUsers = ({
  users,
}: StoreContext): Promise<{ readonly _id: string; readonly standing: Standing }[]> =>
  users
    .find({ standing: { $in: ['needs_attention', 'removing'] } }, LIMIT)
    .project<{ _id: string; standing: Standing }>({ standing: 1 })
    .toArray();

/** From the server's own figures of its collections, which costs no reading. */
async function countDocuments(context: StoreContext): Promise<number> {
  const counts = await Promise.all(
    Object.values(MODULES).map(({ collection }) => context.mirror(collection).estimatedDocumentCount(LIMIT)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * By the index `odoosync_unsealed_status`, then every batch that it finds: 2 to 3 s for each million. A fleet that is caught up has hardly
 * any; one that was connected yesterday has as many as it has windows with records.
 */
async function windowsLeft(
  { batches }: StoreContext,
  inactive: readonly string[],
): Promise<readonly Share[]> {
  return batches
    .aggregate<Share>(
      [
        { $match: { status: { $in: NEVER_READ }, readStartedAt: null, ...OURS } },
        { $group: { _id: '$userKey', windows: { $sum: 1 } } },
        { $match: { _id: { $nin: inactive } } },
        { $group: { _id: '$windows', users: { $sum: 1 } } },
        { $project: { _id: 0, value: '$_id', users: 1 } },
      ],
      { ...LIMIT, hint: 'odoosync_unsealed_status' },
    )
    .toArray();
}

interface Failures {
  readonly byError: FleetFigures['failedBatches'];
  /** Some of the users who have failed batches. */
  readonly users: readonly string[];
}

/** By the index `odoosync_unsealed_status`, then every failed batch: there are as many as somebody must look after. */
async function failureFigures({ batches }: StoreContext): Promise<Failures> {
  const seen = await batches
    .aggregate<{ byError: { _id: ErrorRecord['kind']; batches: number }[]; users: { _id: string }[] }>(
      [
        { $match: { status: 'failed', ...OURS } },
        {
          $facet: {
            byError: [{ $group: { _id: { $ifNull: ['$lastError.kind', 'bug'] }, batches: { $sum: 1 } } }],
            users: [{ $group: { _id: '$userKey' } }, { $limit: NAMED }],
          },
        },
      ],
      { ...LIMIT, hint: 'odoosync_unsealed_status' },
    )
    .next();
  return {
    byError: Object.fromEntries((seen?.byError ?? []).map(({ _id, batches: count }) => [_id, count])),
    users: (seen?.users ?? []).map(({ _id }) => _id).sort(),
  };
}
