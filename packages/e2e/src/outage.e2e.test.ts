import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AppProcess } from './harness/process.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

describe('an Odoo that is out in the middle of a backfill', () => {
  let world: World;
  let worker: AppProcess;
  beforeAll(async () => {
    const models = { 'res.partner': { count: 600, days: 30, activeDays: 30 } };
    world = await createWorld({
      databases: [
        { name: 'out', seed: 21, models },
        { name: 'up', seed: 22, models },
      ],
      settings: { INITIAL_SYNC_RANGE_DAYS: '30', BREAKER_PAUSE_MS: '1000' },
    });
  });
  afterAll(() => world?.close());

  test('burns no window, disturbs no other user, and is mirrored when it is back', async () => {
    await world.start('scheduler');
    worker = await world.start('worker');
    await world.addUser('out');
    const done = async () =>
      (await world.report('out')).modules.reduce((sum, { windows }) => sum + windows.done - windows.empty, 0);
    await until('some windows are read', async () => (await done()) >= 5);
    const { id } = await world.simulator.call('faults.add', {
      kind: 'reset',
      times: 'always',
      match: { db: 'out' },
    } as never);
    const outage = await until('the breaker is open', async () => (await world.report('out')).outage);
    expect(outage.nextTryAt > outage.since).toBe(true);
    await world.addUser('up');
    await world.caughtUp(['up']);
    // Probes, with growing pauses.
    await until('it was tried again', async () => {
      const now = (await world.report('out')).outage;
      return now !== null && now.nextTryAt.getTime() - outage.nextTryAt.getTime() > 5_000;
    });
    const batches = await world.db.collection('odoosyncbatches').find({ userKey: 'out' }).toArray();
    expect(batches.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(Math.max(...batches.map(({ attempts }) => attempts))).toBeLessThanOrEqual(2);
    expect(await done()).toBeLessThan(31);

    await world.simulator.call('faults.clear', { id } as never);
    await world.caughtUp(['out']);
    expect(await world.differences('out')).toEqual([]);
    expect((await world.report('out')).outage).toBeNull();
    const said = (words: string) => worker.lines.filter((line) => line.includes(words)).length;
    expect(said('the breaker is open')).toBe(1);
    expect(said('the breaker is closed')).toBe(1);
  }, 180_000);
});
