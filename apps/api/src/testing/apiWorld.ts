import { createSecretKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import {
  DEFAULT_SETTINGS,
  type JobEnd,
  jobIdOf,
  MODULE_NAMES,
  tilingStartOf,
  windowOf,
  windowsToRead,
} from '@odoo-sync/core';
import { advance } from '@odoo-sync/engine';
import { type LocalMongo, type LocalRedis, startMongo, startRedis } from '@odoo-sync/local-servers';
import {
  createJobQueue,
  createTurnWorker,
  openConnection,
  openQueue,
  TICK_QUEUE,
  type TurnPayload,
} from '@odoo-sync/queue';
import { createLogger, type HttpLimits, KeyRing } from '@odoo-sync/runtime';
import { COLLECTIONS, openStore } from '@odoo-sync/store-mongo';
import { MongoClient } from 'mongodb';
import { closeServer } from '../closeServer.js';
import type { Services } from '../context.js';
import { createServer } from '../createServer.js';

export const SECRET = 'a-secret-that-nobody-may-read';
export const SETTINGS = { ...DEFAULT_SETTINGS, rangeDays: 2, tailIntervalMs: 600_000, tailQuietMs: 600_000 };
const COURIER = { backoffMs: 20, keepCompleted: 100, keepFailed: 1_000 };
const QUIET_MS = 600_000;

export interface Api extends Services {
  readonly url: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly json: any;
}

/** Private servers for the tests of a file, an API for each test, and a fleet whose windows all fail. */
export class ApiWorld {
  #redis: LocalRedis | undefined;
  #mongo: LocalMongo | undefined;
  #tests = 0;
  #closers: (() => unknown)[] = [];
  readonly #key = randomBytes(32);

  constructor() {
    beforeAll(async () => {
      const log = () => {};
      [this.#redis, this.#mongo] = await Promise.all([startRedis({ log }), startMongo({ log })]);
    });
    afterEach(async () => {
      for (const close of this.#closers.splice(0).reverse()) await close();
      this.#tests++;
    });
    afterAll(async () => {
      await Promise.all([this.#redis?.stop(), this.#mongo?.stop()]);
    });
  }

  get redis(): LocalRedis {
    if (!this.#redis) throw new Error('no Redis is running');
    return this.#redis;
  }

  get mongo(): LocalMongo {
    if (!this.#mongo) throw new Error('no MongoDB is running');
    return this.#mongo;
  }

  get prefix(): string {
    return `{api-${this.#tests}}`;
  }

  onEnd(close: () => unknown): void {
    this.#closers.push(close);
  }

  async open(token: string | null = null): Promise<Api> {
    const log = createLogger({ level: 'silent', name: 'api' });
    const store = await openStore({
      url: this.mongo.url,
      database: `api${this.#tests}`,
      settings: SETTINGS,
      sealer: new KeyRing([{ id: 'k1', key: createSecretKey(this.#key) }]),
      log,
      connectTimeoutMs: 2_000,
    });
    this.onEnd(() => store.close());
    const connection = await openConnection(this.redis.url, { role: 'api' });
    this.onEnd(() => connection.disconnect());
    const turns = openQueue(connection, this.prefix);
    const tick = openQueue(connection, this.prefix, TICK_QUEUE);
    this.onEnd(() => Promise.all([turns.close(), tick.close()]));
    const jobQueue = createJobQueue(turns, COURIER);
    const figures = () => store.fleetFigures();
    const services: Services = { store, connection, turns, tick, jobQueue, settings: SETTINGS, figures, log };
    return { ...services, url: await this.serve(services, token) };
  }

  async serve(services: Services, token: string | null = null, limits?: HttpLimits): Promise<string> {
    const app = await createServer(services, token, limits);
    this.onEnd(() => closeServer(app));
    return app.listen({ host: '127.0.0.1', port: 0 });
  }

  /** Asks, and sees that no answer ever holds a secret. */
  async ask(
    { url }: Pick<Api, 'url'>,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    path: string,
    body?: object | string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const asked = request(`${url}${path}`, { method, headers: { ...type, ...headers } });
    asked.end(typeof body === 'object' ? JSON.stringify(body) : body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const read = await text(answer);
    expect(read).not.toContain(SECRET);
    expect(read).not.toContain(this.#key.toString('base64'));
    const isJson = String(answer.headers['content-type']).includes('json');
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      text: read,
      json: isJson ? JSON.parse(read) : null,
    };
  }

  /** A user with his windows, three a module. */
  async addUser({ store }: Services, userId = 'acme') {
    const user = await store.addUser({
      userId,
      address: { url: 'https://odoo.example', db: 'acme' },
      credentials: { kind: 'apiKey', login: 'admin', secret: SECRET },
    });
    const tilingStart = tilingStartOf(user.connectedAt, SETTINGS.rangeDays);
    const tiling = { range: user.rangeDays, from: tilingStart, until: windowOf(user.connectedAt).end };
    const toRead = windowsToRead(tiling.from, tiling.until, [], null);
    const history = { tiling, toRead, empty: [], surveyedAt: user.connectedAt, records: null };
    for (const module of MODULE_NAMES) {
      const grant = await store.takeLane({ ...user, kind: 'tail', turnId: 'made', release: 0 }, module);
      if (!('lane' in grant)) throw new Error('the lane of a new user is taken');
      await store.createWindows(grant.lane, null, history);
      await grant.lane.giveBack({ end: 'noop', pages: 0, counts: null });
    }
    return { ...user, tilingStart };
  }

  /** Changes a user's plan as no port does. */
  async patchPlan(userKey: string, set: Readonly<Record<string, unknown>>): Promise<void> {
    const client = new MongoClient(this.mongo.url);
    this.onEnd(() => client.close());
    await client
      .db(`api${this.#tests}`)
      .collection<{ _id: string }>(COLLECTIONS.plans)
      .updateOne({ _id: userKey }, { $set: set }, { writeConcern: { w: 'majority' } });
  }

  /**
   * Runs the fleet on the user until so many windows have failed: each uses up its attempts in the ledger, and its job fails.
   * @returns what ran, tails aside.
   */
  async failWindows(api: Api, userKey: string, count: number): Promise<readonly TurnPayload[]> {
    const ran: TurnPayload[] = [];
    const connection = await openConnection(this.redis.url, { role: 'worker' });
    const worker = createTurnWorker({
      connection,
      prefix: this.prefix,
      concurrency: 1,
      process: async (turn) => {
        if (turn.kind === 'tail') return endTail(api, turn);
        const outcome = await useUpAttempts(api, turn);
        ran.push(turn);
        if (ran.length < count) await advance(api, turn.userKey);
        return outcome;
      },
    });
    await advance(api, userKey);
    await until(`${count} windows have failed`, async () => {
      const failed = await Promise.all(
        ran.map(({ turnId, release }) => api.jobQueue.state(jobIdOf(turnId, release))),
      );
      return failed.length >= count && failed.every((state) => state === 'failed');
    });
    await worker.stop(1_000);
    await connection.disconnect();
    return ran;
  }
}

async function endTail(api: Api, turn: TurnPayload): Promise<JobEnd> {
  await api.store.tailStart(turn, turn.release);
  const pauses = { pauseMs: QUIET_MS, waitMs: QUIET_MS };
  const end = {
    ...pauses,
    changed: false,
    error: null,
    passes: new Map(),
    missed: [],
    odooNow: null,
    clockOffMs: null,
  };
  await api.store.tailEnd(turn, turn.release, end);
  await advance(api, turn.userKey);
  return { type: 'done', result: null };
}

async function useUpAttempts({ store }: Api, { turnId }: TurnPayload): Promise<JobEnd> {
  // A user's error text can hold anything.
  const message = `502 from https://admin:${SECRET}@odoo.example <script>alert(1)</script>`;
  for (;;) {
    const batch = await store.batch(turnId);
    const running = batch?.status === 'queued' && (await store.batchEvent(batch, { type: 'start' }));
    if (!running) return { type: 'fail', error: new Error('502 from Odoo') };
    const at = new Date();
    const healAt = new Date(at.getTime() + SETTINGS.healMs);
    const error = { kind: 'transient' as const, message, at };
    await store.batchEvent(running, { type: 'fail', error, retryAt: at, healAt });
  }
}

/** Waits for a condition, and says which one never came. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
