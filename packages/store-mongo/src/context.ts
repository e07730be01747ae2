import type { EngineSettings } from '@odoo-sync/core';
import type { Binary, Collection, Db, MongoClient } from 'mongodb';
import type {
  BatchDocument,
  FenceDocument,
  LanesDocument,
  MirrorDocument,
  PlanDocument,
  ResyncDocument,
  ServerDocument,
  TurnDocument,
  UserDocument,
} from './collections.js';
import type { TransactionSize } from './mirror/transactionSize.js';

/** A secret as it is stored: AES-256-GCM, every part in base64. */
export interface Sealed {
  readonly keyId: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

/** Seals and opens texts; what the additional data says is bound to a ciphertext. */
export interface Sealer {
  /** Of the key that seals. */
  readonly keyId: string;
  encrypt(plaintext: string, additionalData: string): Sealed;
  decrypt(sealed: Sealed, additionalData: string): string;
}

/** What becomes of seals that an earlier version made, in which nothing but the user's key is authenticated. */
export type OldSeals = 'accept' | 'refuse';

export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What every data operation of this package is given. */
export interface StoreContext {
  readonly client: MongoClient;
  readonly db: Db;
  readonly settings: EngineSettings;
  readonly sealer: Sealer;
  readonly oldSeals: OldSeals;
  readonly log: StoreLog;
  readonly transactionSize: TransactionSize;
  readonly users: Collection<UserDocument>;
  readonly plans: Collection<PlanDocument>;
  readonly batches: Collection<BatchDocument>;
  readonly resyncs: Collection<ResyncDocument>;
  readonly lanes: Collection<LanesDocument>;
  readonly fences: Collection<FenceDocument>;
  readonly turns: Collection<TurnDocument>;
  readonly servers: Collection<ServerDocument>;
  mirror(collection: string): Collection<MirrorDocument>;
}

export type SessionId = Binary;
