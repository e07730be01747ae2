import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lastSecond, midnight } from './harness/days.js';
import { createWorld, type World } from './harness/world.js';
import { mirrorWithoutSync } from './oracle/mirror.js';

/** 10,000 records in the last second of one window and as many in the first of the next: the tightest a border can be. */
const burst = (name: string, count: number) => ({
  name,
  seed: 7,
  models: {
    'res.partner': {
      count: 2 * count + 50,
      days: 20,
      bursts: [
        { at: lastSecond(3).toISOString(), count },
        { at: midnight(2).toISOString(), count },
      ],
    },
  },
});

describe('a CSV import on both sides of a window border', () => {
  let world: World;
  const large = burst('import', 10_000);
  const small = burst('small', 150);
  beforeAll(async () => {
    world = await createWorld({
      databases: [large, small],
      settings: { INITIAL_SYNC_RANGE_DAYS: '10', TAIL_INTERVAL_MS: '5000' },
    });
  });
  afterAll(() => world?.close());

  // Every page size mirrors the same source as a user of its own, so that what is stored can be compared.
  const stored = new Map<number, string>();
  test.each([
    { page: 1, database: small.name, least: 300 },
    { page: 7, database: large.name, least: 20_000 },
    { page: 200, database: large.name, least: 20_000 },
    { page: 1_000, database: large.name, least: 20_000 },
  ])(
    'is mirrored whole, none twice, by pages of $page',
    async ({ page, database, least }) => {
      const userId = `${database}-${page}`;
      await world.addUser(database, userId);
      const limits = { LIMIT_PER_CALL: String(page), LIMIT_PER_CALL_MAX: String(page) };
      const processes = [await world.start('scheduler'), await world.start('worker', limits)];
      await world.caughtUp([userId], 240_000);
      for (const one of processes) await one.end();
      expect(await world.differences(database, userId)).toEqual([]);
      const mirror = await mirrorWithoutSync(world.db, 'odoocontacts', userId);
      expect(mirror.count).toBeGreaterThanOrEqual(least);
      if (database === large.name) stored.set(page, mirror.digest);
    },
    300_000,
  );

  test('leaves the same records whatever the page size', () => {
    expect(stored.size).toBe(3);
    expect(new Set(stored.values()).size).toBe(1);
  });
});

describe('a CSV import that one transaction of the server cannot hold', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      mongo: { wiredTigerCacheSizeGB: 0.25 },
      settings: { INITIAL_SYNC_RANGE_DAYS: '10', TAIL_INTERVAL_MS: '5000' },
    });
  });
  afterAll(() => world?.close());

  test('is mirrored in parts, whole and none twice', async () => {
    const at = lastSecond(3).toISOString();
    await world.simulator.call('addDatabase', {
      name: 'large',
      seed: 8,
      models: { 'res.partner': { count: 30_010, days: 20, bursts: [{ at, count: 30_000 }] } },
    });
    await world.addUser('large');
    await world.start('scheduler');
    await world.start('worker');
    await world.caughtUp(['large'], 240_000);
    expect(await world.differences('large')).toEqual([]);
    const burstBatch = await world.store.batch(`large.contacts.${at.slice(0, 10)}`);
    expect(burstBatch?.counts?.read).toBeGreaterThanOrEqual(30_000);
    expect(burstBatch?.parts).toBeGreaterThan(0);
  }, 300_000);
});
