export { createOdooSource } from './createOdooSource.js';
export type { OdooLog, OdooSourceOptions } from './options.js';
export { normalizeOdooUrl } from './url.js';
