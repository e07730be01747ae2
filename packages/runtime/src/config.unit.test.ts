import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS } from '@odoo-sync/core';
import { type Configs, loadConfig } from './config.js';
import { generateKey } from './keyRing.js';
import { ConfigError } from './readSettings.js';
import { type Role, SETTINGS, type Setting } from './settings.js';

const REQUIRED = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  MONGODB_URL: 'mongodb://127.0.0.1:27017',
  CREDENTIALS_KEYS: `k1:${generateKey()}`,
};
const ROLES = ['scheduler', 'worker', 'api', 'cli'] as const;
type All = Configs['scheduler'] & Configs['worker'] & Configs['api'];
/** What the programs are given, taken together. */
const load = (more: Record<string, string> = {}): All => {
  const env = { ...REQUIRED, ...more };
  return { ...loadConfig(env, 'scheduler'), ...loadConfig(env, 'worker'), ...loadConfig(env, 'api') };
};

/** What the programs say, each thing once. */
function faultsOf(env: Record<string, string>, roles: readonly Role[] = ROLES): readonly string[] {
  const faults = new Set<string>();
  for (const role of roles) {
    try {
      loadConfig(env, role);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const fault of error.faults) faults.add(fault);
    }
  }
  if (faults.size === 0) throw new Error('the environment was accepted');
  return [...faults];
}

describe('loadConfig', () => {
  test('has the defaults that the engine has, and those of the specification', () => {
    const config = load();
    expect(config.engine).toEqual(DEFAULT_SETTINGS);
    expect(config.source).toMatchObject({ limitPerCall: 200, limitPerCallMax: 1_000, apiCallDelayMs: 0 });
    expect(config.scheduler.intervalMs).toBe(10_000);
    expect(config.queue.prefix).toBe('{odoo-sync}');
    expect(config.worker).toMatchObject({ concurrency: 4, graceMs: 25_000 });
    // A second that holds a whole table of a million records of 2.5 kB must pass.
    const most = { records: 2_000_000, bytes: 4_294_967_296, pages: 100_000 };
    expect(config.worker.limits).toEqual({
      window: { ...most, ms: 43_200_000 },
      tail: { ...most, ms: 3_600_000 },
    });
  });

  test('takes LIMIT_PER_CALL as the most where only that is set', () => {
    expect(load({ LIMIT_PER_CALL: '50' }).source).toMatchObject({ limitPerCall: 50, limitPerCallMax: 50 });
    expect(load({ LIMIT_PER_CALL: '50', LIMIT_PER_CALL_MAX: '80' }).source.limitPerCallMax).toBe(80);
    expect(load({ LIMIT_PER_CALL_MAX: '300' }).source).toMatchObject({
      limitPerCall: 200,
      limitPerCallMax: 300,
    });
  });

  test('lets Odoos be at public addresses alone in production, and anywhere else unless it is told', () => {
    const allowed = (more: Record<string, string>) => load(more).source.allow;
    expect(allowed({ NODE_ENV: 'production' })).toEqual(['public']);
    for (const NODE_ENV of ['', 'test', 'development'])
      expect(allowed({ NODE_ENV })).toEqual(['public', 'private', 'loopback', 'link-local']);
    const ODOO_ALLOW = 'Public, 10.2.0.0/16,10.0.0.7, fd12::/16,ERP.internal.example.com';
    expect(allowed({ NODE_ENV: 'production', ODOO_ALLOW })).toEqual([
      'public',
      '10.2.0.0/16',
      '10.0.0.7',
      'fd12::/16',
      'erp.internal.example.com',
    ]);
  });

  test.each([
    ...['privat', 'none', '*', ',', 'public,', 'public private', 'localhost', 'https://erp.example.com'],
    ...[
      '10.2.0.0/33',
      '10.2.0/16',
      '10.2.0.0/-1',
      '10.2.0.0/',
      '127.1',
      '256.1.1.1',
      '10.0.0.07',
      '0x7f.0.0.1',
    ],
    ...[
      'fd12::/129',
      '[fd12::1]',
      'fe80::1%eth0',
      'erp.example.com:8069',
      '*.example.com',
      'erp.example.com.',
    ],
  ])('takes %s for no place of an Odoo', (ODOO_ALLOW) => {
    expect(faultsOf({ ...REQUIRED, ODOO_ALLOW })).toEqual([
      `ODOO_ALLOW: expected some of public, private, loopback, link-local, ranges such as 10.2.0.0/16, and hosts such as erp.internal.example.com, with commas between, but it is "${ODOO_ALLOW}": correct it, or leave it out`,
    ]);
  });

  test('sends requests to Odoo through no proxy unless one is named', () => {
    expect(load().source.proxy).toBeNull();
    const ODOO_PROXY = 'http://fleet:p%40ss@proxy.example:3128';
    expect(load({ ODOO_PROXY }).source.proxy).toEqual({ url: ODOO_PROXY, except: [] });
    expect(load({ ODOO_PROXY, ODOO_NO_PROXY: 'erp.local, .internal,10.0.0.7:8069,' }).source.proxy).toEqual({
      url: ODOO_PROXY,
      except: ['erp.local', '.internal', '10.0.0.7:8069'],
    });
  });

  test.each([
    'proxy.example:3128',
    'socks5://secret@proxy',
    'http://a:secr/et@proxy',
    'http://secret@proxy/path',
  ])('takes %s for no proxy, and does not repeat it', (ODOO_PROXY) => {
    const [fault, ...more] = faultsOf({ ...REQUIRED, ODOO_PROXY });
    expect(fault).toMatch(/^ODOO_PROXY: expected http:\/\/ or https:\/\/.*: correct it, or leave it out$/);
    expect(fault).not.toMatch(/secr/);
    expect(more).toEqual([]);
  });

  test('takes a URL for no host that is asked without a proxy', () => {
    expect(faultsOf({ ...REQUIRED, ODOO_NO_PROXY: 'https://erp.example.com' })).toEqual([
      expect.stringMatching(/^ODOO_NO_PROXY: expected hosts with commas between/),
    ]);
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
    ['mongodb+srv://cluster.example/my%2Ddb', 'my-db'],
  ])('finds the database of %s', (url, database) => {
    expect(load({ MONGODB_URL: url }).mongodbDatabase).toBe(database);
  });

  test('tells every fault at once, one line each, with exit code 78, and none of another program', () => {
    const env = {
      ...REQUIRED,
      REDIS_URL: '',
      WINDOW_HOURS: '12',
      WORKER_CONCURRENCY: '0',
      MAX_BATCH_ATTEMPTS: '4.5',
      API_HOST: 'all of them',
      SPOOL_DIR: 'a\nb',
      TAIL_QUIET_MS: '500',
    };
    const faults = faultsOf(env, ['api']);
    expect(faults.map((line) => line.split(':')[0])).toEqual([
      'REDIS_URL',
      'WINDOW_HOURS',
      'MAX_BATCH_ATTEMPTS',
      'API_HOST',
      'TAIL_QUIET_MS',
    ]);
    expect(faultsOf(env, ['worker']).map((line) => line.split(':')[0])).toEqual([
      'REDIS_URL',
      'WINDOW_HOURS',
      'MAX_BATCH_ATTEMPTS',
      'WORKER_CONCURRENCY',
      'TAIL_QUIET_MS',
    ]);
    expect(faults[1]).toBe('WINDOW_HOURS: expected 24, but it is "12": correct it, or leave it out');
    expect(faults[3]).toBe(
      'API_HOST: expected an address of this machine (127.0.0.1, 0.0.0.0 for all of them) or a host name, but it is "all of them": correct it, or leave it out',
    );
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

  test.each([
    ['hunter2', 'what is set (not shown) has no scheme://'],
    ['hunter2://h', 'its scheme is another one'],
    ['redis://:hunter2@', 'it names no host'],
    ['redis://:hunter2@h:99999', 'host 1 of it is not host or host:port'],
    ['redis+cluster://:hunter2@a:1,b:hunter2', 'host 2 of it is not host or host:port'],
    ['redis://:hun/ter2@h', 'it has an @, /, ? or # in its user or password'],
    ['redis://:hunter2@@h', 'it has an @, /, ? or # in its user or password'],
    ['redis://:hunter2%@h', 'a % in it begins no escape'],
    ['redis://:hunter 2@h', 'it has a blank in it'],
  ])('says what is wrong with a URL, and repeats none of it (%#)', (url, reason) => {
    const [fault = '', ...others] = faultsOf({ ...REQUIRED, REDIS_URL: url });
    expect(others).toEqual([]);
    expect(fault).toContain(`and names a host, but ${reason}`);
    expect(fault).not.toMatch(/hun|ter2/);
  });

  test.each(['my%20db', 'a%2Fb', 'a/b', 'a.b', '%ff', 'x'.repeat(64)])(
    'refuses the database name %s, which the server would refuse at the first write',
    (path) => {
      const faults = faultsOf({ ...REQUIRED, MONGODB_URL: `mongodb://u:hunter2@h:1/${path}?replicaSet=rs0` });
      expect(faults).toEqual([expect.stringContaining('its path is no name of a database')]);
    },
  );

  test.each([
    [
      { LIMIT_PER_CALL: '500', LIMIT_PER_CALL_MAX: '400' },
      'LIMIT_PER_CALL_MAX: expected at least LIMIT_PER_CALL (500), but it is "400"',
    ],
    [
      { LIMIT_PER_CALL_MAX: '100' },
      'LIMIT_PER_CALL_MAX: expected at least LIMIT_PER_CALL (200), but it is "100"',
    ],
    [{ TAIL_QUIET_MS: '4999' }, 'TAIL_QUIET_MS: expected at least TAIL_INTERVAL_MS (5000), but it is "4999"'],
    [
      { MAX_BATCH_ATTEMPTS: '20' },
      'RETRY_BACKOFF_MS: expected a pause before the last attempt of at most 30 days, but "10000" doubled for MAX_BATCH_ATTEMPTS (20) makes 31',
    ],
    [
      { API_HOST: '0.0.0.0' },
      'API_TOKEN: expected one, as API_HOST (0.0.0.0) can be reached from other machines, but it is not set: set it (openssl rand -hex 32), or leave API_HOST out',
    ],
    [{ API_HOST: '::' }, 'API_TOKEN: expected one, as API_HOST (::) can be reached'],
    [{ API_HOST: 'sync.example' }, 'API_TOKEN: expected one, as API_HOST (sync.example) can be reached'],
    [
      { API_HOST: '10.0.0.7', API_TOKEN: ' ' },
      'API_TOKEN: expected one, as API_HOST (10.0.0.7) can be reached',
    ],
    [
      { REDIS_URL: 'redis+cluster://a:1,b:2', QUEUE_PREFIX: 'bare' },
      'QUEUE_PREFIX: expected it in braces, as REDIS_URL names a Cluster, but it is "bare": set it to {bare}',
    ],
  ])('refuses %j: each value is right, together they are not', (more, fault) => {
    expect(faultsOf({ ...REQUIRED, ...more })).toEqual([expect.stringContaining(fault)]);
  });

  test.each(['redis+sentinel://:p@a:1,b:2/master/0', 'rediss://u:p@h:6380/1', 'redis+cluster://a:1,b:2'])(
    'takes %s',
    (url) => {
      expect(load({ REDIS_URL: url }).redisUrl).toBe(url);
    },
  );

  test('says nothing of itself: a log for machines, an API and metrics for this machine alone', () => {
    expect(load()).toMatchObject({
      log: { level: 'info', format: 'json' },
      api: { host: '127.0.0.1', port: 3_000, token: null },
      metrics: { host: '127.0.0.1', port: 0 },
    });
  });
});

describe('what a program is given', () => {
  const SECRETS: Readonly<Record<Role, readonly string[]>> = {
    scheduler: ['REDIS_URL', 'MONGODB_URL'],
    worker: ['REDIS_URL', 'MONGODB_URL', 'CREDENTIALS_KEYS', 'ODOO_PROXY'],
    api: ['REDIS_URL', 'MONGODB_URL', 'API_TOKEN'],
    cli: ['REDIS_URL', 'MONGODB_URL', 'CREDENTIALS_KEYS', 'ODOO_PROXY'],
  };
  const held: Readonly<Record<string, string>> = {
    REDIS_URL: 'redis://:redis-pw@h:1',
    MONGODB_URL: 'mongodb://u:mongo-pw@h:1',
    CREDENTIALS_KEYS: REQUIRED.CREDENTIALS_KEYS,
    API_TOKEN: 'token-token-token',
    ODOO_PROXY: 'http://u:proxy-pw@h:1',
  };
  const secretSettings = Object.entries<Setting<unknown>>(SETTINGS)
    .filter(([, { secret }]) => secret)
    .map(([name]) => name);

  test.each(ROLES)('a %s: of the secrets its own and no other', (role) => {
    expect(Object.keys(held).sort()).toEqual([...secretSettings].sort());
    const config = loadConfig(held, role);
    const keys =
      'credentialsKeys' in config
        ? config.credentialsKeys.map(({ key }) => key.export().toString('base64'))
        : [];
    const text = JSON.stringify({ ...config, keys });
    const found = Object.entries(held).flatMap(([name, value]) =>
      text.includes(value.replace(/^k1:/, '')) ? [name] : [],
    );
    expect(found).toEqual(SECRETS[role]);
  });

  test.each(ROLES)(
    'a %s starts where the secrets of others are wrong, or in files that are not there',
    (role) => {
      const own = Object.fromEntries(SECRETS[role].map((name) => [name, held[name] ?? '']));
      const others = secretSettings.filter((name) => !SECRETS[role].includes(name));
      const wrong = Object.fromEntries(others.map((name) => [name, 'x y']));
      const away = Object.fromEntries(others.map((name) => [`${name}_FILE`, '/nowhere']));
      for (const more of [{}, wrong, away])
        expect(loadConfig({ ...own, ...more }, role)).toEqual(loadConfig(own, role));
    },
  );

  test.each(ROLES)('a %s: every value that its parts are made of', (role) => {
    const undefinedIn = (value: unknown, path: string): readonly string[] => {
      if (value === undefined || Number.isNaN(value)) return [path];
      if (typeof value !== 'object' || value === null) return [];
      return Object.entries(value).flatMap(([key, part]) => undefinedIn(part, `${path}.${key}`));
    };
    expect(undefinedIn(loadConfig({ ...REQUIRED, ODOO_PROXY: 'http://h:1' }, role), role)).toEqual([]);
  });
});

describe('the token of the API', () => {
  const TOKEN = 'hunter2-hunter2-';

  test.each(['127.0.0.1', '127.8.0.1', '::1', 'localhost'])('may be left out on %s', (API_HOST) => {
    expect(load({ API_HOST }).api).toMatchObject({ host: API_HOST, token: null });
  });

  test.each(['0.0.0.0', '::', '10.0.0.7', 'sync.example', 'localhost'])(
    'lets it listen on %s',
    (API_HOST) => {
      expect(load({ API_HOST, API_TOKEN: TOKEN }).api).toMatchObject({ host: API_HOST, token: TOKEN });
    },
  );

  test.each([
    ['is short', TOKEN.slice(1)],
    ['has a blank', 'hunter2 hunter2 hunter2'],
    ['is not ASCII', `${TOKEN}é`],
    ['is endless', TOKEN.repeat(33)],
  ])('is refused when it %s, and never shown', (_, API_TOKEN) => {
    expect(faultsOf({ ...REQUIRED, API_TOKEN, API_HOST: '0.0.0.0' })).toEqual([
      'API_TOKEN: expected at least 16 printable characters without blanks (openssl rand -hex 32), but what is set (not shown) is something else: correct it, or leave it out',
    ]);
  });
});

describe('a secret in a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'odoo-sync-secrets-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileOf = (content: string): string => {
    const file = join(folder, 'secret');
    writeFileSync(file, content);
    return file;
  };

  test.each([
    ['REDIS_URL', 'redis://:p@127.0.0.1:6379', ({ redisUrl }: All) => redisUrl],
    ['MONGODB_URL', 'mongodb://u:p@127.0.0.1:27017/shop', ({ mongodbUrl }: All) => mongodbUrl],
    [
      'CREDENTIALS_KEYS',
      REQUIRED.CREDENTIALS_KEYS,
      ({ credentialsKeys }: All) => `k1:${credentialsKeys[0]?.key.export().toString('base64')}`,
    ],
    ['API_TOKEN', 'a'.repeat(64), ({ api }: All) => api.token],
  ])('is read as %s, without the line end that editors leave', (name, value, read) => {
    const file = fileOf(`${value}\n`);
    expect(read(load({ [name]: '', [`${name}_FILE`]: file }))).toBe(value);
  });

  test('is refused beside the setting itself, and neither is shown', () => {
    const API_TOKEN_FILE = fileOf('hunter2-in-the-file');
    expect(faultsOf({ ...REQUIRED, API_TOKEN: 'hunter2-in-the-environment', API_TOKEN_FILE })).toEqual([
      'API_TOKEN: expected it or API_TOKEN_FILE, but both are set: leave one out',
    ]);
  });

  test('is held to what the setting is held to, and never shown', () => {
    const CREDENTIALS_KEYS_FILE = fileOf('k1:hunter2!');
    const [fault = '', ...others] = faultsOf({ ...REQUIRED, CREDENTIALS_KEYS: '', CREDENTIALS_KEYS_FILE });
    expect(others).toEqual([]);
    expect(fault).toContain('but the key of entry 1 is not base64');
    expect(fault).not.toContain('hunter2');
  });

  test.each([
    ['is not there', 'missing', 'ENOENT'],
    ['is a folder', '.', 'EISDIR'],
  ])('that %s is told', (_, name, code) => {
    const file = join(folder, name);
    expect(faultsOf({ ...REQUIRED, MONGODB_URL: '', MONGODB_URL_FILE: file })).toEqual([
      `MONGODB_URL_FILE: expected a file that can be read, but "${file}" can't (${code}): correct it, or set MONGODB_URL`,
    ]);
  });

  test('that is empty is told, and is no API without a token', () => {
    const API_TOKEN_FILE = fileOf(' \n');
    expect(faultsOf({ ...REQUIRED, API_TOKEN_FILE })).toEqual([
      'API_TOKEN_FILE: expected a file that holds API_TOKEN, but it is empty',
    ]);
  });

  test('is for secrets alone', () => {
    expect(load({ QUEUE_PREFIX_FILE: '/nowhere' }).queue.prefix).toBe('{odoo-sync}');
  });
});
