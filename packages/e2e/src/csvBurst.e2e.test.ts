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
  const pageSizes = [
    { page: 1, count: 150 },
    { page: 7, count: 10_000 },
    { page: 200, count: 10_000 },
    { page: 1_000, count: 10_000 },
  ];
  beforeAll(async () => {
    world = await createWorld({ settings: { INITIAL_SYNC_RANGE_DAYS: '10', TAIL_INTERVAL_MS: '5000' } });
  });
  afterAll(() => world.close());

  const stored = new Map<number, string>();
  test.each(pageSizes)('is mirrored whole, none twice, by pages of $page', async ({ page, count }) => {
    const name = `burst-${page}`;
    // The same seed and name give the same records; only the small one differs in size.
    await world.simulator.call('addDatabase', { ...burst(name, count) });
    await world.addUser(name);
    const limits = { LIMIT_PER_CALL: String(page), LIMIT_PER_CALL_MAX: String(page) };
    const processes = [await world.start('scheduler'), await world.start('worker', limits)];
    await world.caughtUp([name], 240_000);
    for (const one of processes) await one.end();
    expect(await world.differences(name)).toEqual([]);
    const mirror = await mirrorWithoutSync(world.db, 'odoocontacts', name);
    expect(mirror.count).toBeGreaterThanOrEqual(2 * count);
    if (count === 10_000) stored.set(page, mirror.digest);
  });

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
  afterAll(() => world.close());

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
  });
});
