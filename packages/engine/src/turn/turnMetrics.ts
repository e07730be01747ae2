import type { ModuleName, PassCounts, TurnKind } from '@odoo-sync/core';

/** `failed`: no attempt is left; `noop`: there was nothing to do, or not now (superseded, the lane taken, Odoo out of reach). */
export type TurnEnd = 'succeeded' | 'failed' | 'retried' | 'handed_back' | 'withdrawn' | 'noop';

/** What is counted of turns. Nothing in it grows with the users. Times in seconds. */
export interface TurnMetrics {
  /** A tail ends once for each module that it passes. */
  turnEnded(kind: TurnKind, module: ModuleName, outcome: TurnEnd): void;
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
