import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type SourcePage, type SourceRecord, SyncError } from '@odoo-sync/core';
import { DiskSpool } from './spool.js';

let directory: string;
let spool: DiskSpool | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'odoo-sync-spool-test-'));
});
afterEach(async () => {
  await spool?.close();
  spool = undefined;
  await rm(directory, { recursive: true, force: true });
});

const opened = (memoryBytes: number): DiskSpool => {
  spool = new DiskSpool({ directory, memoryBytes });
  return spool;
};

const record = (odooId: number): SourceRecord => ({
  odooId,
  writeDate: new Date(Date.UTC(2026, 10, 22, 10, 0, odooId % 60)),
  hash: `h${odooId}`,
  document: new Uint8Array(),
  fields: {
    id: odooId,
    name: `Ünïcødé ${odooId} 🧾`,
    partner_id: { id: 7, name: 'A' },
    tag_ids: [1, 2],
    amount_total: 0.1 + odooId,
    signed_on: new Date('2026-11-22T10:00:00Z'),
    note: null,
    active: false,
  },
});

/** A page of so many bytes, of which the first ones hold the records. */
function page(from: number, count: number, bytes = 0): SourcePage {
  const records = Array.from({ length: count }, (_, n) => record(from + n));
  const held = serialize(records);
  const packed = Buffer.alloc(Math.max(bytes, held.length));
  packed.set(held);
  return { records, unreadable: [], packed, unpack: deserialize, ms: 1 };
}

async function read(held: DiskSpool, from = 0): Promise<SourceRecord[][]> {
  const chunks: SourceRecord[][] = [];
  for await (const chunk of held.chunks(from)) chunks.push([...chunk]);
  return chunks;
}

/** What this process holds open in the spool's folder, on systems that show it. */
async function expectOpenFiles(count: number): Promise<void> {
  if (!existsSync('/proc/self/fd')) return;
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  expect(links.filter((link) => link.startsWith(directory))).toHaveLength(count);
}

describe('a spool', () => {
  test('keeps pages in memory up to its budget, without a file', async () => {
    const held = opened(10_000);
    await held.append(page(1, 5, 5_000));
    await held.append(page(6, 5, 5_000));
    await expectOpenFiles(0);
    expect({ records: held.records, bytes: held.bytes, pages: held.pages }).toEqual({
      records: 10,
      bytes: 10_000,
      pages: 2,
    });
    expect((await read(held)).flat()).toEqual([...page(1, 10).records]);
  });

  test('puts on disk what comes past its budget, and gives back the same records, types and all', async () => {
    const held = opened(10_000);
    await held.append(page(1, 5, 6_000));
    await held.append(page(6, 5, 6_000));
    await held.append(page(11, 5, 1));
    await expectOpenFiles(1);
    expect((await read(held)).flat()).toEqual([...page(1, 15).records]);
  });

  test('cuts pages into chunks of at most 1,000 records, on disk and in memory', async () => {
    const held = opened(300_000);
    await held.append(page(1, 2_500));
    await held.append(page(2_501, 2_500));
    const chunks = await read(held);
    expect(chunks.map((chunk) => chunk.length)).toEqual([1_000, 1_000, 500, 1_000, 1_000, 500]);
    expect(chunks.flat().map(({ odooId }) => odooId)).toEqual(Array.from({ length: 5_000 }, (_, n) => n + 1));
  });

  test('gives the same chunks at every reading, whole, from a number on, and interleaved', async () => {
    const held = opened(0);
    for (let n = 0; n < 4; n++) await held.append(page(n * 10 + 1, 10));
    const all = await read(held);
    expect(await read(held)).toEqual(all);
    expect(await read(held, 2)).toEqual(all.slice(2));
    expect(await read(held, 4)).toEqual([]);
    const [one, other] = await Promise.all([read(held, 1), read(held)]);
    expect(one).toEqual(all.slice(1));
    expect(other).toEqual(all);
  });

  test('takes further pages after a part was read', async () => {
    const held = opened(0);
    await held.append(page(1, 3));
    expect(await read(held)).toHaveLength(1);
    await held.append(page(4, 3));
    expect((await read(held)).flat().map(({ odooId }) => odooId)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('leaves no name on disk even while it is open, and no open file once it is closed', async () => {
    const held = opened(0);
    await held.append(page(1, 3));
    expect(await readdir(directory)).toEqual([]);
    await held.close();
    await expectOpenFiles(0);
    expect(await read(held)).toEqual([]);
    await held.close();
  });

  test('says that the setting is wrong when its folder can not be written to', async () => {
    const missing = join(directory, 'missing');
    const held = new DiskSpool({ directory: missing, memoryBytes: 0 });
    const failure = await held.append(page(1, 1)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SyncError);
    expect(failure).toMatchObject({ kind: 'configuration', message: expect.stringContaining('SPOOL_DIR') });
    expect(String(failure)).toContain(missing);
    await held.close();

    // Root writes where it likes.
    if (process.getuid?.() === 0) return;
    await chmod(directory, 0o500);
    await expect(opened(0).append(page(1, 1))).rejects.toThrow('SPOOL_DIR');
    await chmod(directory, 0o700);
  });
});
