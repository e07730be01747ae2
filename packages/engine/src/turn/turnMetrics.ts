import {
  type CommitResult,
  FencedOutError,
  type ModuleName,
  type PassCounts,
  type TurnEnd,
  type TurnKind,
} from '@odoo-sync/core';
import type { ModuleContext } from './turnContext.js';

/** What is counted of turns. Nothing in it grows with the users. Times in seconds. */
export interface TurnMetrics {
  /** A tail ends once for each module that it passes. */
  turnEnded(kind: TurnKind, module: ModuleName, end: TurnEnd): void;
  /** From the moment that its lane was taken to its commit. */
  windowRead(kind: TurnKind, module: ModuleName, seconds: number): void;
  pageRead(module: ModuleName): void;
  committed(kind: TurnKind, module: ModuleName, counts: PassCounts, seconds: number): void;
  /** The lane was another's by then. */
  commitRefused(): void;
  leaseExpired(): void;
  /** Turns that were handed out at the end of this one. */
  released(turns: number): void;
}

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
