import {
  type BatchStatus,
  type ErrorRecord,
  type FleetFigures,
  MODULE_NAMES,
  type ModuleName,
  type Share,
  type Standing,
} from '@odoo-sync/core';
import type { StoreContext } from './context.js';

/** Past it the server gives up a query: figures are not worth more of its time. */
const LIMIT = { maxTimeMS: 30_000 };
/** A batch that is open or succeeded was read. */
const NEVER_READ: readonly BatchStatus[] = ['pending', 'queued', 'running', 'committing', 'failed'];
const OURS = { release: { $exists: true } };

/**
 * The fleet in a few numbers. What comes back from the server is hardly more for 100,000 users than for ten; what it reads is,
 * so each query says what it takes there (a MongoDB on two cores that others use too), and whoever asks does so rarely.
 */
export async function fleetFigures(context: StoreContext): Promise<FleetFigures> {
  const [users, inactive] = await Promise.all([standings(context), inactiveUsers(context)]);
  const [{ unknown, ...plans }, left, failedBatches, failedResyncs] = await Promise.all([
    lookAtPlans(context, inactive),
    windowsLeft(context, inactive),
    failuresByError(context),
    context.resyncs.countDocuments({ status: 'failed' }, LIMIT),
  ]);
  const busy = left.reduce((sum, share) => sum + share.users, 0);
  return {
    users,
    ...plans,
    windowsLeft: [{ value: 0, users: Math.max(0, users.active - unknown - busy) }, ...left],
    failedBatches,
    failedResyncs,
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

/** By the same index, whoever is active left unread. */
async function inactiveUsers({ users }: StoreContext): Promise<readonly string[]> {
  const found = await users
    .find({ standing: { $in: ['needs_attention', 'removing'] } }, { ...LIMIT, projection: { _id: 1 } })
    .toArray();
  return found.map(({ _id }) => _id);
}

/** Since a module's last good pass, by Odoo's clock: null where it is unavailable, infinite where there was none. */
const secondsBehind = (module: ModuleName) => ({
  $cond: [
    { $eq: [`$modules.${module}.state`, 'unavailable'] },
    null,
    {
      $cond: [
        { $gt: [`$modules.${module}.lastPass`, null] },
        { $divide: [{ $subtract: [{ $add: ['$$NOW', '$skewMs'] }, `$modules.${module}.lastPass`] }, 1_000] },
        Number.POSITIVE_INFINITY,
      ],
    },
  ],
});

const bySeconds = (seconds: object | string) => [
  { $group: { _id: { $max: [0, { $round: [seconds, 0] }] }, users: { $sum: 1 } } },
  { $project: { _id: 0, value: '$_id', users: 1 } },
];

interface PlanFigures extends Pick<FleetFigures, 'freshnessSeconds' | 'breakersOpen' | 'unavailableModules'> {
  /** Active users for whom no window was made yet. */
  readonly unknown: number;
}

/**
 * Reads every plan once, 2 to 4 s for the 1.2 GB of 100,000 users: an index that held the passes would save that and be written
 * with each of them.
 */
async function lookAtPlans(context: StoreContext, inactive: readonly string[]): Promise<PlanFigures> {
  const active = { $match: { _id: { $nin: inactive } } };
  const seen = await context.plans
    .aggregate<{
      passed: Share[];
      never: { keys: string[] }[];
      unknown: { users: number }[];
      broken: { sources: number }[];
      unavailable: { _id: ModuleName; users: number }[];
    }>(
      [
        {
          $project: {
            source: 1,
            openUntil: '$outage.openUntil',
            behind: { $max: MODULE_NAMES.map(secondsBehind) },
            from: { $max: MODULE_NAMES.map((module) => `$modules.${module}.tiling.from`) },
            unavailable: {
              $setDifference: [
                MODULE_NAMES.map((module) => ({
                  $cond: [{ $eq: [`$modules.${module}.state`, 'unavailable'] }, module, null],
                })),
                [null],
              ],
            },
          },
        },
        {
          $facet: {
            passed: [
              active,
              { $match: { behind: { $ne: null, $lt: Number.POSITIVE_INFINITY } } },
              ...bySeconds('$behind'),
            ],
            never: [
              active,
              { $match: { behind: Number.POSITIVE_INFINITY } },
              { $group: { _id: null, keys: { $push: '$_id' } } },
            ],
            unknown: [active, { $match: { from: null } }, { $count: 'users' }],
            broken: [
              { $match: { openUntil: { $ne: null } } },
              { $group: { _id: '$source' } },
              { $count: 'sources' },
            ],
            unavailable: [
              active,
              { $unwind: '$unavailable' },
              { $group: { _id: '$unavailable', users: { $sum: 1 } } },
            ],
          },
        },
      ],
      LIMIT,
    )
    .next();
  const waiting = await sinceConnected(context, seen?.never[0]?.keys ?? []);
  return {
    unknown: seen?.unknown[0]?.users ?? 0,
    freshnessSeconds: [...(seen?.passed ?? []), ...waiting],
    breakersOpen: seen?.broken[0]?.sources ?? 0,
    unavailableModules: Object.fromEntries((seen?.unavailable ?? []).map(({ _id, users }) => [_id, users])),
  };
}

/** By their keys: few, since a user's first pass comes within seconds; 1 s where none of 100,000 users had his. */
async function sinceConnected({ users }: StoreContext, keys: readonly string[]): Promise<readonly Share[]> {
  if (keys.length === 0) return [];
  return users
    .aggregate<Share>(
      [
        { $match: { _id: { $in: keys } } },
        ...bySeconds({ $divide: [{ $subtract: ['$$NOW', '$connectedAt'] }, 1_000] }),
      ],
      LIMIT,
    )
    .toArray();
}

/**
 * By the index `odoosync_status`, then every batch that it finds: 2 to 3 s for each million. A fleet of 100,000 that is caught up has
 * hardly any; one that was connected yesterday has as many as it has windows with records.
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
      { ...LIMIT, hint: 'odoosync_status' },
    )
    .toArray();
}

/** By the index `odoosync_status`, then every failed batch: there are as many as somebody must look after. */
async function failuresByError({ batches }: StoreContext): Promise<FleetFigures['failedBatches']> {
  const rows = await batches
    .aggregate<{ _id: ErrorRecord['kind']; batches: number }>(
      [
        { $match: { status: 'failed', ...OURS } },
        { $group: { _id: { $ifNull: ['$lastError.kind', 'bug'] }, batches: { $sum: 1 } } },
      ],
      { ...LIMIT, hint: 'odoosync_status' },
    )
    .toArray();
  return Object.fromEntries(rows.map(({ _id, batches: count }) => [_id, count]));
}
