import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findBinary, freePort, until } from '@odoo-sync/local-servers';
import { Redis } from 'ioredis';
import { openConnection } from './connection.js';
import { QueueConfigurationError } from './errors.js';
import { RedisWorld } from './testing/redisWorld.js';

const world = new RedisWorld();
const PASSWORD = 's3nt&nel';
let port = 0;
let end = async () => {};

const ready = async (): Promise<boolean> => {
  const client = new Redis(port, '127.0.0.1', { password: PASSWORD, lazyConnect: true, retryStrategy: null });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
};

beforeAll(async () => {
  const { path } = await findBinary('redis', { log: () => {} });
  const folder = await mkdtemp(join(tmpdir(), 'odoo-sync-sentinel-'));
  port = await freePort();
  const file = join(folder, 'sentinel.conf');
  await writeFile(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `requirepass "${PASSWORD}"`,
      `sentinel monitor main 127.0.0.1 ${world.redis.port} 1`,
    ].join('\n'),
  );
  const sentinel = spawn(path, [file, '--sentinel'], { cwd: folder, stdio: 'ignore' });
  end = async () => {
    const exited = once(sentinel, 'exit');
    sentinel.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true });
  };
  await until('the Sentinel answers', ready);
});
afterAll(() => end());

const open = (query: string) =>
  openConnection(`redis+sentinel://127.0.0.1:${port}/main${query}`, { role: 'worker', startLimitMs: 8_000 });

describe('a Sentinel that wants a password', () => {
  test('is asked with that of the URL', async () => {
    const connection = await open(`?sentinelPassword=${encodeURIComponent(PASSWORD)}`);
    await connection.ping();
    await connection.disconnect();
  });

  test.each(['', '?sentinelPassword=hunter2'])(
    'is a configuration fault with "%s", not one that is out of reach',
    async (query) => {
      const error = await open(query).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(QueueConfigurationError);
      expect(error).toMatchObject({
        exitCode: 78,
        message: expect.stringMatching(
          /has Sentinels that refuse their user or password: give it as \?sentinelPassword=/,
        ),
      });
      expect((error as Error).message).not.toContain('hunter2');
    },
  );
});
