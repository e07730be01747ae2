export * from './cachedProbe.js';
export * from './metrics.js';
export * from './parts.js';
export * from './startMonitor.js';
