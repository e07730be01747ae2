import type { Dispatch, Store } from '@odoo-sync/core';
import type { Logger } from '@odoo-sync/runtime';
import type { AloneGate } from './aloneGate.js';
import type { SourcePool } from './sourcePool.js';
import type { SpoolOptions } from './spool.js';
import type { TurnLimits } from './turnLimits.js';
import type { WorkerMetrics } from './workerMetrics.js';

/** What a turn is run with. */
export interface Engine extends Dispatch {
  readonly store: Store;
  readonly sources: SourcePool;
  readonly gate: AloneGate;
  readonly spool: SpoolOptions;
  /** Of a window, and of a tail's pass over a module. */
  readonly limits: { readonly window: TurnLimits; readonly tail: TurnLimits };
  /** `API_CALL_DELAY_MS` */
  readonly apiCallDelayMs: number;
  readonly metrics: WorkerMetrics;
  readonly log: Logger;
}
