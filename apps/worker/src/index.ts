export { type AloneGate, createAloneGate } from './aloneGate.js';
export { createWorkerMetrics } from './createWorkerMetrics.js';
export type { Engine } from './engine.js';
export { runTurn } from './runTurn.js';
export { createSourcePool, type SourcePool } from './sourcePool.js';
export { Spool, type SpoolOptions } from './spool.js';
export type { WorkerMetrics } from './workerMetrics.js';
