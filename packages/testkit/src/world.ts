import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { EngineSettings } from '@odoo-sync/core';
import { KeyRing, parseKeyRing } from '@odoo-sync/runtime';
import type { DatabaseSpec, SimulatedDatabase } from '@odoo-sync/simulator';
import { COLLECTIONS, type MongoStore, openStore, type StoreOptions } from '@odoo-sync/store-mongo';
import { type Db, MongoClient } from 'mongodb';
import { must } from './must.js';
import { type ServerOptions, Servers } from './servers.js';

export interface WorldOptions extends ServerOptions {
  /** The tests of the file share a database; each has one of its own unless told. */
  readonly oneDatabase?: boolean;
}

/** A database of the simulator, and what opens it. */
export interface ReadableOdoo {
  readonly odoo: SimulatedDatabase;
  readonly key: string;
  readonly password: string;
}

/**
 * What the tests of an app's file stand on: real servers, a database and a prefix of their own, and the store on them. It
 * knows every secret that it gave out, so that a test can look for them where they don't belong.
 */
export class World {
  /** `CREDENTIALS_KEYS` */
  readonly keys = `k1:${randomBytes(32).toString('base64')}`;
  readonly secrets: string[] = [this.keys.slice(3)];
  protected readonly servers: Servers;
  readonly #file = randomBytes(4).toString('hex');
  readonly #closers: (() => unknown)[] = [];
  #raw: MongoClient | undefined;
  #tests = 0;

  constructor(private readonly options: WorldOptions = {}) {
    this.servers = new Servers(options);
    beforeAll(async () => {
      const reading = { readConcern: { level: 'majority' } } as const;
      this.#raw = await new MongoClient(this.servers.mongoUrl, reading).connect();
    });
    afterEach(async () => {
      if (options.simulator) this.simulator.faults.clear();
      for (const close of this.#closers.splice(0).reverse()) await close();
      this.#tests++;
    });
    afterAll(async () => {
      await this.#dropDatabases();
      await this.#raw?.close();
    });
  }

  get mongo() {
    return this.servers.mongo;
  }

  get redis() {
    return this.servers.redis;
  }

  get simulator() {
    return this.servers.simulator;
  }

  /** How many tests of the file came before. */
  get tests(): number {
    return this.#tests;
  }

  get database(): string {
    return this.#databaseOf(this.#tests);
  }

  /** The database, through a client that the store knows nothing of. */
  get db(): Db {
    return must(this.#raw, 'no MongoDB is running').db(this.database);
  }

  /** `QUEUE_PREFIX` */
  get prefix(): string {
    return `{${this.#file}-${this.#tests}}`;
  }

  /** After the test, the last told first. */
  onEnd(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** The store as the fleet would open it. */
  async openStore(settings: EngineSettings, more: Partial<StoreOptions> = {}): Promise<MongoStore> {
    const store = await openStore({
      url: this.servers.mongoUrl,
      database: this.database,
      settings,
      sealer: new KeyRing(parseKeyRing(this.keys)),
      log: { info: () => {}, warn: () => {} },
      ...more,
    });
    this.onEnd(() => store.close());
    return store;
  }

  /** A database of Odoo whose reader has a key and a password that nobody else has. */
  addOdoo(login: string, spec: Omit<DatabaseSpec, 'users'>): ReadableOdoo {
    const [key, password] = [randomBytes(20).toString('hex'), `pw-${randomBytes(12).toString('hex')}`];
    this.secrets.push(key, password);
    const odoo = this.simulator.addDatabase({ ...spec, users: [{ login, password, apiKey: key }] });
    return { odoo, key, password };
  }

  /** Changes a user's plan as no port does. */
  async patchPlan(userKey: string, set: Readonly<Record<string, unknown>>): Promise<void> {
    await this.db
      .collection<{ _id: string }>(COLLECTIONS.plans)
      .updateOne({ _id: userKey }, { $set: set, $inc: { rev: 1 } }, { writeConcern: { w: 'majority' } });
  }

  #databaseOf(test: number): string {
    return `test_${this.#file}_${this.options.oneDatabase ? 'all' : test}`;
  }

  async #dropDatabases(): Promise<void> {
    if (this.options.own) return;
    const names = new Set(Array.from({ length: this.#tests }, (_, test) => this.#databaseOf(test)));
    await Promise.all([...names].map((name) => this.#raw?.db(name).dropDatabase()));
  }
}
