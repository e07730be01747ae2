import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect } from '@jest/globals';
import { DEFAULT_SETTINGS, type JobEnd, jobIdOf, odooTime, storeTime } from '@odoo-sync/core';
import { advance } from '@odoo-sync/engine';
import {
  createJobQueue,
  createTurnWorker,
  openConnection,
  openQueue,
  TICK_QUEUE,
  type TurnPayload,
} from '@odoo-sync/queue';
import { createLogger, type HttpLimits } from '@odoo-sync/runtime';
import { firstDay, layWindows, until, World } from '@odoo-sync/testkit';
import { closeServer } from '../closeServer.js';
import type { Services } from '../context.js';
import { createServer } from '../createServer.js';

export const SECRET = 'a-secret-that-nobody-may-read';
export const SETTINGS = { ...DEFAULT_SETTINGS, rangeDays: 2, tailIntervalMs: 600_000, tailQuietMs: 600_000 };
const JOB_QUEUE = { backoffMs: 20, keepCompleted: 100, keepFailed: 1_000 };
const QUIET_MS = 600_000;
const FAILING_MS = 20_000;

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

/** An API for each test, and a fleet whose windows all fail. @param options whether the tests kill its servers. */
export class ApiWorld extends World {
  constructor({ own = false }: { readonly own?: boolean } = {}) {
    super({ redis: true, own });
  }

  async open(token: string | null = null): Promise<Api> {
    const log = createLogger({ level: 'silent', name: 'api' });
    const store = await this.openStore(SETTINGS, { log, connectTimeoutMs: 2_000 });
    const connection = await openConnection(this.servers.redisUrl, { role: 'api' });
    this.onEnd(() => connection.disconnect());
    const turns = openQueue(connection, this.prefix);
    const tick = openQueue(connection, this.prefix, TICK_QUEUE);
    this.onEnd(() => Promise.all([turns.close(), tick.close()]));
    const jobQueue = createJobQueue(turns, JOB_QUEUE);
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
    for (const secret of this.secrets) expect(read).not.toContain(secret);
    const isJson = String(answer.headers['content-type']).includes('json');
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      text: read,
      json: isJson ? JSON.parse(read) : null,
    };
  }

  /** A user with its windows, three a module. */
  async addUser({ store }: Services, userId = 'acme') {
    const user = await store.addUser({
      userId,
      address: { url: 'https://odoo.example', db: 'acme' },
      credentials: { kind: 'apiKey', login: 'admin', secret: SECRET },
    });
    await layWindows(store, user);
    return { ...user, tilingStart: firstDay(user) };
  }

  /**
   * Runs the fleet on the user until so many windows have failed: each uses up its attempts in the ledger, and its job fails.
   * @returns what ran, tails aside.
   */
  async failWindows(api: Api, userKey: string, count: number): Promise<readonly TurnPayload[]> {
    const ran: TurnPayload[] = [];
    const connection = await openConnection(this.servers.redisUrl, { role: 'worker' });
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
    await until(
      `${count} windows have failed`,
      async () => {
        const failed = await Promise.all(
          ran.map(({ turnId, release }) => api.jobQueue.state(jobIdOf(turnId, release))),
        );
        return failed.length >= count && failed.every((state) => state === 'failed');
      },
      FAILING_MS,
    );
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
    quiet: false,
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
    const at = storeTime(new Date());
    const healAt = new Date(at.getTime() + SETTINGS.healMs);
    const error = { kind: 'transient' as const, message, at };
    await store.batchEvent(running, {
      type: 'fail',
      error,
      retryAt: at,
      healAt: odooTime(healAt),
    });
  }
}
