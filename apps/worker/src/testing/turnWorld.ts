import { tmpdir } from 'node:os';
import { DEFAULT_SETTINGS, type EngineSettings, type Store, type TurnJob } from '@odoo-sync/core';
import { createAloneGate, type Engine, type TurnLimits } from '@odoo-sync/engine';
import { createOdooSource } from '@odoo-sync/odoo';
import { createLogger } from '@odoo-sync/runtime';
import { Registry } from '@odoo-sync/runtime/monitor';
import type { DatabaseSpec } from '@odoo-sync/simulator';
import { COLLECTIONS } from '@odoo-sync/store-mongo';
import { layWindows, World } from '@odoo-sync/testkit';
import { createWorkerMetrics } from '../createWorkerMetrics.js';
import { createSourcePool } from '../sourcePool.js';
import { DiskSpool, type SpoolOptions } from '../spool.js';
import { rememberedQueue } from './rememberedQueue.js';
import { createTenant, type Tenant, type TestEngine } from './tenant.js';

export const LOGIN = 'reader@acme.example';

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

/**
 * An Odoo and a database for the tests of a file, and a worker's engine for each user. Everything that turns say goes into
 * one log, so that it can be looked through for secrets.
 */
export class TurnWorld extends World {
  #users = 0;
  readonly said: string[] = [];

  constructor() {
    super({ simulator: true, oneDatabase: true });
  }

  async connect(options: ConnectOptions = {}): Promise<Tenant> {
    const name = `acme${++this.#users}`;
    const { odoo, key: secret } = this.addOdoo(LOGIN, {
      name,
      version: options.version ?? 19,
      ...(options.models ? { models: options.models } : {}),
      dateSkewMs: options.dateSkewMs ?? 0,
    });
    const settings = { ...DEFAULT_SETTINGS, rangeDays: 2, ...options.settings };
    const log = createLogger({
      level: 'debug',
      name: 'worker',
      destination: { write: (line: string) => void this.said.push(line) },
    });
    const store = await this.openStore(settings, { log });
    const credentials = { kind: 'apiKey' as const, login: LOGIN, secret };
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
    this.onEnd(() => sources.close());
    const jobs = new Map<string, TurnJob>();
    const engine: TestEngine = {
      store: options.wrap?.(store) ?? store,
      jobQueue: rememberedQueue(jobs),
      settings,
      sources,
      gate: createAloneGate(),
      openSpool: () => new DiskSpool({ directory: tmpdir(), memoryBytes: 1_000_000, ...options.spool }),
      limits: options.limits ?? { window: NO_LIMITS, tail: NO_LIMITS },
      apiCallDelayMs: 0,
      metrics,
      log,
    };
    const scrape = () => registry.metrics();
    return createTenant({ world: this, engine, store, user, odoo, secret, jobs, scrape });
  }

  /** Every document that the engine keeps beside the mirror, as text, and everything that was said. */
  async everythingTold(): Promise<string> {
    const documents = await Promise.all(
      Object.values(COLLECTIONS).map((name) => this.db.collection(name).find().toArray()),
    );
    return JSON.stringify(documents) + this.said.join('\n');
  }
}
