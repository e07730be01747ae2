import {
  type Audit,
  type Batch,
  batchIdsOf,
  type Credentials,
  type ErrorRecord,
  type ModuleName,
  type ModuleSchema,
  type PassCounts,
  type RangeDays,
  type Resync,
  type Standing,
  type StoreTime,
  type SyncState,
  type UserId,
  type UserRef,
} from '@odoo-sync/core';
import type { Binary, Collection, Db, ObjectId } from 'mongodb';
import type { Sealed } from './users/sealer.js';

/** The engine's own collections. They have a prefix, since the database may hold an application's own `users`. */
export const COLLECTIONS = {
  users: 'odoosyncusers',
  plans: 'odoosyncplans',
  schemas: 'odoosyncschemas',
  batches: 'odoosyncbatches',
  resyncs: 'odoosyncresyncs',
  audits: 'odoosyncaudits',
  lanes: 'odoosynclanes',
  fences: 'odoosyncfences',
  turns: 'odoosyncturns',
  servers: 'odoosyncservers',
} as const;

/** A user's batches, found by their ids: no other index holds those that are sealed. */
export function batchesOf(userKey: string, module?: string) {
  const { from, before } = batchIdsOf(userKey, module);
  return { _id: { $gte: from, $lt: before }, userKey, release: { $exists: true } };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A user's sealed secret. One without a version, as earlier versions of the engine wrote it, is bound to the user's key alone. */
export interface CredentialSeal extends Sealed {
  readonly version?: number;
}

export interface UserDocument {
  /** userKey */
  _id: string;
  /** Made once, at random, when the user was added. */
  life: string;
  userId: UserId;
  url: string;
  db: string;
  login: string;
  credentialKind: Credentials['kind'];
  credentialVersion: number;
  sealed: CredentialSeal;
  connectedAt: StoreTime;
  rangeDays: RangeDays;
  language?: string | null;
  callDelayMs?: number | null;
  databaseAcceptedAt?: StoreTime | null;
  /** Release numbers of this life start above it, so that no two lives share a job id. */
  releaseBase: number;
  standing: Standing;
  attention: ErrorRecord | null;
  /** How many transactions its purge has taken so far. */
  purges?: number;
}

export interface PlanDocument extends Mutable<SyncState> {
  /** userKey */
  _id: string;
  life: string;
  userId: UserId;
  /** The `database.uuid` that it had; none where the login may not read it. */
  databaseUuid?: string | null;
  /** A record of which Odoo has said, once, that it was created at another time than the mirror says. */
  stranger?: { readonly module: ModuleName; readonly odooId: number } | null;
  /** The Odoo database that the user is mirrored from. Its pace and outages concern every user of the same database. */
  source: string;
}

/** What is read of a module. It stands apart from the plan, which is written with every tail, and read with every turn. */
export interface SchemaDocument extends Mutable<ModuleSchema> {
  /** `<userKey>/<module>` */
  _id: string;
  userId: UserId;
  userKey: string;
  life: string;
  module: ModuleName;
  /** Digest of all that the schema holds. */
  version: string;
}

export interface BatchDocument extends Mutable<Batch> {
  userId: UserId;
  /** Records that the survey found in this window. */
  surveyed: number | null;
}

export interface ResyncDocument extends Mutable<Resync> {
  userId: UserId;
  requestedBy: string;
}

export interface AuditDocument extends Mutable<Audit> {
  userId: UserId;
}

export interface LaneLease {
  token: number;
  /** Null when given back. */
  holder: { doc: string; release: number; kind: string } | null;
  /** The session that will commit. Whoever takes the lane from a dead holder kills it. */
  session: Binary | null;
  /** The dead holder from whom the lane was taken. */
  expired: LaneLease['holder'];
  /** Sessions of dead holders from whom the lane was taken since it was last given back. */
  dead: Binary[];
  takenAt: StoreTime | null;
  expiresAt: Date;
}

/**
 * A user's leases: one document, so that taking a lane and a place for the user is one conditional update. It outlives the
 * user, since tokens never restart; `life` says whose turns may take its lanes.
 */
export interface LanesDocument {
  /** userKey */
  _id: string;
  life: string;
  userId: UserId;
  /** How many lives this user has had, the present one included. */
  generation: number;
  lanes: Partial<Record<ModuleName, LaneLease>>;
}

/** The fence of a lane. Only the taker of the lane and its holder's transactions write it. */
export interface FenceDocument {
  /** `<userKey>/<module>` */
  _id: string;
  userId: UserId;
  token: number;
  /** The session of the taker who wrote the token; none when a removal wrote it. */
  raisedBy?: Binary | null;
  commits: number;
}

/** The history of one turn in a lane that changed something or met a fault: for operators and proofs, removed after a week. */
export interface TurnDocument {
  _id: ObjectId;
  userId: UserId;
  userKey: string;
  life: string;
  module: ModuleName;
  doc: string;
  release: number;
  kind: string;
  token: number;
  takenAt: Date;
  endedAt: Date;
  outcome: string;
  pages: number;
  counts: PassCounts | null;
}

/** What was learned about one MongoDB deployment. */
export interface ServerDocument {
  _id: string;
  transactionBytes: number;
  fitted: number;
}

export interface MirrorSync {
  batch: string;
  firstSeen: Date;
  lastChanged: Date;
  hash: string;
  deletedAt: Date | null;
  /** Fields that Odoo failed to compute when it was read. */
  unread?: readonly string[];
}

export interface MirrorDocument {
  _id: ObjectId;
  userId: UserId;
  odooId: number;
  _sync?: MirrorSync;
  [field: string]: unknown;
}

/** The database's collections, each with the type of its documents. */
export interface Collections {
  readonly users: Collection<UserDocument>;
  readonly plans: Collection<PlanDocument>;
  readonly schemas: Collection<SchemaDocument>;
  readonly batches: Collection<BatchDocument>;
  readonly resyncs: Collection<ResyncDocument>;
  readonly audits: Collection<AuditDocument>;
  readonly lanes: Collection<LanesDocument>;
  readonly fences: Collection<FenceDocument>;
  readonly turns: Collection<TurnDocument>;
  readonly servers: Collection<ServerDocument>;
  /** The collection of a module, by its name. */
  mirror(collection: string): Collection<MirrorDocument>;
}

export const collectionsOf = (db: Db): Collections => ({
  users: db.collection(COLLECTIONS.users),
  plans: db.collection(COLLECTIONS.plans),
  schemas: db.collection(COLLECTIONS.schemas),
  batches: db.collection(COLLECTIONS.batches),
  resyncs: db.collection(COLLECTIONS.resyncs),
  audits: db.collection(COLLECTIONS.audits),
  lanes: db.collection(COLLECTIONS.lanes),
  fences: db.collection(COLLECTIONS.fences),
  turns: db.collection(COLLECTIONS.turns),
  servers: db.collection(COLLECTIONS.servers),
  mirror: (collection) => db.collection(collection),
});

/** Matches the one document of a user in `users`, `plans` or `lanes`, as long as that life lasts. */
export const ofLife = ({ userKey, life }: UserRef) => ({ _id: userKey, life });

export const fenceIdOf = (userKey: string, module: ModuleName): string => `${userKey}/${module}`;

export const schemaIdOf = (userKey: string, module: ModuleName): string => `${userKey}/${module}`;

/** A user's schemas in a life, whatever modules they are of. No character that comes in a key lies between the bounds. */
export const schemasOf = ({ userKey, life }: UserRef) => ({
  _id: { $gte: `${userKey}/`, $lt: `${userKey}0` },
  userKey,
  life,
});
