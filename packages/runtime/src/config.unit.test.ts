import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS } from '@odoo-sync/core';
import { loadConfig } from './config.js';
import { ConfigError } from './configError.js';
import { generateKey } from './keyRing.js';

const REQUIRED = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  MONGODB_URL: 'mongodb://127.0.0.1:27017',
  CREDENTIALS_KEYS: `k1:${generateKey()}`,
};
const load = (more: Record<string, string> = {}) => loadConfig({ ...REQUIRED, ...more });

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('loadConfig', () => {
  test('has the defaults that the engine has, and those of the specification', () => {
    const config = load();
    expect(config.engine).toEqual(DEFAULT_SETTINGS);
    expect(config.source).toMatchObject({ limitPerCall: 200, limitPerCallMax: 1_000, apiCallDelayMs: 0 });
    expect(config.scheduler.intervalMs).toBe(10_000);
    expect(config.queue.prefix).toBe('{odoo-sync}');
    expect(config.worker).toEqual({ concurrency: 4, graceMs: 25_000 });
  });

  test('takes LIMIT_PER_CALL as the most where only that is set', () => {
    expect(load({ LIMIT_PER_CALL: '50' }).source).toMatchObject({ limitPerCall: 50, limitPerCallMax: 50 });
    expect(load({ LIMIT_PER_CALL: '50', LIMIT_PER_CALL_MAX: '80' }).source.limitPerCallMax).toBe(80);
    expect(load({ LIMIT_PER_CALL_MAX: '300' }).source).toMatchObject({
      limitPerCall: 200,
      limitPerCallMax: 300,
    });
  });

  test('counts an empty text as unset', () => {
    expect(load({ LIMIT_PER_CALL: '', API_PORT: ' ' })).toMatchObject({
      source: { limitPerCallMax: 1_000 },
      api: { port: 3_000 },
    });
  });

  test.each([
    ['mongodb://h', 'odoo_sync'],
    ['mongodb://u:p@a:1,b:2/?replicaSet=rs', 'odoo_sync'],
    ['mongodb://u:p@a:1,b:2/shop?replicaSet=rs', 'shop'],
    ['mongodb+srv://cluster.example/my%20db', 'my db'],
  ])('finds the database of %s', (url, database) => {
    expect(load({ MONGODB_URL: url }).mongodbDatabase).toBe(database);
  });

  test('tells every fault at once, one line each, with exit code 78', () => {
    const faults = faultsOf({
      ...REQUIRED,
      REDIS_URL: '',
      WINDOW_HOURS: '12',
      WORKER_CONCURRENCY: '0',
      MAX_BATCH_ATTEMPTS: '4.5',
      API_HOST: '0.0.0.0',
      SPOOL_DIR: 'a\nb',
      TAIL_QUIET_MS: '500',
    });
    expect(faults.map((line) => line.split(':')[0])).toEqual([
      'REDIS_URL',
      'WINDOW_HOURS',
      'MAX_BATCH_ATTEMPTS',
      'WORKER_CONCURRENCY',
      'API_HOST',
      'TAIL_QUIET_MS',
    ]);
    expect(faults[1]).toBe('WINDOW_HOURS: expected 24, but it is "12": correct it, or leave it out');
    expect(faults[4]).toContain('no access control yet');
    expect(faults.every((line) => !line.includes('\n'))).toBe(true);
    expect(new ConfigError(faults).exitCode).toBe(78);
  });

  test('never shows what a secret setting holds', () => {
    const text = faultsOf({
      REDIS_URL: 'http://u:hunter2@h',
      MONGODB_URL: 'hunter2',
      CREDENTIALS_KEYS: 'hunter2',
    }).join('\n');
    expect(text).toContain('CREDENTIALS_KEYS');
    expect(text).toContain('entry 1 has no id');
    expect(text).not.toContain('hunter2');
  });

  test.each(['redis+sentinel://:p@a:1,b:2/master/0', 'rediss://u:p@h:6380/1', 'redis+cluster://a:1,b:2'])(
    'takes %s',
    (url) => {
      expect(load({ REDIS_URL: url }).redisUrl).toBe(url);
    },
  );
});
