export { COLLECTIONS } from './collections.js';
export type { MirrorChange } from './mirror/readRecords.js';
export { type MongoStore, openStore, type StoreOptions } from './openStore.js';
export { objectIdOf } from './users/objectIdOf.js';
export type { Sealed, Sealer } from './users/sealer.js';
