import type { TurnOutcome, TurnSummary } from '@odoo-sync/core';

/** How a window's turn ended: for its job, and for the lane's history. */
export interface Ran {
  readonly outcome: TurnOutcome;
  readonly summary: TurnSummary;
}

/** It read nothing. */
export const noop = (outcome: TurnOutcome): Ran => ({
  outcome,
  summary: { outcome: 'noop', pages: 0, counts: null },
});
