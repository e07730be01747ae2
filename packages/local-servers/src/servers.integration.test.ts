import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { transformFile } from '@swc/core';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { findBinary } from './findBinary.js';
import { claimFolder, cleanOrphans, noteServer } from './orphans.js';
import { startMongo } from './startMongo.js';
import { startRedis } from './startRedis.js';
import { FolderWorld, isAlive, until } from './testing/folder.js';

const world = new FolderWorld();
const SOURCE = dirname(fileURLToPath(import.meta.url));

const redisOf = (url: string): Redis => {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: null });
  redis.on('error', () => {});
  world.onEnd(() => redis.disconnect());
  return redis;
};

describe('a private Redis', () => {
  test('never drops a key for want of memory, writes no file, and listens to this machine only', async () => {
    const server = await startRedis({ log: world.log });
    world.onEnd(() => server.stop());
    const redis = redisOf(server.url);
    const setting = async (name: string) => ((await redis.config('GET', name)) as string[])[1];
    expect(await setting('maxmemory-policy')).toBe('noeviction');
    expect(await setting('save')).toBe('');
    expect(await setting('bind')).toBe('127.0.0.1');
  });

  test('starts again on its port, empty, and has ended with its folder when it was stopped', async () => {
    const server = await startRedis({ log: world.log });
    world.onEnd(() => server.stop());
    const [url, first] = [server.url, server.pid];
    const redis = redisOf(url);
    await redis.set('key', 'value');
    const [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
    await server.kill('SIGKILL');
    expect(isAlive(first)).toBe(false);
    await server.restart();
    expect(server.url).toBe(url);
    expect(server.pid).not.toBe(first);
    expect(await redisOf(url).get('key')).toBeNull();
    expect(existsSync(folder)).toBe(true);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    await server.stop();
  });

  test('that hangs is stopped too', async () => {
    const server = await startRedis({ log: world.log });
    server.signal('SIGSTOP');
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  test('that ends at its start is told with its last words', async () => {
    const path = await world.programs({ 'redis-server': 'echo "out of cheese"; exit 1' });
    await expect(startRedis({ log: world.log, path })).rejects.toThrow(
      /redis ended at its start: out of cheese/,
    );
  });
});

describe('a private MongoDB', () => {
  test('of three members survives the kill of its primary, takes it back, and ends whole', async () => {
    const mongo = await startMongo({ log: world.log, members: 3 });
    world.onEnd(() => mongo.stop());
    const client = new MongoClient(mongo.url);
    world.onEnd(() => client.close());
    const records = client.db('test').collection('records');
    await records.insertOne({ n: 1 }, { writeConcern: { w: 3 } });
    const first = await mongo.primary();
    await first.kill('SIGKILL');
    // The driver doesn't repeat a write that met the socket just as it broke.
    await until('another member takes writes', () =>
      records.updateOne({ n: 1 }, { $set: { again: true } }, { writeConcern: { w: 'majority' } }).then(
        ({ matchedCount }) => matchedCount === 1,
        () => false,
      ),
    );
    const second = await mongo.primary();
    expect(second.port).not.toBe(first.port);
    await first.restart();
    await records.insertOne({ n: 3 }, { writeConcern: { w: 3 } });
    const pids = mongo.members.map(({ pid }) => pid);
    expect(pids.every(isAlive)).toBe(true);
    await client.close();
    const began = performance.now();
    await mongo.stop();
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(pids.some(isAlive)).toBe(false);
  }, 60_000);

  test('of which one member fails to start leaves none of the others behind', async () => {
    const { path: real } = await findBinary('mongodb', { log: world.log });
    const notes = await world.folder();
    const path = await world.programs({
      mongod: `echo $$ >> ${notes}/pids\n/bin/mkdir ${notes}/first 2>/dev/null && exit 1\nexec ${real} "$@"`,
    });
    await expect(startMongo({ log: world.log, members: 3, path })).rejects.toThrow('ended at its start');
    const pids = (await readFile(join(notes, 'pids'), 'utf8')).trim().split('\n').map(Number);
    expect(pids).toHaveLength(3);
    expect(pids.some(isAlive)).toBe(false);
  }, 60_000);
});

describe('servers whose owner is killed', () => {
  // The owner is another process, which runs these sources as JavaScript.
  let built: string;
  beforeAll(async () => {
    built = join(SOURCE, '..', 'node_modules', `.owner-${process.pid}`);
    await mkdir(built, { recursive: true });
    await writeFile(join(built, 'package.json'), '{ "type": "module" }');
    const options = {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'es6' },
    } as const;
    for (const name of await readdir(SOURCE)) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
      const { code } = await transformFile(join(SOURCE, name), options);
      await writeFile(join(built, name.replace(/ts$/, 'js')), code);
    }
  });

  afterAll(() => rm(built, { recursive: true, force: true }));

  /** Runs a script beside the built sources, with a folder for temporary files of its own. */
  async function run(script: string, tmp: string): Promise<{ child: ChildProcess; lines: () => string[] }> {
    const file = join(built, `${Math.random().toString(36).slice(2)}.js`);
    await writeFile(file, script);
    const child = spawn(process.execPath, [file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '', TMPDIR: tmp },
    });
    world.onEnd(() => child.kill('SIGKILL'));
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
    });
    return { child, lines: () => text.split('\n').slice(0, -1) };
  }

  const OWNER = `
    import { startRedis } from './startRedis.js';
    const server = await startRedis({ log: () => {} });
    console.log(server.pid);
    setInterval(() => {}, 1_000);
  `;
  const CLEANER = `
    import { cleanOrphans } from './orphans.js';
    await cleanOrphans(console.log);
  `;

  async function startOwner() {
    const tmp = await world.folder();
    const { child, lines } = await run(OWNER, tmp);
    await until('the server is up', () => lines().length > 0);
    const pid = Number(lines()[0]);
    expect(isAlive(pid)).toBe(true);
    world.onEnd(() => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    const folders = () => readdir(join(tmp, `odoo-sync-servers-${userInfo().uid}`));
    return { tmp, child, pid, folders };
  }

  async function clean(tmp: string): Promise<string[]> {
    const { child, lines } = await run(CLEANER, tmp);
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    return lines();
  }

  test('end with it, and their folders go', async () => {
    const { child, pid, folders } = await startOwner();
    expect(await folders()).toHaveLength(1);
    child.kill('SIGKILL');
    await until('the server has ended', () => !isAlive(pid));
    await until('its folder is gone', async () => (await folders()).length === 0);
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('and whose guard is killed too, are ended by the next start, which touches no others', async () => {
    const { tmp, child, pid, folders } = await startOwner();
    expect(await clean(tmp)).toEqual([]);
    expect(isAlive(pid)).toBe(true);
    const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
    const guards = children
      .trim()
      .split(' ')
      .map(Number)
      .filter((one) => one !== pid);
    expect(guards).toHaveLength(1);
    for (const guard of guards) process.kill(guard, 'SIGKILL');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(pid)).toBe(true);
    expect(await clean(tmp)).toEqual([`ending the server ${pid}, which its owner left behind`]);
    await until('the server has ended', () => !isAlive(pid));
    expect(await folders()).toEqual([]);
  });

  test('a start beside another one never meets a half-written note', async () => {
    const folder = await claimFolder('redis');
    world.onEnd(() => rm(folder, { recursive: true }));
    expect(dirname(dirname(folder))).toBe(tmpdir());
    let writing = true;
    const writer = (async () => {
      for (let n = 0; n < 300; n++) await noteServer(folder, process.pid);
      writing = false;
    })();
    const cleaners = Array.from({ length: 4 }, async () => {
      while (writing) await cleanOrphans(world.log);
    });
    await Promise.all([writer, ...cleaners]);
    expect(existsSync(folder)).toBe(true);
  });
});
