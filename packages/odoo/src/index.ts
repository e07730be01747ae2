export { checkHost } from './door.js';
export type { OdooLog, OdooRequest, OdooSourceOptions } from './options.js';
export { createOdooSource } from './session.js';
export { addressOf } from './url.js';
