import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalMongo, type LocalRedis, startMongo, startRedis } from '@odoo-sync/local-servers';
import { Redis } from 'ioredis';
import { endOf, isClean } from './harness/endOf.js';
import { startOldRedis, startSilent, startWeb } from './harness/oddServers.js';

const APPS = ['scheduler', 'worker', 'api'] as const;
const KEYS = `k1:${randomBytes(32).toString('base64')}`;
const LIMIT_MS = 30_000;
/** ioredis says this by itself before. */
const SKIPPING = 'Skipping the ready check because INFO command fails: .*\n';

let redis: LocalRedis;
let mongo: LocalMongo;
let admin: Redis;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  const log = () => {};
  [redis, mongo] = await Promise.all([startRedis({ log }), startMongo({ log })]);
  admin = new Redis(redis.url);
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  admin.disconnect();
  await Promise.all([redis.stop(), mongo.stop()]);
});

/** Starts every program on a Redis, and expects each to end in one line. */
async function expectEnd(redisUrl: string, code: number, message: string): Promise<void> {
  const env = { REDIS_URL: redisUrl, MONGODB_URL: mongo.url, CREDENTIALS_KEYS: KEYS, API_PORT: '0' };
  const ended = await Promise.all(APPS.map((app) => endOf(app, env, [], LIMIT_MS)));
  for (const [index, end] of ended.entries()) {
    const { err, out } = end;
    expect({ code: end.code, err, out, clean: isClean(end, ['hunter2', KEYS]) }).toEqual({
      code,
      err: expect.stringMatching(`^(?:${SKIPPING})?odoo-sync-${APPS[index]} did not start: ${message}\n$`),
      out: '',
      clean: true,
    });
  }
  await admin.config('SET', 'requirepass', '');
  expect(await admin.dbsize()).toBe(0);
}

describe('a Redis that an operator must change', () => {
  test.each(['allkeys-lru', 'volatile-ttl'])('since it drops keys by %s', async (policy) => {
    await admin.config('SET', 'maxmemory-policy', policy);
    try {
      await expectEnd(
        redis.url,
        78,
        `Redis at 127.0.0.1:\\d+ has maxmemory-policy ${policy}, under which it drops .*: set maxmemory-policy to noeviction .*, then start again`,
      );
    } finally {
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
    }
  });

  test('since it is too old', async () => {
    const old = await startOldRedis('5.0.7');
    closers.push(() => old.close());
    await expectEnd(
      `redis://127.0.0.1:${old.port}`,
      78,
      'Redis at 127.0.0.1:\\d+ is version 5.0.7, but 6.2 or later is needed, or a Valkey of any version: upgrade it, or name another server in REDIS_URL',
    );
  });

  test('since it has another password', async () => {
    await admin.config('SET', 'requirepass', 'right');
    await expectEnd(
      `redis://:hunter2@127.0.0.1:${redis.port}`,
      78,
      'Redis at 127.0.0.1:\\d+ refuses the user or password of REDIS_URL: correct them there \\(WRONGPASS.*\\)',
    );
  });

  test('since it wants a password, and gets none', async () => {
    await admin.config('SET', 'requirepass', 'right');
    await expectEnd(redis.url, 78, 'Redis at 127.0.0.1:\\d+ refuses the user or password of REDIS_URL.*');
  });

  test('since its user may not do what the queue does', async () => {
    await admin.call(
      'ACL',
      'SETUSER',
      'weak',
      'on',
      '>hunter2',
      '~*',
      '+ping',
      '+hello',
      '+client',
      '+select',
    );
    try {
      await expectEnd(
        `redis://weak:hunter2@127.0.0.1:${redis.port}`,
        78,
        'Redis at 127.0.0.1:\\d+ does not let the user of REDIS_URL do what the queue needs: .* \\(NOPERM.*\\)',
      );
    } finally {
      await admin.call('ACL', 'DELUSER', 'weak');
    }
  });

  test('since it has no such database', async () => {
    await expectEnd(
      `${redis.url}/99`,
      78,
      'Redis at 127.0.0.1:\\d+ has no database 99 \\(ERR .*\\): correct the number at the end of REDIS_URL, .*',
    );
  });

  test('since it is a web server', async () => {
    const web = await startWeb();
    closers.push(() => web.close());
    await expectEnd(
      `redis://127.0.0.1:${web.port}`,
      78,
      'Redis at 127.0.0.1:\\d+ is not a Redis, to judge by its answer: correct host and port in REDIS_URL .*',
    );
  });

  test('since it is neither a Cluster nor a Sentinel', async () => {
    const at = `127.0.0.1:${redis.port}`;
    await expectEnd(`redis+cluster://${at}`, 78, `Redis at ${at} is not a Cluster: write redis:// .*`);
    await expectEnd(
      `redis+sentinel://${at}/main`,
      78,
      `Redis at main by ${at} is not a Sentinel: write redis:// .*`,
    );
  });
});

describe('a Redis that may come', () => {
  test('and is not there is waited for ten seconds', async () => {
    await expectEnd(
      'redis://:hunter2@127.0.0.1:1',
      1,
      'Redis at 127.0.0.1:1 did not answer within 10000 ms \\(connect ECONNREFUSED 127.0.0.1:1\\): check REDIS_URL, that the server runs and can be reached',
    );
  });

  test('and is silent is waited for ten seconds', async () => {
    const silent = await startSilent();
    closers.push(() => silent.close());
    await expectEnd(
      `redis://127.0.0.1:${silent.port}`,
      1,
      'Redis at 127.0.0.1:\\d+ did not answer within 10000 ms \\(it takes connections and says nothing\\): .*',
    );
  });
});
