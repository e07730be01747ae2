import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisTarget } from './redisTarget.js';

/** The processes that use the queue. */
export type QueueRole = 'worker' | 'scheduler' | 'api' | 'cli';
export type RedisClient = Redis | Cluster;

const CONNECT_TIMEOUT_MS = 5_000;
const HASTY_COMMAND_MS = 5_000;

/**
 * A client that isn't connected yet. Worker and scheduler wait through an outage of any length, as BullMQ's workers need
 * (`maxRetriesPerRequest: null`). API and CLI answer somebody: their commands fail at once while Redis is away.
 */
export function createClient(target: RedisTarget, role: QueueRole): RedisClient {
  const hasty = role === 'api' || role === 'cli';
  const retryStrategy = (times: number) => Math.min(50 * 2 ** Math.min(times, 10), 2_000);
  const options = {
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls ? { tls: {} } : {}),
    db: target.db,
    connectionName: `odoo-sync-${role}`,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAlive: 10_000,
    maxRetriesPerRequest: hasty ? 1 : null,
    ...(hasty ? { commandTimeout: HASTY_COMMAND_MS } : {}),
    // After a failover the old primary answers so until its clients look again for the new one.
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? (2 as const) : false),
  } satisfies RedisOptions;
  const connecting = { lazyConnect: true, enableOfflineQueue: !hasty, retryStrategy };
  switch (target.kind) {
    case 'single':
      return new Redis({ ...options, ...connecting, ...target.node });
    case 'sentinel':
      return new Redis({
        ...options,
        ...connecting,
        sentinels: [...target.nodes],
        name: target.master,
        sentinelRetryStrategy: retryStrategy,
        ...(target.sentinel.username === undefined ? {} : { sentinelUsername: target.sentinel.username }),
        ...(target.sentinel.password === undefined ? {} : { sentinelPassword: target.sentinel.password }),
        ...(target.tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
      });
    case 'cluster': {
      const { lazyConnect, enableOfflineQueue } = connecting;
      return new Cluster([...target.nodes], {
        lazyConnect,
        enableOfflineQueue,
        clusterRetryStrategy: retryStrategy,
        redisOptions: options,
      });
    }
  }
}
