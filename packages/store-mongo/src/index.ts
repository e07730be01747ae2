export type { Sealed, Sealer, StoreLog } from './context.js';
export { COLLECTIONS } from './documents.js';
export { type MongoStore, openStore, type StoreOptions } from './openStore.js';
export type { MirrorChange } from './readRecords.js';
