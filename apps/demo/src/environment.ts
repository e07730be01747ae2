import { randomBytes } from 'node:crypto';
import { SyncError } from '@odoo-sync/core';
import { NoServerError, startMongo, startRedis } from '@odoo-sync/local-servers';
import { openConnection, openQueue, TICK_QUEUE, TURNS_QUEUE } from '@odoo-sync/queue';
import { type CliConfig, generateKey } from '@odoo-sync/runtime';
import type { DemoOptions } from './runningDemo.js';

const DATABASE = 'odoo_sync_demo';

/** The settings of all processes: what the caller's environment says, and for what it doesn't say, the demo's own. */
export async function prepareEnvironment(
  { env, real, write }: Pick<DemoOptions, 'env' | 'real' | 'write'>,
  closers: (() => Promise<unknown>)[],
): Promise<Record<string, string>> {
  const given = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  const ours = async (server: Promise<{ readonly url: string; stop(): Promise<unknown> }>) => {
    const { url, stop } = await server;
    closers.push(stop);
    return url;
  };
  refuseInProduction(given);
  const [redisUrl, mongodbUrl] = await both(
    given.REDIS_URL ?? ours(startRedis({ log: write })),
    given.MONGODB_URL ?? ours(startMongo({ log: write })),
  );
  if (given.REDIS_URL) write('redis: the one of REDIS_URL');
  if (given.MONGODB_URL) write('mongodb: the one of MONGODB_URL');
  const database = real && given.MONGODB_URL ? null : DATABASE;
  return {
    CREDENTIALS_KEYS: `demo:${generateKey()}`,
    API_PORT: '0',
    SCHEDULER_INTERVAL_MS: '2000',
    ...(real ? {} : { TAIL_INTERVAL_MS: '3000', TAIL_QUIET_MS: '3000' }),
    ...given,
    // The simulator is on this machine, whatever the environment allows.
    ...(real ? {} : { ODOO_ALLOW: 'loopback' }),
    // A process says that it is ready at this level; all of it goes to files of the demo's.
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    // Several processes on one machine.
    METRICS_PORT: '0',
    // Its own in any case: it is emptied at the end.
    QUEUE_PREFIX: `{odoo-sync-demo-${randomBytes(4).toString('hex')}}`,
    REDIS_URL: redisUrl,
    MONGODB_URL: database ? withDatabase(mongodbUrl, database) : mongodbUrl,
  };
}

function refuseInProduction(given: Readonly<Record<string, string>>): void {
  const missing = ['REDIS_URL', 'MONGODB_URL'].filter((name) => !given[name]);
  if (given.NODE_ENV !== 'production' || missing.length === 0) return;
  throw new SyncError(
    'configuration',
    `NODE_ENV is production, where no private servers are started: set ${missing.join(' and ')}, or leave NODE_ENV out`,
  );
}

/** Both servers, once both starts have ended: what is missing is told together, and nothing that did start is forgotten. */
async function both(
  redis: string | Promise<string>,
  mongodb: string | Promise<string>,
): Promise<[string, string]> {
  const started = await Promise.allSettled([redis, mongodb]);
  const [one, other] = started;
  if (one.status === 'fulfilled' && other.status === 'fulfilled') return [one.value, other.value];
  throw NoServerError.all(started.flatMap((start) => (start.status === 'rejected' ? [start.reason] : [])));
}

/** The URL with another database in its path; where it authenticates stays as it was. */
function withDatabase(url: string, database: string): string {
  const [, before = '', old = '', query = ''] = /^([^:]+:\/\/[^/?]*)(?:\/([^?]*))?(\?.*)?$/.exec(url) ?? [];
  const params = new URLSearchParams(query);
  if (before.includes('@') && !params.has('authSource')) params.set('authSource', old || 'admin');
  const text = params.toString();
  return `${before}/${database}${text ? `?${text}` : ''}`;
}

/** Leaves nothing of the demo's in Redis. */
export async function emptyQueues(config: CliConfig): Promise<void> {
  const connection = await openConnection(config.redisUrl, { role: 'cli' });
  for (const name of [TURNS_QUEUE, TICK_QUEUE] as const) {
    const queue = openQueue(connection, config.queue.prefix, name);
    await queue.obliterate({ force: true });
    await queue.close();
  }
  await connection.disconnect();
}
