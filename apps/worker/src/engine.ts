import type { Dispatch, Store } from '@odoo-sync/core';
import type { Logger } from '@odoo-sync/runtime';
import type { AloneGate } from './aloneGate.js';
import type { SourcePool } from './sourcePool.js';
import type { SpoolOptions } from './spool.js';
import type { WorkerMetrics } from './workerMetrics.js';

/** What a turn is run with. */
export interface Engine extends Dispatch {
  readonly store: Store;
  readonly sources: SourcePool;
  readonly gate: AloneGate;
  readonly spool: SpoolOptions;
  /** `API_CALL_DELAY_MS` */
  readonly apiCallDelayMs: number;
  readonly metrics: WorkerMetrics;
  readonly log: Logger;
}
