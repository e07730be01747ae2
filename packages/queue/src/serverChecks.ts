import { Cluster } from 'ioredis';
import { QueueConfigurationError } from './errors.js';
import type { RedisClient } from './redisClient.js';
import { nameOf, type RedisTarget } from './redisTarget.js';
import { refusalOf } from './startFaults.js';

/** Below it BullMQ warns; Valkey tells the version of Redis that it speaks. */
const OLDEST = [6, 2] as const;

/**
 * Refuses a server that could lose jobs by itself, or that BullMQ doesn't work well on.
 * @returns its version.
 * @throws QueueConfigurationError saying what to do.
 */
export async function checkServer(client: RedisClient, target: RedisTarget): Promise<string> {
  const name = nameOf(target);
  const servers = client instanceof Cluster ? client.nodes('master') : [client];
  const versions: string[] = [];
  for (const server of servers) {
    const info = await server.info().catch((error: Error) => {
      throw refusalOf(error, target) ?? error;
    });
    const version = fieldOf(info, 'redis_version') ?? '';
    checkVersion(version, name);
    // INFO tells it even where the host forbids CONFIG.
    checkPolicy(fieldOf(info, 'maxmemory_policy'), name);
    versions.push(version);
  }
  return versions[0] ?? '';
}

/**
 * The client goes on in database 0 where the one of the URL can't be had, which may be another application's.
 * @throws QueueConfigurationError
 */
export async function checkDatabase(client: RedisClient, target: RedisTarget): Promise<void> {
  if (client instanceof Cluster || target.db === 0) return;
  try {
    await client.select(target.db);
  } catch (error) {
    throw new QueueConfigurationError(
      `Redis at ${nameOf(target)} has no database ${target.db} (${(error as Error).message}): correct the number at the end of REDIS_URL, or raise the server's \`databases\``,
      { cause: error },
    );
  }
}

const fieldOf = (info: string, field: string): string | undefined =>
  info
    .split(/\r?\n/)
    .find((line) => line.startsWith(`${field}:`))
    ?.slice(field.length + 1)
    .trim();

export function checkVersion(version: string, name: string): void {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new QueueConfigurationError(
    `Redis at ${name} is version ${version || 'unknown'}, but ${OLDEST.join('.')} or later is needed, or a Valkey of any version: upgrade it, or name another server in REDIS_URL`,
  );
}

export function checkPolicy(policy: string | undefined, name: string): void {
  if (policy === 'noeviction') return;
  throw new QueueConfigurationError(
    `Redis at ${name} has maxmemory-policy ${policy ?? 'unknown'}, under which it drops the queue's keys when memory is short: set maxmemory-policy to noeviction (CONFIG SET maxmemory-policy noeviction, and in its configuration file or the host's settings), then start again`,
  );
}
