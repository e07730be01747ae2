import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import {
  type AddressedUser,
  type Batch,
  batchIdOf,
  type Credentials,
  DEFAULT_SETTINGS,
  type EngineSettings,
  type Lane,
  MODULE_NAMES,
  type ModuleName,
  type ModuleState,
  type NewUser,
  type OwnLane,
  odooTime,
  type PassResult,
  type RecordStream,
  rangeStartOf,
  type SourceRecord,
  storeTime,
  type TurnRef,
  type TurnSummary,
  type User,
  type UserId,
  type UserRef,
  type WriteScope,
  windowOf,
  windowsToRead,
} from '@odoo-sync/core';
import { type LocalMongo, type StartMongoOptions, startMongo, startTcpProxy } from '@odoo-sync/local-servers';
import { sharedMongo } from '@odoo-sync/local-servers/testing';
import { BSON, type Db, MongoClient } from 'mongodb';
import {
  type AuditDocument,
  type BatchDocument,
  COLLECTIONS,
  type FenceDocument,
  type LanesDocument,
  type MirrorDocument,
  type PlanDocument,
  type ResyncDocument,
  type SchemaDocument,
  type ServerDocument,
  type UserDocument,
} from '../collections.js';
import type { HeldLane } from '../lanes/heldLane.js';
import { type MongoStore, openStore, type StoreOptions } from '../openStore.js';
import type { Sealer } from '../users/sealer.js';

export { TAIL_END } from '@odoo-sync/engine/testing';
export { until } from '@odoo-sync/local-servers';

export const SECRET = 'a-secret-that-nobody-may-read';
export const CREDENTIALS: Credentials = { kind: 'apiKey', login: 'admin', secret: SECRET };
export const ADDRESS = { url: 'https://acme.example', db: 'acme' };
export const SET = 'local';

export interface LoggedLine {
  readonly message: string;
  readonly fields: object;
}

/** A fresh database for each test of a file, and what they open on it. */
export class MongoWorld {
  readonly #file = randomBytes(4).toString('hex');
  #url = '';
  #mongo: LocalMongo | undefined;
  #raw: MongoClient | undefined;
  #tests = 0;
  #closers: (() => unknown)[] = [];
  logged: LoggedLine[] = [];
  /** Told every line that the store logs. */
  onLog: ((line: LoggedLine) => void) | undefined;

  /** @param own starts a MongoDB of the file's own, for tests that concern all of it; shared with other files unless given. */
  constructor(own?: Partial<StartMongoOptions>) {
    beforeAll(async () => {
      if (own) this.#mongo = await startMongo({ log: () => {}, inMemory: true, ...own });
      this.#url = this.#mongo?.url ?? (await sharedMongo());
      this.#raw = await new MongoClient(this.#url, {
        readConcern: { level: 'majority' },
        writeConcern: { w: 'majority' },
      }).connect();
    });
    afterEach(async () => {
      this.onLog = undefined;
      for (const close of this.#closers.splice(0).reverse()) await close();
      this.logged = [];
      this.#tests++;
    });
    afterAll(async () => {
      if (!own) await this.#dropDatabases();
      await this.#raw?.close();
      await this.#mongo?.stop();
    });
  }

  /** The file's own. */
  get mongo(): LocalMongo {
    if (!this.#mongo) throw new Error('no MongoDB of its own is running');
    return this.#mongo;
  }

  /** A client that the store knows nothing of. */
  get raw(): MongoClient {
    if (!this.#raw) throw new Error('no MongoDB is running');
    return this.#raw;
  }

  /** One for each test. */
  get database(): string {
    return this.#databaseOf(this.#tests);
  }

  get db(): Db {
    return this.raw.db(this.database);
  }

  get stored() {
    const { db } = this;
    return {
      users: db.collection<UserDocument>(COLLECTIONS.users),
      plans: db.collection<PlanDocument>(COLLECTIONS.plans),
      schemas: db.collection<SchemaDocument>(COLLECTIONS.schemas),
      batches: db.collection<BatchDocument>(COLLECTIONS.batches),
      resyncs: db.collection<ResyncDocument>(COLLECTIONS.resyncs),
      audits: db.collection<AuditDocument>(COLLECTIONS.audits),
      lanes: db.collection<LanesDocument>(COLLECTIONS.lanes),
      fences: db.collection<FenceDocument>(COLLECTIONS.fences),
      servers: db.collection<ServerDocument>(COLLECTIONS.servers),
      contacts: db.collection<MirrorDocument>('odoocontacts'),
    };
  }

  onEnd(close: () => unknown): void {
    this.#closers.push(close);
  }

  async open(
    settings: Partial<EngineSettings> = {},
    options: Partial<StoreOptions> = {},
  ): Promise<MongoStore> {
    const log = (fields: object, message: string) => {
      this.logged.push({ message, fields });
      this.onLog?.({ message, fields });
    };
    const opened = await openStore({
      url: this.#url,
      database: this.database,
      settings: { ...DEFAULT_SETTINGS, rangeDays: 3, ...settings },
      sealer: sealerOf({ k1: randomBytes(32) }),
      log: { info: log, warn: log },
      ...options,
    });
    this.onEnd(() => opened.close());
    return {
      ...opened,
      takeLane: async (...lane) => {
        const grant = await opened.takeLane(...lane);
        // Not waited for: the store may be cut off. It ends the renewals.
        if ('lane' in grant) this.onEnd(() => void grant.lane.giveBack(SUMMARY));
        return grant;
      },
      takeLanes: async (...lanes) => {
        const grant = await opened.takeLanes(...lanes);
        if ('lanes' in grant) this.onEnd(() => void grant.giveBack(new Map()));
        return grant;
      },
    };
  }

  /** A store whose every byte goes through a proxy, as of a worker whose network can be cut. */
  async openBehindProxy(settings: Partial<EngineSettings> = {}) {
    const port = Number(new URL(this.#url).port);
    const proxy = await startTcpProxy({ target: { host: '127.0.0.1', port } });
    this.onEnd(() => proxy.close());
    const url = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`;
    const store = await this.open(settings, { url });
    this.onEnd(() => {
      proxy.onChunk = undefined;
      proxy.release();
    });
    return { proxy, store };
  }

  /** Takes a lane that must be free. */
  async take(
    store: MongoStore,
    user: User,
    module: ModuleName = 'contacts',
    turn = turnOf(user),
  ): Promise<HeldLane & OwnLane> {
    const grant = await store.takeLane(turn, module);
    if (!('lane' in grant)) throw new Error(`the lane is busy for ${grant.busyForMs} ms`);
    return grant.lane as HeldLane & OwnLane;
  }

  /** A user whose first batch of contacts is running under its lane. */
  async runningWindow(store: MongoStore, module: ModuleName = 'contacts') {
    const user = await store.addUser(newUser());
    const batch = await runningBatch(store, user, module);
    const turn: TurnRef = { ...turnOf(user, batch._id), kind: 'backfill', release: batch.release };
    const lane = await this.take(store, user, module, turn);
    return { user, batch, lane, pass: passOf(user, lane) };
  }

  /** What a turn that holds a module's lane learned of it. */
  async noteModule(store: MongoStore, userKey: string, module: ModuleName, patch: Partial<ModuleState>) {
    const grant = await store.takeLane(turnOf(await this.ref(userKey), 'a-note'), module);
    if (!('lane' in grant)) throw new Error(`the lane is busy for ${grant.busyForMs} ms`);
    await store.noteModule(grant.lane, patch);
    await grant.lane.giveBack(SUMMARY);
  }

  /** A user in its present life, with the address that is stored of it. */
  async ref(userKey: string): Promise<AddressedUser> {
    const user = await this.stored.users.findOne({ _id: userKey });
    if (!user) throw new Error(`there is no user ${userKey}`);
    return { userKey, life: user.life, address: { url: user.url, db: user.db } };
  }

  /** Ends a lease now, whatever its holder does. */
  async expire(userKey: string, module: ModuleName): Promise<void> {
    await this.stored.lanes.updateOne({ _id: userKey }, {
      $set: { [`lanes.${module}.expiresAt`]: new Date(0) },
    } as object);
  }

  #databaseOf(test: number): string {
    return `test_${this.#file}_${test}`;
  }

  async #dropDatabases(): Promise<void> {
    const names = Array.from({ length: this.#tests }, (_, test) => this.#databaseOf(test));
    await Promise.all(names.map((name) => this.#raw?.db(name).dropDatabase()));
  }
}

/** AES-256-GCM as the engine's own key ring, which this package doesn't know. The first key seals. */
export function sealerOf(keys: Readonly<Record<string, Buffer>>): Sealer {
  const keyOf = (id: string): Buffer => {
    const key = keys[id];
    if (!key) throw new Error(`no key ${id}`);
    return key;
  };
  const [first = ''] = Object.keys(keys);
  return {
    keyId: first,
    encrypt(plaintext, additionalData) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keyOf(first), iv).setAAD(Buffer.from(additionalData));
      const data = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      const base64 = (bytes: Buffer) => bytes.toString('base64');
      return { keyId: first, iv: base64(iv), tag: base64(cipher.getAuthTag()), data: base64(data) };
    },
    decrypt(sealed, additionalData) {
      const bytes = (text: string) => Buffer.from(text, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', keyOf(sealed.keyId), bytes(sealed.iv))
        .setAAD(Buffer.from(additionalData))
        .setAuthTag(bytes(sealed.tag));
      return Buffer.concat([decipher.update(bytes(sealed.data)), decipher.final()]).toString('utf8');
    },
  };
}

export const newUser = (userId: UserId = 'acme', more: Partial<NewUser> = {}): NewUser => ({
  userId,
  address: ADDRESS,
  credentials: CREDENTIALS,
  ...more,
});

export const turnOf = ({ userKey, life }: UserRef, turnId = `tail-${userKey}`): TurnRef => ({
  kind: 'tail',
  userKey,
  life,
  turnId,
  release: 1,
});

/** A user who was never there. */
export const NOBODY: AddressedUser = { userKey: 'nobody', life: 'none', address: ADDRESS };

export const SUMMARY: TurnSummary = { end: 'succeeded', pages: 1, counts: null };

export const record = (
  odooId: number,
  fields: Readonly<Record<string, unknown>> = {},
  hash = `h${odooId}`,
): SourceRecord => {
  const writeDate = new Date('2026-11-22T10:00:00Z');
  const all = { id: odooId, name: `Record ${odooId}`, write_date: writeDate, ...fields };
  return { odooId, writeDate, hash, document: BSON.serialize(all), fields: all };
};

export const records = (from: number, to: number, make: (id: number) => SourceRecord = record) =>
  Array.from({ length: to - from + 1 }, (_, n) => make(from + n));

export interface StreamOptions {
  /** As Odoo sent them; 1,000 a record unless told. */
  readonly bytes?: number;
  /** Records in a chunk. */
  readonly chunk?: number;
  /** Before a chunk is handed out; `reading` counts how often the stream was begun. */
  readonly onChunk?: (chunk: number, reading: number) => unknown;
}

export function streamOf(all: readonly SourceRecord[], options: StreamOptions = {}): RecordStream {
  const size = options.chunk ?? 1_000;
  let readings = 0;
  return {
    records: all.length,
    bytes: options.bytes ?? all.length * 1_000,
    async *chunks(from) {
      const reading = ++readings;
      for (let chunk = from; chunk * size < all.length; chunk++) {
        await options.onChunk?.(chunk, reading);
        yield all.slice(chunk * size, (chunk + 1) * size);
      }
    },
  };
}

/** Of the tests' records. */
const FIELDS = [
  { name: 'id', type: 'integer' },
  { name: 'name', type: 'char' },
  { name: 'write_date', type: 'datetime' },
  { name: 'fax', type: 'char' },
  { name: 'note', type: 'text' },
  { name: 'partner_id', type: 'many2one' },
  { name: 'tag_ids', type: 'many2many' },
  { name: 'active', type: 'boolean' },
  { name: 'amount', type: 'float' },
  { name: 'date', type: 'date' },
];

export const passOf = (user: User, lane: Lane, more: Partial<WriteScope> = {}): WriteScope => ({
  user,
  lane,
  module: lane.module,
  fields: { fields: FIELDS, dropped: [], version: 'v1' },
  retired: [],
  origin: 'the-batch',
  ...more,
});

export const RESULT: Omit<PassResult, 'counts'> = {
  readStartedAt: odooTime(new Date('2026-11-24T00:30:00Z')),
  seals: true,
  sealDueAt: odooTime(new Date('2026-11-24T00:15:00Z')),
  unreadable: [],
  pages: 2,
  durationMs: 40,
};

/** Where the tests' users begin. */
export const firstDay = (user: User): Date => rangeStartOf(user) ?? user.connectedAt;

/** Makes every module's windows up to a moment, as if no survey had told what they hold. */
export async function layWindows(store: MongoStore, user: User, until: Date): Promise<void> {
  const tiling = { range: user.rangeDays, from: firstDay(user), until: odooTime(windowOf(until).end) };
  const history = {
    tiling,
    toRead: windowsToRead(tiling.from, tiling.until, [], null),
    empty: [],
    surveyedAt: odooTime(until),
    records: null,
  };
  for (const module of MODULE_NAMES) {
    const grant = await store.takeLane(turnOf(user), module);
    if (!('lane' in grant)) throw new Error(`the lane is busy for ${grant.busyForMs} ms`);
    await store.createWindows(grant.lane, null, history);
    await grant.lane.giveBack(SUMMARY);
  }
  await store.extendTiling(user, odooTime(until));
}

/** The first window's batch of a module, released and started. */
export async function runningBatch(
  store: MongoStore,
  user: User,
  module: ModuleName = 'contacts',
): Promise<Batch> {
  await layWindows(store, user, firstDay(user));
  const batch = await store.batch(batchIdOf(user.userKey, module, firstDay(user)));
  const queued = batch && (await store.batchEvent(batch, { type: 'release', at: storeTime(new Date()) }));
  const running = queued && (await store.batchEvent(queued, { type: 'start' }));
  if (!running) throw new Error('the batch does not start');
  return running;
}
