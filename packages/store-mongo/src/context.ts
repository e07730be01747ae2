import type { EngineSettings, Log } from '@odoo-sync/core';
import type { Db, MongoClient } from 'mongodb';
import type { Collections } from './collections.js';
import type { SchemaCache } from './ledger/schemaCache.js';
import type { TransactionSize } from './mirror/transactionSize.js';
import type { OldSeals, Sealer } from './users/sealer.js';

/** What every data operation of this package is given. */
export interface StoreContext extends Collections {
  readonly client: MongoClient;
  readonly db: Db;
  readonly settings: EngineSettings;
  readonly sealer: Sealer;
  readonly oldSeals: OldSeals;
  readonly log: Log;
  readonly transactionSize: TransactionSize;
  readonly schemaCache: SchemaCache;
}
