export { checkHost } from './checkHost.js';
export { createOdooSource } from './createOdooSource.js';
export type { OdooLog, OdooRequest, OdooSourceOptions } from './options.js';
export { addressOf } from './url.js';
