import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import {
  type Batch,
  batchIdOf,
  DEFAULT_SETTINGS,
  type EngineSettings,
  type JobQueue,
  jobIdOf,
  MODULE_NAMES,
  MODULES,
  type ModuleName,
  rangeStartOf,
  type Store,
  type SyncState,
  type TurnHandle,
  type TurnJob,
  type TurnOutcome,
  type TurnRef,
  type User,
  WINDOW_MS,
  windowOf,
  windowsToRead,
} from '@odoo-sync/core';
import { advance, createAloneGate, type Engine, runTurn, type TurnLimits } from '@odoo-sync/engine';
import { type LocalMongo, startMongo } from '@odoo-sync/local-servers';
import { createOdooSource } from '@odoo-sync/odoo';
import { createLogger, KeyRing, parseKeyRing } from '@odoo-sync/runtime';
import { Registry } from '@odoo-sync/runtime/monitor';
import {
  type DatabaseSpec,
  type SimulatedDatabase,
  type Simulator,
  startSimulator,
} from '@odoo-sync/simulator';
import { COLLECTIONS, type MongoStore, openStore } from '@odoo-sync/store-mongo';
import { type Db, MongoClient } from 'mongodb';
import { createWorkerMetrics } from '../createWorkerMetrics.js';
import { createSourcePool } from '../sourcePool.js';
import { DiskSpool, type SpoolOptions } from '../spool.js';

export { until } from '@odoo-sync/local-servers';

export const LOGIN = 'reader@acme.example';
const DATABASE = 'turns';
const NOON_MS = 43_200_000;

/** Where the tests' users begin. */
export const firstDay = (user: User): Date => must(rangeStartOf(user), 'his whole history is mirrored');

/** Makes every module's windows up to a moment, as if no survey had told what they hold. */
async function layWindows(store: Store, user: User): Promise<void> {
  const until = user.connectedAt;
  const tiling = { range: user.rangeDays, from: firstDay(user), until: windowOf(until).end };
  const history = {
    tiling,
    toRead: windowsToRead(tiling.from, tiling.until, [], null),
    empty: [],
    surveyedAt: until,
    records: null,
  };
  for (const module of MODULE_NAMES) {
    const turn = {
      kind: 'tail',
      userKey: user.userKey,
      life: user.life,
      turnId: 'made',
      release: 0,
    } as const;
    const grant = await store.takeLane(turn, module);
    if (!('lane' in grant)) throw new Error('the lane of a new user is taken');
    await store.createWindows(grant.lane, null, history);
    await grant.lane.giveBack({ end: 'noop', pages: 0, counts: null });
  }
}

const FAR = 2 ** 31 - 1;
export const NO_LIMITS: TurnLimits = { records: FAR, bytes: FAR, pages: FAR, ms: FAR };

export interface ConnectOptions {
  /** 19 and later speak JSON-2, earlier ones JSON-RPC. */
  readonly version?: number;
  readonly models?: DatabaseSpec['models'];
  readonly settings?: Partial<EngineSettings>;
  /** Windows are made at once, all of them to be read: true unless told. */
  readonly laidOut?: boolean;
  /** Where its Odoo is reached; directly unless told. */
  readonly url?: string;
  /** Where its worker may ask an Odoo; on this machine unless told. */
  readonly allow?: readonly string[];
  /** How far Odoo's `Date` is ahead. */
  readonly dateSkewMs?: number;
  /** Page size, also its limit. */
  readonly pageSize?: number;
  readonly spool?: Partial<SpoolOptions>;
  readonly limits?: Engine['limits'];
  /** A store that does more than the real one. */
  readonly wrap?: (store: Store) => Store;
}

export interface Ran {
  readonly outcome: TurnOutcome;
  /** What the turn wrote into its job's log. */
  readonly lines: readonly string[];
}

/** An engine whose store can be asked everything. */
export type TestEngine = Engine & { readonly store: Store };

/** A user of a simulated Odoo of its own, and a worker's engine that runs its turns when it is told to. */
export interface Tenant {
  readonly engine: TestEngine;
  readonly user: User;
  readonly odoo: SimulatedDatabase;
  /** What opens his Odoo. */
  readonly secret: string;
  readonly jobs: ReadonlyMap<string, TurnJob>;
  /** What this worker has counted, as Prometheus reads it. */
  scrape(): Promise<string>;
  plan(): Promise<SyncState>;
  batch(module?: ModuleName, day?: number): Promise<Batch>;
  /** A window's batch, released and not yet run. */
  released(module?: ModuleName, day?: number): Promise<TurnRef>;
  run(turn: TurnRef, options?: RunOptions): Promise<Ran>;
  /** Runs a window; the first one of the contacts, which is old enough to be sealed, unless told. */
  window(module?: ModuleName, day?: number, options?: RunOptions): Promise<Ran>;
  /** Runs the tail now, whenever it is due. */
  tail(options?: RunOptions): Promise<Ran>;
  /** Runs whatever job is ready, and what follows from it, until none is. */
  drain(): Promise<void>;
  /** Noon of a window. */
  noon(day?: number): Date;
  mirrored(module?: ModuleName): Promise<readonly Mirrored[]>;
  /** Changes the plan as no port does. */
  patchPlan(set: Readonly<Record<string, unknown>>): Promise<void>;
  requests(method: string, model?: string): number;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onLog?: (line: string) => void;
}

export interface Mirrored {
  readonly odooId: number;
  readonly _sync: { readonly hash: string };
  readonly [field: string]: unknown;
}

/**
 * A private MongoDB and an Odoo for the tests of a file. Everything that turns say goes into one log, so that it can be
 * looked through for secrets.
 */
export class TurnWorld {
  #mongo: LocalMongo | undefined;
  #raw: MongoClient | undefined;
  #simulator: Simulator | undefined;
  #users = 0;
  #closers: (() => unknown)[] = [];
  readonly said: string[] = [];
  readonly secrets: string[] = [];

  constructor() {
    beforeAll(async () => {
      this.#mongo = await startMongo({ log: () => {} });
      this.#raw = await new MongoClient(this.#mongo.url, { readConcern: { level: 'majority' } }).connect();
      this.#simulator = await startSimulator();
    });
    afterEach(async () => {
      this.simulator.faults.clear();
      for (const close of this.#closers.splice(0).reverse()) await close();
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
    return this.#raw.db(DATABASE);
  }

  async connect(options: ConnectOptions = {}): Promise<Tenant> {
    if (!this.#mongo) throw new Error('no MongoDB is running');
    const name = `acme${++this.#users}`;
    const [apiKey, password] = [randomBytes(20).toString('hex'), `pw-${randomBytes(12).toString('hex')}`];
    this.secrets.push(apiKey, password);
    const odoo = this.simulator.addDatabase({
      name,
      version: options.version ?? 19,
      users: [{ login: LOGIN, password, apiKey }],
      ...(options.models ? { models: options.models } : {}),
      dateSkewMs: options.dateSkewMs ?? 0,
    });
    const settings = { ...DEFAULT_SETTINGS, rangeDays: 2, ...options.settings };
    const log = createLogger({
      level: 'debug',
      name: 'worker',
      destination: { write: (line: string) => void this.said.push(line) },
    });
    const store = await openStore({
      url: this.#mongo.url,
      database: DATABASE,
      settings,
      sealer: new KeyRing(parseKeyRing(`k1:${randomBytes(32).toString('base64')}`)),
      log,
    });
    this.#closers.push(() => store.close());
    const credentials = { kind: 'apiKey' as const, login: LOGIN, secret: apiKey };
    const user = await store.addUser({
      userId: name,
      address: { url: options.url ?? this.simulator.url, db: name },
      credentials,
    });
    if (options.laidOut ?? true) await layWindows(store, user);
    const limitPerCall = options.pageSize ?? 200;
    const registry = new Registry();
    const metrics = createWorkerMetrics(registry);
    const sources = createSourcePool(
      createOdooSource({
        limitPerCall,
        limitPerCallMax: limitPerCall,
        apiCallDelayMs: 0,
        requestTimeoutMs: 10_000,
        maxAnswerBytes: 67_108_864,
        lang: 'en_US',
        allow: options.allow ?? ['loopback'],
        clockMaxSkewMs: settings.clockMaxSkewMs,
        log,
        onRequest: metrics.requested,
      }),
      store.credentials,
    );
    this.#closers.push(() => sources.close());
    const jobs = new Map<string, TurnJob>();
    const engine: TestEngine = {
      store: options.wrap?.(store) ?? store,
      jobQueue: courierOf(jobs),
      settings,
      sources,
      gate: createAloneGate(),
      openSpool: () => new DiskSpool({ directory: tmpdir(), memoryBytes: 1_000_000, ...options.spool }),
      limits: options.limits ?? { window: NO_LIMITS, tail: NO_LIMITS },
      apiCallDelayMs: 0,
      metrics,
      log,
    };
    return this.#tenant(engine, store, user, odoo, apiKey, jobs, registry);
  }

  #tenant(
    engine: TestEngine,
    store: MongoStore,
    user: User,
    odoo: SimulatedDatabase,
    secret: string,
    jobs: Map<string, TurnJob>,
    registry: Registry,
  ): Tenant {
    const { userKey, life } = user;
    const dayStart = (day: number) => new Date(firstDay(user).getTime() + day * WINDOW_MS);
    const tenant: Tenant = {
      engine,
      user,
      odoo,
      secret,
      jobs,
      scrape: () => registry.metrics(),
      plan: async () => must(await store.syncState(user), 'there is no plan'),
      batch: async (module = 'contacts', day = 0) =>
        must(
          await store.batch(batchIdOf(userKey, module, dayStart(day))),
          `no batch of ${module} on day ${day}`,
        ),
      async released(module = 'contacts', day = 0) {
        const batch = await tenant.batch(module, day);
        const queued =
          batch.status === 'queued'
            ? batch
            : await store.batchEvent(batch, { type: 'release', at: new Date() });
        if (!queued) throw new Error(`${batch._id} can't be released: it is ${batch.status}`);
        return { kind: 'backfill', userKey, life, turnId: queued._id, release: queued.release };
      },
      run: async (turn, { signal = new AbortController().signal, onLog } = {}) => {
        jobs.delete(jobIdOf(turn.turnId, turn.release));
        const lines: string[] = [];
        const handle: TurnHandle = {
          attemptsMade: 0,
          signal,
          log: (line) => {
            lines.push(line);
            this.said.push(line);
            onLog?.(line);
          },
          progress: (state) => void this.said.push(JSON.stringify(state)),
        };
        const outcome = await runTurn(engine, turn, handle);
        const error = 'error' in outcome ? `${outcome.error.stack} ${JSON.stringify(outcome.error)}` : '';
        this.said.push(`${JSON.stringify(outcome)} ${error}`);
        return { outcome, lines };
      },
      window: async (module = 'contacts', day = 0, options = {}) =>
        tenant.run(await tenant.released(module, day), options),
      async tail(options) {
        await tenant.patchPlan({ 'tail.status': 'queued', 'tail.dueAt': new Date() });
        const { release } = (await tenant.plan()).tail;
        return tenant.run({ kind: 'tail', userKey, life, turnId: `tail-${userKey}`, release }, options);
      },
      async drain() {
        await tenant.patchPlan({ nextTurnAt: new Date() });
        await advance(engine, userKey);
        const ready = () => [...jobs.values()].find(({ delayMs }) => delayMs === 0);
        for (let job = ready(); job; job = ready()) {
          const { outcome } = await tenant.run(job);
          if (outcome.type !== 'done')
            throw new Error(`${job.turnId} ended as ${outcome.type}: ${JSON.stringify(outcome)}`);
        }
      },
      noon: (day = 0) => new Date(dayStart(day).getTime() + NOON_MS),
      mirrored: async (module = 'contacts') =>
        this.db
          .collection(MODULES[module].collection)
          .find({ userId: user.userId })
          .sort({ odooId: 1 })
          .toArray() as unknown as Promise<readonly Mirrored[]>,
      patchPlan: async (set) => {
        await this.db
          .collection<{ _id: string }>(COLLECTIONS.plans)
          .updateOne({ _id: userKey }, { $set: set, $inc: { rev: 1 } }, { writeConcern: { w: 'majority' } });
      },
      requests: (method, model = MODULES.contacts.model) => odoo.requests.get(`${model}.${method}`) ?? 0,
    };
    return tenant;
  }

  /** Every document that the engine keeps beside the mirror, as text, and everything that was said. */
  async everythingTold(): Promise<string> {
    const documents = await Promise.all(
      Object.values(COLLECTIONS).map((name) => this.db.collection(name).find().toArray()),
    );
    return JSON.stringify(documents) + this.said.join('\n');
  }
}

/** A queue that only remembers. */
function courierOf(jobs: Map<string, TurnJob>): JobQueue {
  const idOf = ({ turnId, release }: TurnRef) => jobIdOf(turnId, release);
  return {
    add: async (job) => {
      if (!jobs.has(idOf(job))) jobs.set(idOf(job), job);
    },
    state: async (jobId) => {
      const job = jobs.get(jobId);
      if (!job) return 'absent';
      return job.delayMs > 0 ? 'delayed' : 'waiting';
    },
    wake: async (jobId) => {
      const job = jobs.get(jobId);
      if (job) jobs.set(jobId, { ...job, delayMs: 0 });
    },
    remove: async (jobId) => {
      jobs.delete(jobId);
    },
  };
}

export function must<T>(value: T | null | undefined, otherwise: string): T {
  if (value === null || value === undefined) throw new Error(otherwise);
  return value;
}
