import { describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { openConnection } from './connection.js';
import { QueueConfigurationError, QueueUnreachableError } from './errors.js';
import { JOB_ID, RedisWorld, turnJob, until } from './testing/redisWorld.js';

const world = new RedisWorld();

/** Sets the server's configuration for one test. */
async function configure(setting: string, value: string, reset: string): Promise<void> {
  const admin = new Redis(world.redis.url);
  await admin.config('SET', setting, value);
  world.onEnd(async () => {
    await admin.config('SET', setting, reset);
    admin.disconnect();
  });
}

const faultOf = (url: string): Promise<Error> =>
  openConnection(url, { role: 'worker', startLimitMs: 600 }).then(
    () => {
      throw new Error('it connected');
    },
    (error: Error) => error,
  );

describe('openConnection', () => {
  test('connects and answers a ping', async () => {
    const connection = await world.connect();
    await connection.ping();
    expect(connection.version).toMatch(/^\d+\.\d+/);
  });

  test('refuses a server that may drop keys, and says what to do', async () => {
    await configure('maxmemory-policy', 'allkeys-lru', 'noeviction');
    const error = await faultOf(world.redis.url);
    expect(error).toBeInstanceOf(QueueConfigurationError);
    expect(error).toMatchObject({ exitCode: 78 });
    expect(error.message).toMatch(/allkeys-lru.*set maxmemory-policy to noeviction/);
  });

  test.each(['', ':hunter2@', 'someone:hunter2@'])(
    'with "%s" against another password it is a configuration fault',
    async (user) => {
      await configure('requirepass', 'right', '');
      const error = await faultOf(`redis://${user}127.0.0.1:${world.redis.port}`);
      expect(error).toBeInstanceOf(QueueConfigurationError);
      expect(error.message).toContain('refuses the user or password');
      expect(error.message).not.toContain('hunter2');
    },
  );

  test('connects with the right password', async () => {
    await configure('requirepass', 'p@ss/w:rd', '');
    const url = `redis://:${encodeURIComponent('p@ss/w:rd')}@127.0.0.1:${world.redis.port}`;
    const connection = await openConnection(url, { role: 'worker' });
    await connection.ping();
    await connection.disconnect();
  });

  test('says where nobody answers, without the password', async () => {
    const error = await faultOf('redis://:hunter2@127.0.0.1:1/0');
    expect(error).toBeInstanceOf(QueueUnreachableError);
    expect(error.message).toMatch(/127\.0\.0\.1:1 did not answer within 600 ms \(.*ECONNREFUSED/);
    expect(error.message).not.toContain('hunter2');
  });
});

describe('while Redis is away', () => {
  test('an api is told at once, and served again afterwards', async () => {
    const { connection, jobQueue } = await world.open({}, 'api');
    await world.redis.kill('SIGKILL');
    await until('the loss is seen', () => connection.redis.status !== 'ready');
    await expect(jobQueue.add(turnJob())).rejects.toThrow();
    await expect(connection.ping()).rejects.toThrow();
    await world.redis.restart();
    await until('it is connected again', () => connection.redis.status === 'ready');
    await jobQueue.add(turnJob());
    expect(await jobQueue.state(JOB_ID)).toBe('waiting');
  }, 30_000);

  test('an api is told in seconds by a server that hangs', async () => {
    const { jobQueue } = await world.open({}, 'api');
    world.redis.signal('SIGSTOP');
    try {
      await expect(jobQueue.add(turnJob())).rejects.toThrow('Command timed out');
    } finally {
      world.redis.signal('SIGCONT');
    }
  }, 30_000);

  test('a worker process waits', async () => {
    const { jobQueue } = await world.open();
    await world.redis.kill('SIGKILL');
    const added = jobQueue.add(turnJob());
    await world.redis.restart();
    await added;
    expect(await jobQueue.state(JOB_ID)).toBe('waiting');
  }, 30_000);
});
