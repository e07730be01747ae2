import { randomBytes } from 'node:crypto';
import { KeyRing, loadConfig } from '@odoo-sync/runtime';
import { type MongoStore, openStore } from '@odoo-sync/store-mongo';
import type { Db } from 'mongodb';
import type { Servers } from './servers.js';
import { type Program, startProgram } from './startProgram.js';

export interface FleetOptions {
  readonly workers: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** For Node itself, of the workers alone. */
  readonly nodeArgs?: readonly string[];
  /** One that is filled already; a new one unless told. Whoever filled it gives the key ring among the settings. */
  readonly database?: string;
}

export interface FleetUser {
  readonly userId: string;
  readonly url: string;
  readonly db: string;
  readonly login: string;
  readonly apiKey: string;
}

/** The engine's processes, as an operator starts them, on a database and a queue of their own. */
export interface Fleet {
  /** What every process of it is given. */
  readonly env: Readonly<Record<string, string>>;
  readonly db: Db;
  readonly store: MongoStore;
  readonly workers: readonly Program[];
  readonly scheduler: Program;
  addUser(user: FleetUser): Promise<void>;
  /** Starts one more process, of another app. */
  start(app: string, settings?: Readonly<Record<string, string>>): Promise<Program>;
  /** Ends the processes; what they left stays until the servers end, or `forget`. */
  end(): Promise<void>;
  /** Ends the processes and drops the database. */
  forget(): Promise<void>;
}

/** The first turn shouldn't have to wait for a tick; everything else is as shipped. */
const SETTINGS = { SCHEDULER_INTERVAL_MS: '1000', SHUTDOWN_GRACE_MS: '2000' };

let made = 0;

/** Starts a scheduler and workers. They are ready, and have nothing to do. */
export async function startFleet(servers: Servers, options: FleetOptions): Promise<Fleet> {
  made++;
  const name = options.database ?? `bench_${made}`;
  const env = {
    ...SETTINGS,
    REDIS_URL: servers.redis.url,
    MONGODB_URL: servers.mongodbUrl(name),
    QUEUE_PREFIX: `{bench-${made}}`,
    CREDENTIALS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    ...options.settings,
  };
  const config = loadConfig(env, 'cli');
  const quiet = { info() {}, warn() {} };
  const store = await openStore({
    url: config.mongodbUrl,
    settings: config.engine,
    sealer: new KeyRing(config.credentialsKeys),
    log: quiet,
  });
  const programs: Program[] = [];
  let open = true;
  const end = async () => {
    await Promise.all(programs.map((program) => program.end()));
    if (open) await store.close();
    open = false;
  };
  servers.onClose(end);
  const start = async (
    app: string,
    settings: Readonly<Record<string, string>> = {},
    nodeArgs: readonly string[] = [],
  ) => {
    const program = await startProgram(`apps/${app}/dist/main.js`, { ...env, ...settings }, [], nodeArgs);
    programs.push(program);
    return program;
  };
  const workers = await Promise.all(
    Array.from({ length: options.workers }, () => start('worker', {}, options.nodeArgs)),
  );
  const scheduler = await start('scheduler');
  const db = servers.client.db(name);
  return {
    env,
    db,
    store,
    workers,
    scheduler,
    async addUser({ userId, url, db: database, login, apiKey }) {
      const credentials = { kind: 'apiKey' as const, login, secret: apiKey };
      await store.addUser({ userId, address: { url, db: database }, credentials });
    },
    start: (app, settings) => start(app, settings),
    end,
    async forget() {
      await end();
      await db.dropDatabase();
    },
  };
}

/** A database of the simulator's as a user. */
export const simulatedUser = (url: string, db: string): FleetUser => ({
  userId: db,
  url,
  db,
  login: 'admin',
  apiKey: `key-${db}`,
});
