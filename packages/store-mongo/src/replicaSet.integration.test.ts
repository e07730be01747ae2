import { describe, expect, test } from '@jest/globals';
import { SyncError } from '@odoo-sync/core';
import { MongoClient } from 'mongodb';
import { MongoWorld, RESULT, records, streamOf, until } from './testing/mongoWorld.js';

const world = new MongoWorld({ members: 3 });

async function stepDown(): Promise<void> {
  const primary = await world.mongo.primary();
  const admin = new MongoClient(`mongodb://127.0.0.1:${primary.port}/?directConnection=true`);
  await admin.db('admin').command({ replSetStepDown: 5, secondaryCatchUpPeriodSecs: 5, force: true });
  await admin.close();
}

describe('a set of three', () => {
  test('whose primary steps down in the middle of a commit holds the records once in the end', async () => {
    const store = await world.open();
    const { batch, pass, user } = await world.runningWindow(store);
    const before = await world.mongo.primary();
    let steppedDown = false;
    const stream = streamOf(records(1, 500), {
      chunk: 100,
      async onChunk(chunk) {
        if (chunk !== 3 || steppedDown) return;
        steppedDown = true;
        await stepDown();
      },
    });
    const commit = () => store.commitBatch(pass, batch, { stream, pass: RESULT });
    const { counts } = await commit().catch(async (error: unknown) => {
      expect(error).toBeInstanceOf(SyncError);
      expect(await store.batch(batch._id)).toEqual(batch);
      expect(await store.countRecords(user, 'contacts')).toBe(0);
      return commit();
    });
    expect(counts).toEqual({ read: 500, inserted: 500, updated: 0, unchanged: 0 });
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded', counts });
    expect(await store.countRecords(user, 'contacts')).toBe(500);
    await until('another member is primary', async () => {
      const now = await world.mongo.primary().catch(() => before);
      return now.port !== before.port;
    });
  }, 40_000);
});
