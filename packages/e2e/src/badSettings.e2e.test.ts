import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { endOf, isClean } from './harness/endOf.js';

const SECRETS = ['hunter2', Buffer.alloc(31, 7).toString('base64'), Buffer.alloc(32, 7).toString('base64')];
const APPS = ['scheduler', 'worker', 'api', 'cli'] as const;
const NOBODY = {
  REDIS_URL: 'redis://:hunter2@127.0.0.1:1',
  MONGODB_URL: 'mongodb://u:hunter2@127.0.0.1:1/',
  CREDENTIALS_KEYS: `k1:${SECRETS[2]}`,
};

const prefixOf = (app: string) => (app === 'cli' ? 'odoo-sync: ' : `odoo-sync-${app} did not start: `);

/** Each setting's nonsense, and the line that tells it. */
const NONSENSE: readonly (readonly [string, string, string])[] = [
  [
    'NODE_ENV',
    'prod',
    'expected one of production, development, test, but it is "prod": correct it, or leave it out',
  ],
  ['REDIS_URL', 'http://:hunter2@h', 'expected a URL that begins with redis://'],
  [
    'MONGODB_URL',
    'mongodb://u:hunter2@h:70000/',
    'host 1 of it is not host or host:port with a port from 1 to 65535: correct it',
  ],
  ['QUEUE_PREFIX', 'a b', 'expected 1 to 64 letters'],
  ['CREDENTIALS_KEYS', `k1:${SECRETS[1]}`, 'but the key of entry 1 has 31 bytes, not 32: correct it'],
  ['LOG_LEVEL', 'loud', 'expected one of fatal, error'],
  ['LOG_FORMAT', 'text', 'expected one of json, pretty, but it is "text"'],
  ['WINDOW_HOURS', '12', 'expected 24, but it is "12"'],
  ['MAX_BATCH_ATTEMPTS', '4.5', 'expected a whole number from 1 to 20, but it is "4.5"'],
  ['RETRY_BACKOFF_MS', '-1', 'expected a whole number from 1 to 86400000, but it is "-1"'],
  ['SETTLE_MS', '15m', 'expected a whole number from 0 to 86400000, but it is "15m"'],
  ['LEASE_MS', '1000', 'expected a whole number from 2000 to 600000, but it is "1000"'],
  ['USER_CONCURRENCY', '5', 'expected a whole number from 1 to 4, but it is "5"'],
  ['LIMIT_PER_CALL', '1e3', 'expected a whole number from 1 to 10000, but it is "1e3"'],
  ['ODOO_TIMEOUT_MS', '0x10', 'expected a whole number from 100 to 3600000'],
  ['ODOO_LANG', 'english', 'expected a locale such as en_US, but it is "english"'],
  ['WORKER_CONCURRENCY', '0', 'expected a whole number from 1 to 64, but it is "0"'],
  ['API_HOST', '0.0.0.0:80', 'or a host name, but it is "0.0.0.0:80"'],
  ['API_PORT', '65536', 'expected a whole number from 0 to 65535, but it is "65536"'],
  [
    'API_TOKEN',
    'hunter2',
    'expected at least 16 printable characters without blanks (openssl rand -hex 32), but what is set (not shown) is something else',
  ],
  ['METRICS_HOST', '*', 'or a host name, but it is "*"'],
  ['METRICS_PORT', '9464/tcp', 'expected a whole number from 0 to 65535, but it is "9464/tcp"'],
];

/** Those of which a program knows nothing: whatever stands there is none of its business. */
const OTHERS: Readonly<Record<(typeof APPS)[number], RegExp>> = {
  scheduler: /^(?:CREDENTIALS_KEYS|LIMIT_|ODOO_|WORKER_|API_)/,
  worker: /^API_(?:HOST|PORT|TOKEN)$/,
  api: /^(?:CREDENTIALS_KEYS|LIMIT_|ODOO_|WORKER_)/,
  cli: /^(?:WORKER_|API_(?:HOST|PORT|TOKEN)$|METRICS_)/,
};

describe.each(APPS)('the %s', (app) => {
  const own = NONSENSE.filter(([name]) => !OTHERS[app].test(name));

  test('tells every wrong setting of its own at once, a line each, and ends with 78', async () => {
    const env = Object.fromEntries(NONSENSE.map(([name, value]) => [name, value]));
    const ended = await endOf(app, { ...env, TAIL_INTERVAL_MS: '5000', TAIL_QUIET_MS: '4000' });
    expect({ code: ended.code, out: ended.out, clean: isClean(ended, SECRETS) }).toEqual({
      code: 78,
      out: '',
      clean: true,
    });
    const [head, ...lines] = ended.err.trim().split('\n');
    expect(head).toBe(`${prefixOf(app)}${own.length + 1} settings are wrong:`);
    expect(lines).toHaveLength(own.length + 1);
    for (const [name, , line] of own)
      expect(lines.filter((one) => one.startsWith(`${name}: expected `) && one.includes(line))).toHaveLength(
        1,
      );
    expect(lines.at(-1)).toBe(
      'TAIL_QUIET_MS: expected at least TAIL_INTERVAL_MS (5000), but it is "4000": raise it, or lower TAIL_INTERVAL_MS',
    );
  });

  test('tells what must be set and is not, and ends with 78', async () => {
    const ended = await endOf(app, {});
    expect(ended.code).toBe(78);
    const lines = ended.err.trim().split('\n');
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      prefixOf(app).split(':')[0],
      'REDIS_URL',
      'MONGODB_URL',
      ...(OTHERS[app].test('CREDENTIALS_KEYS') ? [] : ['CREDENTIALS_KEYS']),
    ]);
    expect(lines[3]).toBe(
      OTHERS[app].test('CREDENTIALS_KEYS')
        ? undefined
        : 'CREDENTIALS_KEYS: expected a comma-separated list of id:key, each key 32 bytes in base64 (openssl rand -base64 32), but it is not set: set it',
    );
  });
});

test.each([
  [
    { LIMIT_PER_CALL: '300', LIMIT_PER_CALL_MAX: '200' },
    /^LIMIT_PER_CALL_MAX: expected at least LIMIT_PER_CALL \(300\)/m,
  ],
  [
    { RETRY_BACKOFF_MS: '86400000', MAX_BATCH_ATTEMPTS: '9' },
    /^RETRY_BACKOFF_MS: expected a pause .* makes 128: lower one/m,
  ],
  [
    { REDIS_URL: 'redis+cluster://a,b', QUEUE_PREFIX: 'x' },
    /^QUEUE_PREFIX: expected it in braces.*set it to \{x\}$/m,
  ],
  [{ CREDENTIALS_KEYS: '' }, /^CREDENTIALS_KEYS: .* but it is not set/m],
  [{ CREDENTIALS_KEYS: 'hunter2' }, /^CREDENTIALS_KEYS: .* but entry 1 has no id: it must read id:key/m],
  [
    { CREDENTIALS_KEYS: `k1:${SECRETS[2]},k1:${SECRETS[2]}` },
    /^CREDENTIALS_KEYS: .* but entries 1 and 2 have the same id/m,
  ],
  [
    { CREDENTIALS_KEYS: `k 1:${SECRETS[2]}` },
    /^CREDENTIALS_KEYS: .* but the id of entry 1 is not 1 to 32 letters/m,
  ],
  [{ CREDENTIALS_KEYS: 'k1:hunter2!' }, /^CREDENTIALS_KEYS: .* but the key of entry 1 is not base64/m],
  [
    { MONGODB_URL: 'mongodb://u:hunter2@127.0.0.1:1/a%20b' },
    /^MONGODB_URL: .* but its path is no name of a database/m,
  ],
  [
    { API_HOST: '0.0.0.0' },
    /^API_TOKEN: expected one, as API_HOST \(0\.0\.0\.0\) can be reached from other machines, but it is not set: set it/m,
  ],
  [
    { API_TOKEN: 'hunter2-hunter2-hunter2', API_TOKEN_FILE: '/dev/null' },
    /^API_TOKEN: expected it or API_TOKEN_FILE, but both are set: leave one out$/m,
  ],
  [
    { API_TOKEN_FILE: '/dev/null' },
    /^API_TOKEN_FILE: expected a file that holds API_TOKEN, but it is empty$/m,
  ],
  [
    { CREDENTIALS_KEYS: '', CREDENTIALS_KEYS_FILE: '/nowhere/keys' },
    /^CREDENTIALS_KEYS_FILE: expected a file that can be read, but "\/nowhere\/keys" can't \(ENOENT\): correct it, or set CREDENTIALS_KEYS$/m,
  ],
])('settings that contradict each other or themselves end a start with 78: %#', async (env, line) => {
  const app = Object.keys(env).some((name) => /^API_(?:HOST|TOKEN)/.test(name)) ? 'api' : 'worker';
  const ended = await endOf(app, { ...NOBODY, ...env });
  expect({ code: ended.code, err: ended.err, clean: isClean(ended, SECRETS) }).toEqual({
    code: 78,
    err: expect.stringMatching(line),
    clean: true,
  });
  expect(ended.err.trim().split('\n')).toHaveLength(2);
});

describe('a worker whose folder for large windows', () => {
  test.each([
    ['is not there', 'missing', 'ENOENT'],
    ['is a file', 'file', 'ENOTDIR'],
  ])('%s ends at its start with 78, before it asks any server', async (_, name, code) => {
    const folder = await mkdtemp(join(tmpdir(), 'odoo-sync-bad-spool-'));
    try {
      await writeFile(join(folder, 'file'), '');
      const directory = join(folder, name);
      const ended = await endOf('worker', { ...NOBODY, SPOOL_DIR: directory });
      expect({ code: ended.code, err: ended.err, clean: isClean(ended, SECRETS) }).toEqual({
        code: 78,
        err: expect.stringMatching(
          `^odoo-sync-worker did not start: SPOOL_DIR can't be written to: expected a folder .*"${directory}", but ${code}.*: create it, .* or set SPOOL_DIR to another\n$`,
        ),
        clean: true,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test('a worker whose turns may keep more in memory than it has ends at its start with 78', async () => {
  const ended = await endOf('worker', { ...NOBODY, SPOOL_MEMORY_BYTES: '68719476736' });
  expect({ code: ended.code, err: ended.err }).toEqual({
    code: 78,
    err: expect.stringMatching(
      /^odoo-sync-worker did not start: SPOOL_MEMORY_BYTES: expected less .* is 274877906944 of \d+ bytes: lower one of them, .*\n$/,
    ),
  });
});
