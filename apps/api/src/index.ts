export { closeServer } from './closeServer.js';
export type { App, Services } from './context.js';
export { createServer } from './createServer.js';
