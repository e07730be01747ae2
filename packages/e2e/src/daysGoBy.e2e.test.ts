import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { faultyWindows } from './harness/tiling.js';
import { recordedTurns } from './harness/turns.js';
import { createWorld, type World } from './harness/world.js';

const HOUR_MS = 3_600_000;
const STEP_HOURS = 6;
const DAYS = 3;
const RANGE = 5;

describe('days that go by', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      databases: [
        {
          name: 'acme',
          seed: 12,
          models: { 'res.partner': { count: 300, days: 5 }, 'sale.order': { count: 100, days: 5 } },
        },
      ],
      settings: { INITIAL_SYNC_RANGE_DAYS: String(RANGE), CLOCK_MAX_SKEW_MS: String(30 * 24 * HOUR_MS) },
    });
  });
  afterAll(() => world?.close());

  test('bring windows at midnight that are read, sealed, and tile; nothing is read twice without reason', async () => {
    await world.addUser('acme');
    await world.start('scheduler');
    await world.start('worker');
    await world.followed(['acme']);
    const { ids } = await world.simulator.call('ids', { db: 'acme', model: 'res.partner' });
    for (let step = 0; step < (DAYS * 24) / STEP_HOURS; step++) {
      await world.simulator.call('write', {
        db: 'acme',
        model: 'res.partner',
        ids: ids.slice(step * 5, step * 5 + 5),
      });
      await world.simulator.call('create', { db: 'acme', model: 'sale.order', count: 2 });
      await world.simulator.call('clock.advance', { ms: STEP_HOURS * HOUR_MS });
      await world.followed(['acme']);
    }
    expect(await world.differences('acme')).toEqual([]);

    const batches = await world.db
      .collection('odoosyncbatches')
      .find({ userKey: 'acme' })
      .sort({ module: 1, startTime: 1 })
      .toArray();
    expect(await faultyWindows(world, 'acme')).toEqual([]);
    const reads = new Map<string, number>();
    // A job that comes late looks at the ledger under the lane, and reads nothing.
    for (const { doc, kind, outcome } of await recordedTurns(world.db))
      if (kind !== 'tail' && outcome !== 'noop') reads.set(doc, (reads.get(doc) ?? 0) + 1);
    for (const batch of batches) {
      // Once when it was sealable at once; else at its beginning and by its seal.
      const once =
        batch.startTime.getTime() + 24 * HOUR_MS < batches[0]?.startTime.getTime() + RANGE * 24 * HOUR_MS;
      const most = batch.sealedBy === 'survey' ? 0 : once ? 1 : 2;
      expect(reads.get(String(batch._id)) ?? 0).toBeLessThanOrEqual(most);
    }
  }, 300_000);
});
