import { type FleetFigures, MODULE_NAMES, type ModuleName, type Share } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';

/** The server gives up a query that takes longer: figures are not worth more of its time. */
export const LIMIT = { maxTimeMS: 30_000 };
/** Nobody goes through a longer list. */
export const NAMED = 100;
const BEHIND_S = 1_800;

/**
 * Seconds since a module's last good pass, by Odoo's clock: null when the module is unavailable, infinite when there was no pass.
 *
 * @param skewMs Odoo's clock minus the store's, 0 where that can't be believed.
 */
const secondsBehind = (module: ModuleName, skewMs: object) => ({
  $cond: [
    { $eq: [`$modules.${module}.state`, 'unavailable'] },
    null,
    {
      $cond: [
        { $gt: [`$modules.${module}.lastPass`, null] },
        { $divide: [{ $subtract: [{ $add: ['$$NOW', skewMs] }, `$modules.${module}.lastPass`] }, 1_000] },
        Number.POSITIVE_INFINITY,
      ],
    },
  ],
});

const bySeconds = (seconds: object | string) => [
  { $group: { _id: { $max: [0, { $round: [seconds, 0] }] }, users: { $sum: 1 } } },
  { $project: { _id: 0, value: '$_id', users: 1 } },
];

export interface PlanFigures
  extends Pick<FleetFigures, 'freshnessSeconds' | 'breakersOpen' | 'unavailableModules'> {
  /** Active users for whom no window was made yet. */
  readonly withoutWindows: number;
  /** Active users who are behind, or whose Odoo can't be reached or followed. */
  readonly behind: readonly string[];
}

/**
 * Reads every plan once, 2 to 4 s for the 1.2 GB of 100,000 users. An index on the passes would save that, but would be written
 * with each of them.
 */
export async function followUpFigures(
  context: StoreContext,
  inactive: readonly string[],
): Promise<PlanFigures> {
  const most = context.settings.clockMaxSkewMs;
  const believed = { $cond: [{ $lte: [{ $abs: '$skewMs' }, most] }, '$skewMs', 0] };
  const active = { $match: { _id: { $nin: inactive } } };
  const seen = await context.plans
    .aggregate<{
      passed: Share[];
      never: { keys: string[] }[];
      withoutWindows: { users: number }[];
      broken: { sources: number }[];
      unavailable: { _id: ModuleName; users: number }[];
      behind: { _id: string }[];
    }>(
      [
        {
          $project: {
            source: 1,
            openUntil: '$outage.openUntil',
            tailError: '$tail.lastError.kind',
            behind: { $max: MODULE_NAMES.map((module) => secondsBehind(module, believed)) },
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
            withoutWindows: [active, { $match: { from: null } }, { $count: 'users' }],
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
            behind: [
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
    withoutWindows: seen?.withoutWindows[0]?.users ?? 0,
    freshnessSeconds: [...(seen?.passed ?? []), ...waiting],
    breakersOpen: seen?.broken[0]?.sources ?? 0,
    unavailableModules: Object.fromEntries((seen?.unavailable ?? []).map(({ _id, users }) => [_id, users])),
    behind: (seen?.behind ?? []).map(({ _id }) => _id),
  };
}

/** By their keys. They are few, since a user's first pass comes within seconds; it takes 1 s when none of 100,000 users had one. */
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
