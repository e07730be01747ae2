export { createWorkerMetrics, type WorkerMetrics } from './createWorkerMetrics.js';
export { createSourcePool } from './sourcePool.js';
export { DiskSpool, type SpoolOptions } from './spool.js';
