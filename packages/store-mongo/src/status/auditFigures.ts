import type { Share } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';
import { LIMIT, NAMED } from './planFigures.js';

export interface AuditFigures {
  /** Active users by the age of the oldest proof among their modules, in whole hours told in seconds; those without any are left out. */
  readonly proofAgeSeconds: readonly Share[];
  /** Some of the users whose last audit stopped, or left something different. */
  readonly differing: readonly string[];
}

const HOUR_SECONDS = 3_600;
const HOUR_MS = HOUR_SECONDS * 1_000;

/** Reads every audit: four for a user. @param inactive users who are left out. */
export async function auditFigures(
  { audits }: StoreContext,
  inactive: readonly string[],
): Promise<AuditFigures> {
  const hours = { $floor: { $divide: [{ $subtract: ['$$NOW', '$asOf'] }, HOUR_MS] } };
  const seen = await audits
    .aggregate<{ ages: Share[]; differing: { _id: string }[] }>(
      [
        {
          $group: {
            _id: '$userKey',
            asOf: { $min: '$result.asOf' },
            differs: { $max: { $or: [{ $eq: ['$status', 'stopped'] }, { $gt: ['$result.open', 0] }] } },
          },
        },
        { $match: { _id: { $nin: inactive } } },
        {
          $facet: {
            ages: [
              { $match: { asOf: { $type: 'date' } } },
              { $group: { _id: { $max: [0, hours] }, users: { $sum: 1 } } },
              { $project: { _id: 0, value: { $multiply: ['$_id', HOUR_SECONDS] }, users: 1 } },
            ],
            differing: [{ $match: { differs: true } }, { $limit: NAMED }, { $project: { _id: 1 } }],
          },
        },
      ],
      LIMIT,
    )
    .next();
  return {
    proofAgeSeconds: seen?.ages ?? [],
    differing: (seen?.differing ?? []).map(({ _id }) => _id).sort(),
  };
}
