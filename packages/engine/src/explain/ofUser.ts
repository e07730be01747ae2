import { clockFault, type ErrorRecord, MODULE_NAMES, type PlanSnapshot } from '@odoo-sync/core';
import { holdsOf } from './holds.js';
import type { UserExplanation } from './userExplanation.js';

/** Makes a text of the ledger's fit to be shown. */
export type Clean = (text: unknown) => string;

export const cleanError = (error: ErrorRecord | null, clean: Clean): ErrorRecord | null =>
  error && { ...error, message: clean(error.message) };

type OfUser = Pick<
  UserExplanation,
  | 'userKey'
  | 'at'
  | 'standing'
  | 'attention'
  | 'holds'
  | 'paceMs'
  | 'callDelayMs'
  | 'clock'
  | 'unavailable'
  | 'withoutHistory'
>;

/** What concerns a user as a whole. */
export function ofUser(snapshot: PlanSnapshot, clean: Clean): OfUser {
  const { now, user, plan } = snapshot;
  return {
    userKey: user.userKey,
    at: now,
    standing: user.standing,
    attention: cleanError(user.attention, clean),
    holds: holdsOf(snapshot),
    paceMs: plan.paceMs,
    callDelayMs: user.callDelayMs,
    clock: {
      aheadMs: plan.skewMs,
      databaseAheadMs: plan.dbSkewMs,
      // Plans of an earlier version have none.
      fault: plan.clockOffMs == null ? null : clockFault(plan.clockOffMs).message,
    },
    withoutHistory: MODULE_NAMES.filter((module) => {
      const { state, tiling } = plan.modules[module];
      return state === 'active' && tiling === null;
    }),
    unavailable: MODULE_NAMES.flatMap((module) => {
      const { state, reason, probeAt } = plan.modules[module];
      if (state !== 'unavailable') return [];
      return [{ module, reason: clean(reason?.message ?? 'no reason is kept'), probeAt }];
    }),
  };
}
