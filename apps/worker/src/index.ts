export { runTurn } from './runTurn.js';
export type { Engine } from './engine.js';
export { Spool, type SpoolOptions } from './spool.js';
export { createSourcePool, type SourcePool } from './sourcePool.js';
export { createAloneGate, type AloneGate } from './aloneGate.js';
