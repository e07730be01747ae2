import { type CommitResult, FencedOutError } from '@odoo-sync/core';
import type { ModuleContext } from './turnContext.js';

/** Runs a commit and counts it: how long it took and what it changed, or that the fence refused it. */
export async function countCommit(
  { metrics, turn, lane }: ModuleContext,
  commit: () => Promise<CommitResult>,
): Promise<CommitResult> {
  const began = performance.now();
  try {
    const committed = await commit();
    metrics.committed(turn.kind, lane.module, committed.counts, (performance.now() - began) / 1_000);
    return committed;
  } catch (error) {
    if (error instanceof FencedOutError) metrics.commitRefused();
    throw error;
  }
}
