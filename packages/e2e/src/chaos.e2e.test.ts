import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { AppProcess } from './harness/process.js';
import { faultyWindows } from './harness/tiling.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

const USERS = ['north', 'south', 'west'];
const SEED = 20_261_123;

/** A small generator with a seed, so that a failure can be run again (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('two schedulers and three workers, killed one after the other, and an emptied Redis', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      databases: USERS.map((name, n) => ({
        name,
        seed: 60 + n,
        models: {
          'res.partner': { count: 3_000, days: 40, activeDays: 40 },
          'sale.order': { count: 1_000, days: 40, activeDays: 40 },
          'account.move': { count: 1_000, days: 40, activeDays: 40 },
          'hr.employee': { count: 200, days: 40, activeDays: 40 },
        },
      })),
      settings: { INITIAL_SYNC_RANGE_DAYS: '40', LEASE_MS: '2000', MAX_BATCH_ATTEMPTS: '4' },
    });
  });
  afterAll(() => world?.close());

  test('end with a mirror that is equal', async () => {
    const random = randomOf(SEED);
    for (const name of USERS) await world.addUser(name);
    const roles = ['scheduler', 'scheduler', 'worker', 'worker', 'worker'] as const;
    const fleet: AppProcess[] = [];
    for (const role of roles) fleet.push(await world.start(role));
    const done = async () => {
      const all = await Promise.all(USERS.map((name) => world.report(name)));
      return all
        .flatMap(({ modules }) => modules)
        .reduce((sum, { windows }) => sum + windows.done - windows.empty, 0);
    };
    for (const [n, role] of roles.entries()) {
      const before = await done();
      const further = 5 + Math.floor(random() * 20);
      await until('the backfill goes on', async () => (await done()) >= before + further, 60_000);
      await fleet[n]?.end('SIGKILL');
      if (n === 2) {
        const redis = new Redis(world.redis.url);
        await redis.flushall();
        await redis.quit();
      }
      fleet[n] = await world.start(role);
    }
    expect(await done()).toBeLessThan(USERS.length * 4 * 41);
    await world.caughtUp(USERS, 180_000);
    for (const name of USERS) {
      expect(await world.differences(name)).toEqual([]);
      expect(await faultyWindows(world, name)).toEqual([]);
    }
  }, 400_000);
});
