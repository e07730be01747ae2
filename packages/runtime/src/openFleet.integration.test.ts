import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  type LocalMongo,
  type LocalRedis,
  startMongo,
  startRedis,
  startTcpProxy,
  type TcpProxy,
  until,
} from '@odoo-sync/local-servers';
import { loadConfig } from './config.js';
import { generateKey } from './keyRing.js';
import { createLogger } from './logger.js';
import { type Fleet, openFleet } from './openFleet.js';

const FAILED = 'the connection to Redis failed';
const AGAIN = 'connected to Redis again';
/** One of the cut, one of the attempts to connect again. */
const FEW = 2;
const TRIES = 5;

let mongo: LocalMongo;
let redis: LocalRedis;
let proxy: TcpProxy;
const closers: { readonly what: string; readonly close: () => unknown }[] = [];
const closed: string[] = [];

beforeAll(async () => {
  [mongo, redis] = await Promise.all([startMongo({ log: () => {} }), startRedis({ log: () => {} })]);
});
afterEach(async () => {
  for (const { what, close } of closers.splice(0).reverse()) {
    await close();
    closed.push(what);
  }
  await proxy?.close();
});
afterAll(async () => {
  await Promise.all([mongo?.stop(), redis?.stop()]);
});

/** What a program of this role holds open, its Redis behind a proxy that can be cut; and what it has logged. */
async function open(role: 'worker' | 'scheduler' | 'api'): Promise<Fleet & { said(words: string): number }> {
  proxy = await startTcpProxy({ target: { host: '127.0.0.1', port: redis.port } });
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const env = {
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    MONGODB_URL: mongo.url,
    CREDENTIALS_KEYS: `k1:${generateKey()}`,
    API_TOKEN: '0123456789abcdef0123456789abcdef',
  };
  const fleet = await openFleet(loadConfig(env, role), role, {
    log: createLogger({ level: 'info', name: role, destination }),
    onClose: (what, close) => void closers.push({ what, close }),
  });
  return { ...fleet, said: (words) => lines.filter((line) => line.includes(`"${words}"`)).length };
}

const names = async (fleet: Fleet): Promise<string> => String(await fleet.connection.redis.client('LIST'));

test.each(['worker', 'scheduler', 'api'] as const)('the %s is known to Redis by its role', async (role) => {
  const fleet = await open(role);
  expect(await names(fleet)).toContain(` name=odoo-sync-${role} `);
  expect(await fleet.jobQueue.state('acme.contacts.2026-11-22-1')).toBe('absent');
});

test.each(['worker', 'scheduler', 'api'] as const)(
  'the %s tells that its connection was cut and that it is back, once each',
  async (role) => {
    const fleet = await open(role);
    proxy.drop();
    await until('it is connected again', () => fleet.said(AGAIN) > 0);
    expect(fleet.said(FAILED)).toBe(1);
    await fleet.connection.ping();
    for (let n = 0; n < 10; n++) {
      const { redis: client } = fleet.connection;
      proxy.drop();
      await until('the cut is seen', () => client.status !== 'ready');
      await until('it is ready again', () => client.status === 'ready');
    }
    expect(fleet.said(FAILED)).toBe(1);
    expect(fleet.said(AGAIN)).toBe(1);
  },
);

test.each(['worker', 'scheduler'] as const)(
  'the %s tells of a Redis that is away in a few lines',
  async (role) => {
    const fleet = await open(role);
    await redis.kill('SIGKILL');
    try {
      await until('the loss is told', () => fleet.said(FAILED) > 0);
      const { redis: client } = fleet.connection;
      let tries = 0;
      client.on('reconnecting', () => tries++);
      await until('it has tried often', () => tries >= TRIES);
    } finally {
      await redis.restart();
    }
    await until('it is connected again', () => fleet.said(AGAIN) > 0, 30_000);
    expect(fleet.said(AGAIN)).toBe(1);
    expect(fleet.said(FAILED)).toBeLessThanOrEqual(FEW);
  },
  60_000,
);

test('is closed in the reverse order, and a close is no outage', async () => {
  const fleet = await open('worker');
  closed.length = 0;
  for (const { what, close } of closers.splice(0).reverse()) {
    await close();
    closed.push(what);
  }
  expect(closed).toEqual(['the queue of turns', 'the connection to Redis', 'the store']);
  expect(fleet.connection.redis.status).toBe('end');
  expect(fleet.said(FAILED)).toBe(0);
});
