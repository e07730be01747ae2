import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { faultyWindows } from './harness/tiling.js';
import { createWorld, type World } from './harness/world.js';

const YEARS = 10;
const DAYS = YEARS * 365;
const HELD = { count: 300, days: DAYS, activeDays: 75 };

describe('ten years of four modules, of which 300 windows hold anything', () => {
  let world: World;
  beforeAll(async () => {
    const models = { 'res.partner': HELD, 'sale.order': HELD, 'account.move': HELD, 'hr.employee': HELD };
    world = await createWorld({
      databases: [
        { name: 'old', seed: 11, models },
        { name: 'wide', seed: 12, version: 14, models },
      ],
      settings: { TAIL_INTERVAL_MS: '5000' },
    });
  });
  afterAll(() => world?.close());

  const ledger = (userKey: string) =>
    world.db.collection('odoosyncbatches').find({ userKey }).sort({ _id: 1 }).toArray();

  test('are mirrored whole, by turns for those windows alone, and a ledger that stays small', async () => {
    await world.start('scheduler');
    await world.start('worker');
    await world.addUser('old', 'old', 'all');
    await world.caughtUp(['old']);
    expect(await world.differences('old')).toEqual([]);
    expect(await faultyWindows(world, 'old')).toEqual([]);

    const batches = await ledger('old');
    const read = batches.filter(({ sealedBy }) => sealedBy !== 'survey');
    // Today's windows, and yesterday's for a quarter of an hour, are read whatever they hold.
    expect(read.filter(({ counts }) => counts.read === 0).length).toBeLessThanOrEqual(8);
    expect(read.length).toBeLessThanOrEqual(300 + 8);
    expect(batches.length).toBeLessThanOrEqual(2 * 300 + 16);
    const { modules, timeLeftMs } = await world.report('old');
    expect(timeLeftMs).toBe(0);
    for (const { windows, surveyed, recordsRead } of modules) {
      expect(windows.total).toBeGreaterThan(DAYS * 0.9);
      expect(windows.done).toBe(windows.total);
      expect(windows.empty).toBeGreaterThan(windows.total - 80);
      expect(recordsRead).toBe(surveyed);
    }
    const turns = await world.db.collection('odoosyncturns').countDocuments({ kind: 'backfill' });
    expect(turns).toBe(read.length);
  }, 180_000);

  test('are given to a user later, backwards, and nothing that is there is read again', async () => {
    await world.addUser('wide', 'wide', 400);
    await world.caughtUp(['wide']);
    const before = await ledger('wide');
    const read = () =>
      world.db.collection('odoosyncturns').find({ userKey: 'wide', kind: 'backfill' }).toArray();
    const docs = new Set((await read()).map(({ doc }) => doc));

    await world.store.widenUser((await world.report('wide')).user, 'all');
    expect((await world.report('wide')).caughtUp).toBe(false);
    await world.caughtUp(['wide']);
    expect(await world.differences('wide')).toEqual([]);
    expect(await faultyWindows(world, 'wide')).toEqual([]);
    const after = new Map((await ledger('wide')).map((batch) => [batch._id, batch]));
    for (const batch of before.filter(({ status }) => status === 'succeeded'))
      expect(after.get(batch._id)).toEqual(batch);
    const turns = await read();
    expect(new Set(turns.map(({ doc }) => doc)).size).toBe(turns.length);
    expect(turns.length).toBeGreaterThan(docs.size);
  }, 180_000);
});
