export { closeServer } from './closeServer.js';
export type { App } from './context.js';
export { createServer } from './createServer.js';
export type { Services } from './services.js';
