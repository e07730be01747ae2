import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { batchIdOf } from '@odoo-sync/core';
import { mountSmallDisk } from '@odoo-sync/local-servers';
import { midnight } from './harness/days.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

const disk = mountSmallDisk(8 * 1_048_576);
const onSmallDisk = disk ? describe : describe.skip;

onSmallDisk('a worker whose disk for large windows is full', () => {
  let world: World;
  const day = midnight(2);
  const doc = batchIdOf('acme', 'contacts', day);
  beforeAll(async () => {
    world = await createWorld({
      databases: [
        {
          name: 'acme',
          seed: 11,
          models: {
            'res.partner': { count: 700, days: 3, bursts: [{ at: day.toISOString(), count: 600 }] },
            'sale.order': { count: 20, days: 3 },
          },
        },
      ],
      settings: {
        INITIAL_SYNC_RANGE_DAYS: '4',
        SPOOL_DIR: disk?.directory ?? '',
        SPOOL_MEMORY_BYTES: '65536',
        RETRY_BACKOFF_MS: '1000',
        MAX_BATCH_ATTEMPTS: '12',
      },
    });
  });
  afterAll(async () => {
    await world?.close();
    disk?.unmount();
  });

  test('says so in the ledger, commits nothing of the window, lives, and reads it once there is room', async () => {
    disk?.fill(8_192);
    await world.addUser('acme');
    await world.start('scheduler');
    const worker = await world.start('worker');
    const batch = await until('the window has failed an attempt', async () => {
      const found = await world.store.batch(doc);
      return found?.lastError && found;
    });
    expect(batch.lastError).toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(
        /^SPOOL_DIR: a window needs \d+ bytes more in \S+ behind the \d+ that it has there, but only \d+ could be written \(ENOSPC: .*\): make room there, set SPOOL_DIR to a larger disk, or raise SPOOL_MEMORY_BYTES$/,
      ),
    });
    const inWindow = { userId: 'acme', write_date: { $gte: day, $lt: midnight(1) } };
    expect(await world.db.collection('odoocontacts').countDocuments(inWindow)).toBe(0);
    await until('the windows that need no disk are read', async () => {
      const { modules } = await world.report('acme');
      const orders = modules.find(({ module }) => module === 'saleOrders');
      return orders && orders.windows.total > 0 && orders.windows.done === orders.windows.total;
    });

    disk?.empty();
    await until(
      'the window is read',
      async () => (await world.store.batch(doc))?.status === 'succeeded',
      60_000,
    );
    await world.caughtUp(['acme']);
    expect(await world.differences('acme')).toEqual([]);
    expect(worker.logged('an attempt failed').length).toBeGreaterThan(0);
    expect(await worker.end()).toBe(0);
    expect(disk?.freeBytes()).toBe(8 * 1_048_576);
  });
});
