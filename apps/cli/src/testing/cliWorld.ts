import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import {
  batchIdOf,
  MODULE_NAMES,
  type ModuleName,
  rangeStartOf,
  type Store,
  type User,
  WINDOW_MS,
  windowOf,
  windowsToRead,
} from '@odoo-sync/core';
import { type LocalMongo, startMongo } from '@odoo-sync/local-servers';
import { KeyRing, loadConfig } from '@odoo-sync/runtime';
import { type SimulatedDatabase, type Simulator, startSimulator } from '@odoo-sync/simulator';
import { COLLECTIONS, type MongoStore, openStore } from '@odoo-sync/store-mongo';
import { exitCodeOfCommand } from '@odoo-sync/terminal';
import { type Db, MongoClient } from 'mongodb';
import { createProgram } from '../program.js';

/** Where the tests' users begin. */
export const firstDay = (user: User): Date => rangeStartOf(user) ?? user.connectedAt;

/** Makes every module's windows up to now, as if no survey had told what they hold. */
export async function layWindows(store: Store, user: User): Promise<void> {
  const tiling = { range: user.rangeDays, from: firstDay(user), until: windowOf(user.connectedAt).end };
  const toRead = windowsToRead(tiling.from, tiling.until, [], null);
  const history = { tiling, toRead, empty: [], surveyedAt: user.connectedAt, records: null };
  for (const module of MODULE_NAMES) {
    const grant = await store.takeLane({ ...user, kind: 'tail', turnId: 'made', release: 0 }, module);
    if (!('lane' in grant)) throw new Error('the lane of a new user is taken');
    await store.createWindows(grant.lane, null, history);
    await grant.lane.giveBack({ end: 'noop', pages: 0, counts: null });
  }
}

export interface Said {
  /** Standard output. */
  readonly out: string;
  /** Standard error. */
  readonly notes: string;
  readonly error: unknown;
  readonly exitCode: number;
}

export interface SayOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stop?: AbortSignal;
}

/** A private MongoDB and an Odoo for the tests of a file, a fresh database for each, and commands said in this process. */
export class CliWorld {
  #mongo: LocalMongo | undefined;
  #raw: MongoClient | undefined;
  #simulator: Simulator | undefined;
  #tests = 0;
  #closers: (() => unknown)[] = [];
  readonly #keys = `k1:${randomBytes(32).toString('base64')}`;
  readonly #told: string[] = [];
  readonly secrets: string[] = [this.#keys.slice(3)];

  constructor() {
    beforeAll(async () => {
      this.#mongo = await startMongo({ log: () => {} });
      this.#raw = await new MongoClient(this.#mongo.url, { readConcern: { level: 'majority' } }).connect();
      this.#simulator = await startSimulator();
    });
    afterEach(async () => {
      for (const close of this.#closers.splice(0).reverse()) await close();
      this.#tests++;
    });
    afterAll(async () => {
      await this.#simulator?.close();
      await this.#raw?.close();
      await this.#mongo?.stop();
    });
  }

  get simulator(): Simulator {
    if (!this.#simulator) throw new Error('no simulator is running');
    return this.#simulator;
  }

  get db(): Db {
    if (!this.#raw) throw new Error('no MongoDB is running');
    return this.#raw.db(`test${this.#tests}`);
  }

  get env(): Readonly<Record<string, string>> {
    const url = new URL(this.#mongo?.url ?? '');
    url.pathname = `/test${this.#tests}`;
    return {
      MONGODB_URL: url.toString(),
      REDIS_URL: 'redis://127.0.0.1:1',
      CREDENTIALS_KEYS: this.#keys,
      INITIAL_SYNC_RANGE_DAYS: '2',
    };
  }

  /** Everything that any command of this file has said. */
  get told(): string {
    return this.#told.join('\n');
  }

  /** Runs a command line without a terminal. A fault becomes the exit code that the process would have. */
  async say(args: readonly string[], options: SayOptions = {}): Promise<Said> {
    const out: string[] = [];
    const notes: string[] = [];
    let exitCode = 0;
    const program = createProgram({
      env: { ...this.env, ...options.env },
      stop: options.stop ?? new AbortController().signal,
      write: (text) => void out.push(text),
      note: (text) => void notes.push(text),
      terminal: false,
      exitWith: (code) => {
        exitCode = code;
      },
    });
    let error: unknown;
    try {
      await program.parseAsync(['node', 'odoo-sync', ...args]);
    } catch (thrown) {
      error = thrown;
    }
    if (error !== undefined) exitCode = exitCodeOfCommand(error);
    const stack = error instanceof Error ? `${error.stack} ${JSON.stringify(error)}` : '';
    this.#told.push(...out, ...notes, stack);
    return { out: out.join('\n'), notes: notes.join('\n'), error, exitCode };
  }

  /** The store as the fleet would open it. */
  async store(): Promise<MongoStore> {
    const config = loadConfig(this.env, 'cli');
    const store = await openStore({
      url: config.mongodbUrl,
      settings: config.engine,
      sealer: new KeyRing(config.credentialsKeys),
      log: { info: () => {}, warn: () => {} },
    });
    this.#closers.push(() => store.close());
    return store;
  }

  /** A database of Odoo whose reader has a key of his own. */
  odoo(name = `acme${this.#tests}`): {
    readonly odoo: SimulatedDatabase;
    readonly key: string;
    readonly password: string;
  } {
    const [key, password] = [randomBytes(20).toString('hex'), `pw-${randomBytes(12).toString('hex')}`];
    this.secrets.push(key, password);
    const odoo = this.simulator.addDatabase({ name, users: [{ login: 'reader', password, apiKey: key }] });
    return { odoo, key, password };
  }

  /** A user of the store with his windows: three a module. */
  async user(store: MongoStore, userId = 'acme'): Promise<User> {
    const secret = randomBytes(20).toString('hex');
    this.secrets.push(secret);
    const address = { url: 'https://acme.example', db: 'acme' };
    const user = await store.addUser({
      userId,
      address,
      credentials: { kind: 'apiKey', login: 'reader', secret },
    });
    await layWindows(store, user);
    return user;
  }

  /** Makes a window failed, as four attempts would have. @returns its batch's id. */
  async failWindow(user: User, module: ModuleName, day: number): Promise<string> {
    const id = batchIdOf(user.userKey, module, new Date(firstDay(user).getTime() + day * WINDOW_MS));
    const lastError = {
      kind: 'transient',
      message: 'Odoo, or a proxy before it, answered HTTP 502',
      at: new Date(),
    };
    const { matchedCount } = await this.db
      .collection<{ _id: string }>(COLLECTIONS.batches)
      .updateOne(
        { _id: id },
        { $set: { status: 'failed', release: 1, attempts: 4, retries: 4, lastError } },
        { writeConcern: { w: 'majority' } },
      );
    if (matchedCount !== 1) throw new Error(`there is no batch ${id}`);
    return id;
  }
}
