import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { User } from '@odoo-sync/core';
import { faultyWindows } from './harness/tiling.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

const DATABASES = ['acme', 'globex'] as const;
const USERS = Array.from({ length: 8 }, (_, n) => `user${n}`);
/** With eight users: more than two hundred removals and additions. */
const LIVES = 26;

describe('users who are removed and added again, now on one Odoo and now on another, while the fleet works', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      // The same ids in both, so that a record of the wrong one would be taken for the right one's.
      databases: DATABASES.map((name, n) => ({
        name,
        seed: 70 + n,
        models: {
          'res.partner': { count: 60, days: 3, activeDays: 3 },
          'sale.order': { count: 20, days: 3, activeDays: 3 },
          'account.move': { count: 20, days: 3, activeDays: 3 },
          'hr.employee': { count: 5, days: 3, activeDays: 3 },
        },
      })),
      settings: { INITIAL_SYNC_RANGE_DAYS: '2' },
    });
  });
  afterAll(() => world?.close());

  const databaseOf = (userNumber: number, life: number) =>
    DATABASES[(userNumber + life) % 2] === 'acme' ? 'acme' : 'globex';
  const living = async (userId: string): Promise<User> => {
    const user = await world.store.user(userId);
    if (!user) throw new Error(`${userId} is lost`);
    return user;
  };
  /** As the command line does it, beside the schedulers. */
  const remove = async (user: User) => {
    await world.store.beginRemoval(user);
    while (!(await world.store.purgeStep(user)).done);
  };
  const mirrored = (userId: string) =>
    world.db.collection('odoocontacts').countDocuments({ userId }, { limit: 1 });

  test('are all there at the end, each with the mirror of its last Odoo and nothing else', async () => {
    const fleet = [];
    for (const role of ['scheduler', 'scheduler', 'worker', 'worker'] as const)
      fleet.push(await world.start(role));
    const live = async (userId: string, n: number) => {
      for (let life = 0; life < LIVES; life++) {
        await world.addUser(databaseOf(n, life), userId);
        const user = await living(userId);
        // Some go before the first turn, some in the middle of their backfill, some with a tail behind them.
        if (life % 3 === 1)
          await until(`${userId} is read`, async () => (await mirrored(userId)) > 0, 60_000);
        if (life % 9 === 2) await world.caughtUp([userId], 60_000);
        if (life < LIVES - 1) await remove(user);
      }
    };
    await Promise.all(USERS.map(live));
    await world.caughtUp(USERS);
    for (const [n, userId] of USERS.entries()) {
      const database = databaseOf(n, LIVES - 1);
      expect((await living(userId)).address.db).toBe(database);
      expect(await world.differences(database, userId)).toEqual([]);
      expect(await faultyWindows(world, userId)).toEqual([]);
    }
    expect(await world.db.collection('odoosyncusers').countDocuments()).toBe(USERS.length);
    for (const app of fleet) expect(await app.end()).toBe(0);
  }, 400_000);
});
