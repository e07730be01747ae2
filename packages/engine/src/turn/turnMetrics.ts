import type { AuditResult, ModuleName, PassCounts, TurnEnd, TurnKind } from '@odoo-sync/core';

/** What is counted of turns. Nothing in it grows with the users. Times in seconds. */
export interface TurnMetrics {
  /** A tail ends once for each module that it passes. */
  turnEnded(kind: TurnKind, module: ModuleName, end: TurnEnd): void;
  /** From the moment that its lane was taken to its end: of a window, or of an audit's slice. */
  turnTook(kind: TurnKind, module: ModuleName, seconds: number): void;
  pageRead(module: ModuleName): void;
  /** An audit came to its end. */
  audited(module: ModuleName, result: AuditResult): void;
  committed(kind: TurnKind, module: ModuleName, counts: PassCounts, seconds: number): void;
  /** The lane was another's by then. */
  commitRefused(): void;
  leaseExpired(): void;
  /** Turns that were handed out at the end of this one. */
  released(turns: number): void;
}
