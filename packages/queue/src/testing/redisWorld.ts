import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { TurnJob } from '@odoo-sync/core';
import { type LocalRedis, startRedis } from '@odoo-sync/local-servers';
import type { Queue } from 'bullmq';
import { openConnection, type QueueConnection } from '../connection.js';
import { createJobQueue, type JobQueueOptions } from '../jobQueue.js';
import { openQueue } from '../queues.js';
import type { QueueRole } from '../redisClient.js';

export { until } from '@odoo-sync/local-servers';

const OPTIONS: JobQueueOptions = { backoffMs: 20, keepCompleted: 100, keepFailed: 100 };

export interface LoggedLine {
  readonly message: string;
  readonly error: unknown;
}

/** A private Redis for the tests of a file, and what they open on it, closed after each test. */
export class RedisWorld {
  #redis: LocalRedis | undefined;
  #tests = 0;
  #closers: (() => unknown)[] = [];
  logged: LoggedLine[] = [];

  constructor() {
    beforeAll(async () => {
      this.#redis = await startRedis({ log: () => {} });
    });
    afterEach(async () => {
      for (const close of this.#closers.splice(0).reverse()) await close();
      this.logged = [];
      this.#tests++;
    });
    afterAll(async () => {
      await this.#redis?.stop();
    });
  }

  get redis(): LocalRedis {
    if (!this.#redis) throw new Error('no Redis is running');
    return this.#redis;
  }

  /** One for each test. */
  get prefix(): string {
    return `{test-${this.#tests}}`;
  }

  readonly log = {
    info: () => {},
    warn: (fields: object, message: string) => {
      this.logged.push({ message, error: (fields as { readonly err?: unknown }).err });
    },
  };

  onEnd(close: () => unknown): void {
    this.#closers.push(close);
  }

  async connect(role: QueueRole = 'worker'): Promise<QueueConnection> {
    const connection = await openConnection(this.redis.url, { role, log: this.log });
    this.onEnd(() => connection.disconnect());
    return connection;
  }

  async open(options: Partial<JobQueueOptions> = {}, role: QueueRole = 'worker') {
    const connection = await this.connect(role);
    const queue: Queue = openQueue(connection, this.prefix);
    this.onEnd(() => queue.close());
    return { connection, queue, jobQueue: createJobQueue(queue, { ...OPTIONS, ...options }) };
  }
}

export const turnJob = (more: Partial<TurnJob> = {}): TurnJob => ({
  kind: 'backfill',
  userKey: 'acme',
  life: 'first',
  turnId: 'acme.contacts.2026-11-22',
  release: 1,
  module: 'contacts',
  windowStart: '2026-11-22T00:00:00.000Z',
  windowEnd: '2026-11-23T00:00:00.000Z',
  attempts: 4,
  delayMs: 0,
  ...more,
});

export const JOB_ID = 'acme.contacts.2026-11-22-1';
