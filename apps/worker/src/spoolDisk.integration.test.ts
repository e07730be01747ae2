import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type SourcePage, SyncError } from '@odoo-sync/core';
import { mountSmallDisk } from '@odoo-sync/local-servers';
import { checkSpoolDir } from './checkSpoolDir.js';
import { DiskSpool } from './spool.js';
import { openSpoolFile } from './spoolFile.js';
import { TurnWorld } from './testing/turnWorld.js';

const DISK_BYTES = 1_048_576;
const disk = mountSmallDisk(DISK_BYTES);
const onSmallDisk = disk ? test : test.skip;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'odoo-sync-spool-disk-'));
});
afterAll(async () => {
  disk?.unmount();
  await rm(folder, { recursive: true, force: true });
});

const failureOf = (work: Promise<unknown>): Promise<SyncError> =>
  work.then(
    () => {
      throw new Error('it went well');
    },
    (error: SyncError) => error,
  );

/** A page of so many bytes of text. */
function page(bytes: number): SourcePage {
  const note = 'x'.repeat(bytes);
  const records = [
    { odooId: 1, writeDate: new Date(0), hash: 'h', document: new Uint8Array(), fields: { id: 1, note } },
  ];
  return { records, unreadable: [], packed: serialize(records), unpack: deserialize, ms: 1 };
}

async function openFilesIn(directory: string): Promise<number> {
  if (!existsSync('/proc/self/fd')) return 0;
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((link) => link.startsWith(directory)).length;
}

describe('a spool on a disk that is full', () => {
  onSmallDisk('names the setting, what was needed and what was written, and reads what it has', async () => {
    const directory = disk?.directory ?? '';
    const spool = new DiskSpool({ directory, memoryBytes: 0 });
    try {
      await spool.append(page(600_000));
      const error = await failureOf(spool.append(page(600_000)));
      expect(error).toBeInstanceOf(SyncError);
      expect(error.kind).toBe('configuration');
      const [, needed, before, written] =
        /^SPOOL_DIR: a window needs (\d+) bytes more in \S+ behind the (\d+) that it has there, but only (\d+) could be written \(ENOSPC: no space left on device, write\): make room there, set SPOOL_DIR/.exec(
          error.message,
        ) ?? [];
      expect(error.message).toContain(directory);
      expect(Number(needed)).toBeGreaterThan(600_000);
      expect(Number(before)).toBeGreaterThan(600_000);
      // The write that only fits in part: what it took is counted.
      expect(Number(written)).toBeGreaterThan(0);
      expect(Number(before) + Number(written)).toBeLessThanOrEqual(DISK_BYTES);
      const kept: number[] = [];
      for await (const chunk of spool.chunks(0))
        kept.push(...chunk.map(({ fields }) => String(fields.note).length));
      expect(kept).toEqual([600_000]);
    } finally {
      await spool.close();
    }
    expect(await openFilesIn(directory)).toBe(0);
    expect(disk?.freeBytes()).toBe(DISK_BYTES);
    const again = new DiskSpool({ directory, memoryBytes: 0 });
    await again.append(page(900_000));
    await again.close();
  });

  test('by a limit for files, which every system has, is told the same way', () => {
    const script = `
      process.on('SIGXFSZ', () => {});
      const { openSpoolFile } = await import(process.argv[1]);
      const file = await openSpoolFile(process.argv[2]);
      const error = await file.append(Buffer.alloc(200_000)).then(() => null, (error) => error);
      await file.close();
      process.stdout.write(JSON.stringify({ kind: error?.kind, message: error?.message }));
    `;
    const built = new URL('../dist/spoolFile.js', import.meta.url).pathname;
    // 64 KiB or 128 KiB, as the shell counts by 512 or 1024.
    const out = execFileSync(
      'sh',
      [
        '-c',
        'ulimit -f 128; exec "$0" --input-type=module -e "$1" "$2" "$3"',
        process.execPath,
        script,
        built,
        folder,
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH }, timeout: 20_000 },
    );
    const { kind, message } = JSON.parse(out) as { kind: string; message: string };
    expect(kind).toBe('configuration');
    expect(message).toMatch(
      /^SPOOL_DIR: a window needs 200000 bytes more .* but only (65536|131072) could be written \(EFBIG: file too large, write\)/,
    );
  });
});

describe('the folder at the start of a worker', () => {
  test('is left as it was', async () => {
    await checkSpoolDir(folder);
    expect(await readdir(folder)).toEqual([]);
  });

  test('that is not there, or is a file, is told with what to do', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    for (const [directory, code] of [
      [join(folder, 'missing'), 'ENOENT'],
      [file, 'ENOTDIR'],
    ] as const) {
      const error = await failureOf(checkSpoolDir(directory));
      expect(error).toBeInstanceOf(SyncError);
      expect(error.kind).toBe('configuration');
      expect(error.message).toMatch(
        new RegExp(
          `^SPOOL_DIR can't be written to: expected a folder .*"${directory}", but ${code}.*: create it`,
        ),
      );
      await expect(openSpoolFile(directory)).rejects.toThrow("SPOOL_DIR can't be written to");
    }
    await rm(file);
  });

  const asUser = process.getuid?.() === 0 ? test.skip : test;
  asUser('that is not ours is told', async () => {
    await chmod(folder, 0o500);
    await expect(checkSpoolDir(folder)).rejects.toThrow('EACCES');
    await chmod(folder, 0o700);
  });

  onSmallDisk('on a disk that is full is taken: it may have room by the time it is needed', async () => {
    const directory = disk?.directory ?? '';
    const spool = new DiskSpool({ directory, memoryBytes: 0 });
    await failureOf(spool.append(page(2_000_000)));
    await checkSpoolDir(directory);
    await spool.close();
  });
});

describe('a window that is larger than the disk', () => {
  const world = new TurnWorld();

  onSmallDisk(
    'uses an attempt with a fault of the configuration, commits nothing, and is read once there is room',
    async () => {
      const directory = disk?.directory ?? '';
      const tenant = await world.connect({ spool: { directory, memoryBytes: 0 }, pageSize: 50 });
      tenant.odoo.create('res.partner', 300, { at: tenant.noon() });
      disk?.fill(20_000);
      expect((await tenant.window()).outcome).toMatchObject({
        type: 'retry',
        error: { kind: 'configuration', message: expect.stringContaining('SPOOL_DIR') },
      });
      expect(await tenant.batch()).toMatchObject({
        status: 'queued',
        attempts: 1,
        lastError: { kind: 'configuration', message: expect.stringContaining('ENOSPC') },
      });
      expect(await tenant.mirrored()).toEqual([]);
      expect(await openFilesIn(directory)).toBe(0);

      disk?.empty();
      expect((await tenant.window()).outcome.type).toBe('done');
      expect(await tenant.batch()).toMatchObject({
        status: 'succeeded',
        attempts: 1,
        retries: 1,
        lastError: null,
      });
      expect(await tenant.mirrored()).toHaveLength(300);
    },
  );
});
