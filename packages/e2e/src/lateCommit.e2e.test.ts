import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { midnight } from './harness/days.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

describe('a transaction that is open over the end of its window', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      databases: [{ name: 'acme', seed: 4, models: { 'res.partner': { count: 200, days: 2 } } }],
      // Without a look back, a tail can't find what was dated before its last pass: what is found is the seal's.
      settings: {
        INITIAL_SYNC_RANGE_DAYS: '3',
        SETTLE_MS: '60000',
        LOOKBACK_MS: '0',
        CLOCK_MAX_SKEW_MS: String(3 * 86_400_000),
      },
    });
  });
  afterAll(() => world?.close());

  test('is mirrored by the seal', async () => {
    const end = midnight(-1);
    await world.simulator.call('clock.set', { to: end.getTime() - 8_000 });
    await world.addUser('acme');
    await world.start('scheduler');
    await world.start('worker');
    await world.followed(['acme']);
    const { transaction } = await world.simulator.call('begin', { db: 'acme' });
    const ids = (await world.simulator.call('ids', { db: 'acme', model: 'res.partner' })).ids.slice(0, 7);
    await world.simulator.call('transaction.write', {
      transaction,
      model: 'res.partner',
      ids,
      values: { name: 'Late' },
    });
    await world.simulator.call('clock.set', { to: end.getTime() + 20_000 });
    await world.followed(['acme']);
    const doc = `acme.contacts.${new Date(end.getTime() - 1).toISOString().slice(0, 10)}`;
    expect((await world.store.batch(doc))?.status).toBe('open');
    await world.simulator.call('commit', { transaction });
    await world.followed(['acme']);
    const late = () => world.db.collection('odoocontacts').countDocuments({ userId: 'acme', name: 'Late' });
    expect(await late()).toBe(0);
    await world.simulator.call('clock.set', { to: end.getTime() + 65_000 });
    await until('the window is sealed', async () => (await world.store.batch(doc))?.status === 'succeeded');
    expect(await late()).toBe(ids.length);
    await world.followed(['acme']);
    expect(await world.differences('acme')).toEqual([]);
  });
});

describe('a change during a long backfill', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      databases: [
        { name: 'acme', seed: 6, models: { 'res.partner': { count: 2_000, days: 50, activeDays: 50 } } },
      ],
      settings: {
        INITIAL_SYNC_RANGE_DAYS: '50',
        TAIL_INTERVAL_MS: '10000',
        SCHEDULER_INTERVAL_MS: '10000',
        LEASE_MS: '15000',
      },
    });
  });
  afterAll(() => world?.close());

  test('is mirrored within 12 s', async () => {
    // Windows of a good second each, by an Odoo that answers the tail's own questions at its usual pace.
    const match = { db: 'acme', method: 'search_read', window: true as const };
    await world.simulator.call('faults.add', { kind: 'latency', ms: 600, times: 'always', match });
    await world.addUser('acme');
    await world.start('scheduler');
    await Promise.all([world.start('worker'), world.start('worker')]);
    await until('the backfill runs', async () =>
      (await world.report('acme')).modules.some(({ windows }) => windows.done > 2),
    );
    const ids = (await world.simulator.call('ids', { db: 'acme', model: 'res.partner' })).ids;
    const waits: number[] = [];
    for (let round = 0; round < 3; round++) {
      const name = `Changed in round ${round}`;
      const began = performance.now();
      await world.simulator.call('write', {
        db: 'acme',
        model: 'res.partner',
        ids: [ids[round] ?? 0],
        values: { name },
      });
      await until('the change is mirrored', async () =>
        world.db.collection('odoocontacts').findOne({ userId: 'acme', name }),
      );
      waits.push(performance.now() - began);
    }
    const { modules } = await world.report('acme');
    expect(modules.some(({ windows }) => windows.pending > 50 / 2)).toBe(true);
    expect(Math.max(...waits)).toBeLessThan(12_000);
  });
});
