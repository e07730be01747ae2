import { Redis } from 'ioredis';

/** What Redis must be set to: with any other policy it may drop jobs when its memory is full. */
const POLICY = 'noeviction';
const OLDEST = [6, 2];
const ANSWER_MS = 10_000;

/** Redis can't be used as it is: an operator must change something. */
export class QueueConfigError extends Error {
  readonly exitCode = 78;
}

export interface ConnectionOptions {
  /**
   * `worker`: waits for a Redis that comes back, since BullMQ's blocking calls must never give up.
   * `client`: gives up after a few seconds, so that whoever asked hears that the queue is away.
   */
  readonly role: 'worker' | 'client';
}

/**
 * Connects and checks that Redis can carry the queue.
 * @throws QueueConfigError for an eviction policy that may lose jobs or a server that is too old; an Error without the
 * URL's password when nothing answers.
 */
export async function openConnection(redisUrl: string, { role }: ConnectionOptions): Promise<Redis> {
  const connection = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: ANSWER_MS,
    maxRetriesPerRequest: role === 'worker' ? null : 2,
    enableOfflineQueue: true,
    retryStrategy: (times) => Math.min(2_000, times * 100),
  });
  // Without a listener ioredis prints each failure; BullMQ's own listeners come later.
  connection.on('error', () => {});
  const shown = redisUrl.replace(/\/\/[^@/]*@/, '//***@');
  try {
    await withLimit(connection.connect(), shown);
    await check(connection, shown);
    return connection;
  } catch (error) {
    connection.disconnect();
    throw error;
  }
}

async function withLimit<T>(work: Promise<T>, shown: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Redis at ${shown} did not answer within ${ANSWER_MS / 1_000} s`)),
      ANSWER_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw message.includes(shown)
      ? error
      : new Error(`Redis at ${shown} can't be reached: ${message}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function check(connection: Redis, shown: string): Promise<void> {
  const info = await connection.info();
  const version = /redis_version:(\d+)\.(\d+)/.exec(info);
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
  const [oldMajor = 0, oldMinor = 0] = OLDEST;
  if (major < oldMajor || (major === oldMajor && minor < oldMinor)) {
    throw new QueueConfigError(
      `Redis at ${shown} is ${major}.${minor}: ${OLDEST.join('.')} or later is needed`,
    );
  }
  // INFO tells the policy also where a hosting service forbids CONFIG.
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1] ?? 'unknown';
  if (policy !== POLICY) {
    throw new QueueConfigError(
      `Redis at ${shown} has maxmemory-policy "${policy}" and may drop jobs: set it to ${POLICY} ("CONFIG SET maxmemory-policy ${POLICY}", and in its configuration file)`,
    );
  }
}
