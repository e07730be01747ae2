import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RangeDays, rangeStartOf, type UserReport } from '@odoo-sync/core';
import { type LocalMongo, type LocalRedis, startMongo, startRedis } from '@odoo-sync/local-servers';
import { KeyRing, loadConfig } from '@odoo-sync/runtime';
import { type DatabaseSpec, SimulatorClient } from '@odoo-sync/simulator';
import { type MongoStore, openStore } from '@odoo-sync/store-mongo';
import { type Db, MongoClient } from 'mongodb';
import { differences } from '../oracle/compare.js';
import type { OracleOdoo } from '../oracle/odoo.js';
import { type AppProcess, startApp } from './process.js';
import { until } from './until.js';

/** Quick enough for a test, slow enough that a loaded machine doesn't expire leases by itself. */
const TEST_SETTINGS: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'info',
  RETRY_BACKOFF_MS: '200',
  TAIL_INTERVAL_MS: '1000',
  TAIL_QUIET_MS: '60000',
  SCHEDULER_INTERVAL_MS: '1000',
  REPAIR_MS: '2000',
  LEASE_MS: '3000',
  SHUTDOWN_GRACE_MS: '2000',
};

const CLOCK_GRAIN_MS = 3_000;

export interface WorldOptions {
  /** The simulator's databases; none where the source is a real Odoo. */
  readonly databases?: readonly DatabaseSpec[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly mongo?: { readonly members?: 1 | 3; readonly wiredTigerCacheSizeGB?: number };
}

/** Private servers, a simulator, and the engine's processes: the whole system on one machine. */
export interface World {
  readonly redis: LocalRedis;
  readonly mongo: LocalMongo;
  readonly db: Db;
  readonly store: MongoStore;
  readonly env: Readonly<Record<string, string>>;
  readonly simulatorUrl: string;
  readonly simulator: SimulatorClient;
  /** Starts a process of the fleet; settings go on top of the world's. */
  start(
    app: 'worker' | 'scheduler' | 'api',
    settings?: Readonly<Record<string, string>>,
  ): Promise<AppProcess>;
  /** Connects a database of the simulator as a user, of the same name unless told. */
  addUser(database: string, userId?: string, rangeDays?: RangeDays): Promise<void>;
  odoo(database: string): OracleOdoo;
  report(userKey: string): Promise<UserReport>;
  caughtUp(userKeys: readonly string[], limitMs?: number): Promise<void>;
  /** Caught up with everything that Odoo held when this was called: with the last edit, and with its clock. */
  followed(userKeys: readonly string[], limitMs?: number): Promise<void>;
  /** What the oracle finds unequal between a simulated database and its mirror: nothing, if all is well. */
  differences(database: string, userId?: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const baseDir = await mkdtemp(join(tmpdir(), 'odoo-sync-e2e-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(baseDir, { recursive: true, force: true })];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const log = () => {};
    const [redis, mongo] = await Promise.all([startRedis({ log }), startMongo({ log, ...options.mongo })]);
    closers.push(
      () => redis.stop(),
      () => mongo.stop(),
    );
    const env = {
      ...TEST_SETTINGS,
      REDIS_URL: redis.url,
      MONGODB_URL: withDatabase(mongo.url, 'odoo_sync_e2e'),
      CREDENTIALS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      ...options.settings,
    };
    const config = loadConfig(env, 'cli');
    const store = await openStore({
      url: config.mongodbUrl,
      settings: config.engine,
      sealer: new KeyRing(config.credentialsKeys),
      log: { info: log, warn: log },
    });
    closers.push(() => store.close());
    const client = new MongoClient(env.MONGODB_URL, { readConcern: { level: 'majority' } });
    closers.push(() => client.close());

    const spec = join(baseDir, 'simulator.json');
    await writeFile(spec, JSON.stringify({ databases: options.databases ?? [] }));
    const simulator = await startApp('simulator', {}, ['--spec', spec]);
    closers.push(() => simulator.end('SIGKILL'));
    const { url } = JSON.parse(simulator.lines.find((line) => line.includes('"ready"')) ?? '{}') as {
      url: string;
    };
    return worldOf({ redis, mongo, db: client.db(), store, env, url, closers, close });
  } catch (error) {
    await close();
    throw error;
  }
}

function withDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${database}`;
  return parsed.toString();
}

interface Parts {
  readonly redis: LocalRedis;
  readonly mongo: LocalMongo;
  readonly db: Db;
  readonly store: MongoStore;
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly closers: (() => Promise<unknown>)[];
  readonly close: () => Promise<void>;
}

function worldOf({ redis, mongo, db, store, env, url, closers, close }: Parts): World {
  const odoo = (database: string): OracleOdoo => ({ url, db: database, login: 'admin', password: 'admin' });
  const report = async (userKey: string): Promise<UserReport> => {
    const found = await store.report(userKey);
    if (!found) throw new Error(`there is no user ${userKey}`);
    return found;
  };
  return {
    redis,
    mongo,
    db,
    store,
    env,
    simulatorUrl: url,
    simulator: new SimulatorClient(url),
    async start(app, settings = {}) {
      // Those that open no credentials run without the key ring, as they are deployed.
      const { CREDENTIALS_KEYS: _keys, ...rest } = env;
      const started = await startApp(app, { ...(app === 'worker' ? env : rest), ...settings });
      closers.push(() => started.end('SIGKILL'));
      return started;
    },
    async addUser(database, userId = database, rangeDays) {
      const credentials = { kind: 'apiKey' as const, login: 'admin', secret: `key-${database}` };
      const range = rangeDays === undefined ? {} : { rangeDays };
      await store.addUser({ userId, address: { url, db: database }, credentials, ...range });
    },
    odoo,
    report,
    async caughtUp(userKeys, limitMs = 120_000) {
      for (const userKey of userKeys)
        await until(`${userKey} is caught up`, async () => (await report(userKey)).caughtUp, limitMs);
    },
    async followed(userKeys, limitMs = 120_000) {
      const moment = new Date((await new SimulatorClient(url).call('clock')).now);
      for (const userKey of userKeys) {
        await until(
          `${userKey} has followed`,
          async () => {
            const { caughtUp, modules, user } = await report(userKey);
            const [plan, now] = await Promise.all([store.syncState(user), store.now()]);
            // A clock that was just set is believed when it was seen twice.
            const odooNow = now.getTime() + (plan?.skewMs ?? 0);
            if (odooNow < moment.getTime() - CLOCK_GRAIN_MS) return false;
            return caughtUp && modules.every(({ lastPass }) => lastPass !== null && lastPass > moment);
          },
          limitMs,
        );
      }
    },
    async differences(database, userId = database) {
      const user = await store.user(userId);
      if (!user) throw new Error(`there is no user ${userId}`);
      return differences({
        odoo: odoo(database),
        db,
        userId: user.userId,
        from: rangeStartOf(user) ?? new Date(0),
      });
    },
    close,
  };
}
