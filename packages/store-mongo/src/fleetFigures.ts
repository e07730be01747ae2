import {
  type BatchStatus,
  type ErrorRecord,
  type FleetFigures,
  MODULE_NAMES,
  MODULES,
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
/** A list that is longer is nothing that a person goes through. */
const NAMED = 100;
const BEHIND_S = 1_800;

/**
 * The fleet in a few numbers. What comes back from the server is hardly more for 100,000 users than for ten; what it reads is,
 * so each query says what it takes there (a MongoDB on two cores that others use too), and whoever asks does so rarely.
 */
export async function fleetFigures(context: StoreContext): Promise<FleetFigures> {
  const [users, inactive] = await Promise.all([standings(context), inactiveUsers(context)]);
  const [{ unknown, astray, ...plans }, left, failures, openResyncs, failedResyncs, documents] =
    await Promise.all([
      lookAtPlans(
        context,
        inactive.map(({ _id }) => _id),
      ),
      windowsLeft(
        context,
        inactive.map(({ _id }) => _id),
      ),
      lookAtFailures(context),
      context.resyncs.countDocuments({ status: { $in: ['pending', 'queued', 'running'] } }, LIMIT),
      context.resyncs.countDocuments({ status: 'failed' }, LIMIT),
      countDocuments(context),
    ]);
  const busy = left.reduce((sum, share) => sum + share.users, 0);
  const locked = inactive.filter(({ standing }) => standing === 'needs_attention').map(({ _id }) => _id);
  return {
    users,
    ...plans,
    windowsLeft: [{ value: 0, users: Math.max(0, users.active - unknown - busy) }, ...left],
    failedBatches: failures.byError,
    openResyncs,
    failedResyncs,
    documents,
    inTrouble: [...new Set([...locked, ...failures.users, ...astray])].slice(0, NAMED),
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
const inactiveUsers = ({
  users,
}: StoreContext): Promise<{ readonly _id: string; readonly standing: Standing }[]> =>
  users
    .find({ standing: { $in: ['needs_attention', 'removing'] } }, LIMIT)
    .project<{ _id: string; standing: Standing }>({ standing: 1 })
    .toArray();

/** From what the server knows of its collections without a look into them. */
async function countDocuments(context: StoreContext): Promise<number> {
  const counts = await Promise.all(
    Object.values(MODULES).map(({ collection }) => context.mirror(collection).estimatedDocumentCount(LIMIT)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
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
  /** Active users who are behind, or whose Odoo can't be reached or followed. */
  readonly astray: readonly string[];
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
      astray: { _id: string }[];
    }>(
      [
        {
          $project: {
            source: 1,
            openUntil: '$outage.openUntil',
            tailError: '$tail.lastError.kind',
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
            astray: [
              active,
              {
                $match: {
                  $or: [
                    { openUntil: { $ne: null } },
                    { tailError: { $ne: null } },
                    { behind: { $gt: BEHIND_S, $lt: Number.POSITIVE_INFINITY } },
                  ],
                },
              },
              { $limit: NAMED },
              { $project: { _id: 1 } },
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
    astray: (seen?.astray ?? []).map(({ _id }) => _id),
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

interface Failures {
  readonly byError: FleetFigures['failedBatches'];
  /** Some of the users who have failed batches. */
  readonly users: readonly string[];
}

/** By the index `odoosync_status`, then every failed batch: there are as many as somebody must look after. */
async function lookAtFailures({ batches }: StoreContext): Promise<Failures> {
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
      { ...LIMIT, hint: 'odoosync_status' },
    )
    .next();
  return {
    byError: Object.fromEntries((seen?.byError ?? []).map(({ _id, batches: count }) => [_id, count])),
    users: (seen?.users ?? []).map(({ _id }) => _id).sort(),
  };
}
