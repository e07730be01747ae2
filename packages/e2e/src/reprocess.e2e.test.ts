import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openConnection, openQueue } from '@odoo-sync/queue';
import { lastSecond, midnight } from './harness/days.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

const DAY = midnight(3);
const DOC = `acme.contacts.${DAY.toISOString().slice(0, 10)}`;

describe('a window that is read again', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      databases: [
        {
          name: 'acme',
          seed: 3,
          models: {
            'res.partner': {
              count: 1_400,
              days: 6,
              bursts: [{ at: lastSecond(3).toISOString(), count: 1_200 }],
            },
          },
        },
      ],
      settings: { INITIAL_SYNC_RANGE_DAYS: '6', LIMIT_PER_CALL: '200', LIMIT_PER_CALL_MAX: '200' },
    });
  });
  afterAll(() => world?.close());

  const contacts = () =>
    world.db.collection('odoocontacts').find({ userId: 'acme' }).sort({ odooId: 1 }).toArray();

  test('by two workers that are handed the same release at once, leaves one document a record', async () => {
    const windowStart = DAY.toISOString().slice(0, 19).replace('T', ' ');
    const match = { db: 'acme', model: 'res.partner', method: 'search_read', windowStart };
    await world.simulator.call('faults.add', { kind: 'latency', ms: 1_500, times: 2, match });
    await world.addUser('acme');
    await world.start('scheduler');
    await Promise.all([world.start('worker'), world.start('worker')]);
    const batch = await until('the window runs', async () => {
      const found = await world.store.batch(DOC);
      return found?.status === 'running' && found;
    });
    const connection = await openConnection(world.env.REDIS_URL ?? '', { role: 'cli' });
    const queue = openQueue(connection, '{odoo-sync}');
    const first = await queue.getJob(`${DOC}-${batch.release}`);
    expect(first).toBeDefined();
    // The same payload under other ids: BullMQ itself would not take the same id twice.
    const copies = await Promise.all(
      [1, 2, 3].map((n) => queue.add('backfill', first?.data, { jobId: `copy-${n}-of-${DOC}`, attempts: 4 })),
    );
    await world.caughtUp(['acme']);
    for (const copy of copies)
      await until(
        'the copies have ended',
        async () => (await queue.getJobState(String(copy.id))) === 'completed',
      );
    await queue.close();
    await connection.disconnect();

    expect(await world.differences('acme')).toEqual([]);
    const stored = await contacts();
    expect(new Set(stored.map(({ odooId }) => odooId)).size).toBe(stored.length);
    expect((await world.store.batch(DOC))?.attempts).toBe(0);
  });

  test('three times, writes nothing: neither to a document nor to a change stream', async () => {
    const before = await contacts();
    const stream = world.db.collection('odoocontacts').watch();
    // The first look opens it.
    expect(await stream.tryNext()).toBeNull();
    for (let round = 1; round <= 3; round++) {
      const range = { modules: ['contacts' as const], from: DAY, to: midnight(2), requestedBy: 'test' };
      const { _id } = await world.store.requestResync((await world.report('acme')).user, range);
      await until(
        'the resync has ended',
        async () => (await world.store.resync(_id))?.status === 'succeeded',
      );
    }
    // A marker behind them all: were there a change before it, the stream would show that first.
    await world.db.collection('odoocontacts').insertOne({ userId: 'marker', odooId: 1 });
    expect(await stream.next()).toMatchObject({ fullDocument: { userId: 'marker' } });
    await stream.close();
    const reads = (await world.db.collection('odoosyncturns').find({ kind: 'resync' }).toArray()).map(
      ({ counts }) => counts,
    );
    expect(reads).toHaveLength(3);
    for (const counts of reads)
      expect(counts).toMatchObject({ inserted: 0, updated: 0, unchanged: expect.any(Number) });
    expect(reads[0]?.unchanged).toBeGreaterThanOrEqual(1_200);
    expect(await contacts()).toEqual(before);
  });
});
