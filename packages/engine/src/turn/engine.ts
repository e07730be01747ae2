import type { ContextLog, Store } from '@odoo-sync/core';
import type { Dispatch } from '../dispatch/job.js';
import type { AloneGate } from './aloneGate.js';
import type { SourcePool } from './sourcePool.js';
import type { Spool } from './spool.js';
import type { TurnLimits } from './turnLimits.js';
import type { TurnMetrics } from './turnMetrics.js';

/** What a turn is run with. */
export interface Engine extends Dispatch {
  readonly store: Store;
  readonly sources: SourcePool;
  readonly gate: AloneGate;
  openSpool(): Spool;
  /** Of a window, and of a tail's pass over a module. */
  readonly limits: { readonly window: TurnLimits; readonly tail: TurnLimits };
  /** `API_CALL_DELAY_MS` */
  readonly apiCallDelayMs: number;
  readonly metrics: TurnMetrics;
  readonly log: ContextLog;
}
