import { setTimeout as after } from 'node:timers/promises';
import { type Log, SILENT } from '@odoo-sync/core';
import { QueueUnreachableError } from './errors.js';
import { reportOutages } from './outages.js';
import { createClient, type QueueRole, type RedisClient } from './redisClient.js';
import { nameOf, parseRedisUrl, type RedisTarget } from './redisTarget.js';
import { checkDatabase, checkServer } from './serverChecks.js';
import { lateRemedy, refusalOf } from './startFaults.js';
import { within } from './within.js';

const START_LIMIT_MS = 10_000;
const QUIT_LIMIT_MS = 1_000;

export interface ConnectionOptions {
  readonly role: QueueRole;
  readonly log?: Log;
  /** How long Redis may take to answer at the start. */
  readonly startLimitMs?: number;
}

/** A connection that queues, job queues and workers of one process share. They don't close it. */
export interface QueueConnection {
  readonly redis: RedisClient;
  /** Hosts and ports, for messages: never a password. */
  readonly name: string;
  readonly version: string;
  readonly log: Log;
  /** @throws when Redis doesn't answer within a second. */
  ping(): Promise<void>;
  /** Lets commands under way end, if the server is there. */
  disconnect(): Promise<void>;
}

/**
 * Connects, and checks that the server keeps what it is given.
 * @throws QueueConfigurationError (exit code 78) for a URL, password, version or eviction policy that won't do;
 *   QueueUnreachableError when it doesn't answer. Neither shows the URL's password.
 */
export async function openConnection(
  redisUrl: string,
  { role, log = SILENT, startLimitMs = START_LIMIT_MS }: ConnectionOptions,
): Promise<QueueConnection> {
  const target = parseRedisUrl(redisUrl);
  const name = nameOf(target);
  const redis = createClient(target, role);
  try {
    await becomeReady(redis, target, startLimitMs);
    const version = await checkServer(redis, target);
    await checkDatabase(redis, target);
    const isClosing = reportOutages(redis, name, log);
    return {
      redis,
      name,
      version,
      log,
      ping: () => ping(redis, name),
      disconnect() {
        isClosing();
        return disconnect(redis);
      },
    };
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

/** ioredis would try for ever: at the start, somebody waits for a word. */
async function becomeReady(redis: RedisClient, target: RedisTarget, limitMs: number): Promise<void> {
  const name = nameOf(target);
  let last: Error | undefined;
  let connected = false;
  const settled = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const refuse = () => {
        // An API's commands have a limit of their own, which tells less.
        const silent = connected && (!last || last.message === 'Command timed out');
        const seen = silent ? 'it takes connections and says nothing' : (last?.message ?? 'no connection');
        reject(
          new QueueUnreachableError(
            `Redis at ${name} did not answer within ${limitMs} ms (${seen}): ${lateRemedy(target)}`,
          ),
        );
      };
      redis.on('error', (error: Error) => {
        last = rootOf(error);
        const refusal = refusalOf(last, target);
        if (refusal) reject(refusal);
      });
      redis.on('connect', () => {
        connected = true;
      });
      redis.once('ready', () => resolve());
      after(limitMs, undefined, { signal: settled.signal }).then(refuse, () => {});
      // Its rejection comes as an `error` event too, and the client goes on trying.
      redis.connect().catch(() => {});
    });
  } finally {
    settled.abort();
    redis.removeAllListeners('error');
    redis.on('error', () => {});
  }
}

/** A Cluster wraps what its nodes said. */
function rootOf(error: Error): Error {
  const { lastNodeError } = error as { readonly lastNodeError?: unknown };
  return lastNodeError instanceof Error ? lastNodeError : error;
}

async function ping(redis: RedisClient, name: string): Promise<void> {
  // A worker's client would keep the question until Redis is back, and every probe asks one.
  if (redis.status !== 'ready') throw new QueueUnreachableError(`Redis at ${name} is not connected`);
  const settled = new AbortController();
  const tooLate = after(1_000, undefined, { signal: settled.signal }).then(() => {
    throw new QueueUnreachableError(`Redis at ${name} did not answer a PING within 1000 ms`);
  });
  try {
    await Promise.race([redis.ping(), tooLate]);
  } finally {
    settled.abort();
    tooLate.catch(() => {});
  }
}

/** QUIT waits for commands under way, but not for a server that is away. */
async function disconnect(redis: RedisClient): Promise<void> {
  if (redis.status === 'ready') {
    const ended = new Promise((resolve) => redis.once('end', resolve));
    redis.quit().catch(() => {});
    await within(QUIT_LIMIT_MS, ended);
  }
  if (redis.status !== 'end') redis.disconnect();
}
