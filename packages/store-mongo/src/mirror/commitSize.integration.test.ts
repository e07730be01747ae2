import { describe, expect, test } from '@jest/globals';
import { SyncError } from '@odoo-sync/core';
import { MongoWorld, RESULT, record, records, SET, streamOf, until } from '../testing/mongoWorld.js';

const MIB = 1024 * 1024;
const world = new MongoWorld({ wiredTigerCacheSizeGB: 0.25 });

async function open() {
  const store = await world.open();
  return { store, ...(await world.runningWindow(store)) };
}

const setSize = (transactionBytes: number, fitted = 0) =>
  world.stored.servers.insertOne({ _id: SET, transactionBytes, fitted });
const sizeNow = async () => (await world.stored.servers.findOne({ _id: SET }))?.transactionBytes;

/** Another program's open transaction on a record: whoever writes that record meets a transient failure at once. */
async function holdRecord(odooId: number): Promise<() => Promise<void>> {
  const session = world.raw.startSession();
  session.startTransaction();
  await world.stored.contacts.updateOne({ odooId }, { $set: { held: true } }, { session });
  world.onEnd(() => session.endSession());
  return async () => {
    if (session.inTransaction()) await session.abortTransaction();
  };
}

describe('a window past the size of a transaction', () => {
  test('is committed in parts in id order, each visible under `committing`, and the batch ends it', async () => {
    await setSize(20_000);
    const { store, batch, pass } = await open();
    const seen: string[] = [];
    const stream = streamOf(records(1, 50), {
      chunk: 10,
      async onChunk(chunk) {
        const found = await store.batch(batch._id);
        const ids = await world.stored.contacts.distinct('odooId');
        seen.push(`${chunk}: ${found?.status} ${found?.parts} ${ids.length} to ${Math.max(0, ...ids)}`);
      },
    });
    const { counts } = await store.commitBatch(pass, batch, { stream, pass: RESULT });
    expect(counts).toEqual({ read: 50, inserted: 50, updated: 0, unchanged: 0 });
    expect(seen).toEqual([
      '0: running 0 0 to 0',
      '1: running 0 0 to 0',
      '2: running 0 0 to 0',
      '2: committing 1 20 to 20',
      '3: committing 1 20 to 20',
      '4: committing 1 20 to 20',
      '4: committing 2 40 to 40',
    ]);
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded', counts });
  });

  test('that broke off between parts is overwritten by the next attempt', async () => {
    await setSize(20_000);
    const { store, batch, pass } = await open();
    const broken = streamOf(records(1, 50), {
      chunk: 10,
      onChunk(chunk) {
        if (chunk === 4) throw new Error('the spool is gone');
      },
    });
    await expect(store.commitBatch(pass, batch, { stream: broken, pass: RESULT })).rejects.toThrow(
      'the spool is gone',
    );
    const left = (await store.batch(batch._id))!;
    expect(left).toMatchObject({ status: 'committing', parts: 1 });
    expect(await world.stored.contacts.countDocuments()).toBe(20);
    const { counts } = await store.commitBatch(pass, left, {
      stream: streamOf(records(1, 50), { chunk: 10 }),
      pass: RESULT,
    });
    expect(counts).toEqual({ read: 50, inserted: 30, updated: 0, unchanged: 20 });
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded', counts });
  });

  test('that the server refuses for its size goes in smaller parts, and the size is kept for the whole fleet', async () => {
    const { store, batch, pass } = await open();
    const note = 'x'.repeat(15_000);
    const all = records(1, 4_000, (id) => record(id, { note }));
    const stream = streamOf(all, { bytes: 24 * MIB });
    const { counts } = await store.commitBatch(pass, batch, { stream, pass: RESULT });
    expect(counts).toEqual({ read: 4_000, inserted: 4_000, updated: 0, unchanged: 0 });
    expect(await world.stored.contacts.countDocuments()).toBe(4_000);
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded', parts: expect.any(Number) });
    expect((await store.batch(batch._id))!.parts).toBeGreaterThan(0);
    const size = (await sizeNow())!;
    expect(size).toBeLessThanOrEqual(12 * MIB);
    expect(world.logged.map(({ message }) => message)).toContain('transaction size halved');
  }, 60_000);

  test('is tried in larger parts after a number of them went through', async () => {
    await setSize(20_000, 8);
    const { store, batch, pass } = await open();
    await store.commitBatch(pass, batch, { stream: streamOf(records(1, 80), { chunk: 10 }), pass: RESULT });
    expect(await sizeNow()).toBe(40_000);
  });
});

describe('a transient failure of a commit', () => {
  test('comes twice, and the size is halved', async () => {
    const { store, batch, pass } = await open();
    await store.commitTail(pass, streamOf(records(1, 20)));
    const release = await holdRecord(15);
    const halved: unknown[] = [];
    const readings: number[] = [];
    world.onLog = ({ message, fields }) => {
      if (message === 'transaction size halved') halved.push(fields);
    };
    const stream = streamOf(
      records(1, 20, (id) => record(id, {}, 'new')),
      {
        chunk: 10,
        bytes: 24 * MIB,
        async onChunk(_, reading) {
          readings.push(reading);
          if (halved.length > 0) await release();
        },
      },
    );
    const { counts } = await store.commitBatch(pass, batch, { stream, pass: RESULT });
    expect(counts).toMatchObject({ read: 20, updated: 20 });
    expect(halved).toEqual([{ lane: 'acme/contacts', bytes: 12 * MIB }]);
    expect(await sizeNow()).toBe(12 * MIB);
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded', counts });
  });

  test('of a commit that is small anyway halves nothing for the others', async () => {
    const { store, pass } = await open();
    await store.commitTail(pass, streamOf([record(1)]));
    const release = await holdRecord(1);
    const stream = streamOf([record(1, {}, 'new')], {
      async onChunk(_, reading) {
        if (reading === 4) await release();
      },
    });
    expect((await store.commitTail(pass, stream)).counts).toMatchObject({ updated: 1 });
    expect((await sizeNow()) ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(32 * MIB);
  });

  test('that never ends is told as one, and leaves the batch as it was', async () => {
    const { store, batch, pass } = await open();
    await store.commitTail(pass, streamOf([record(1)]));
    await holdRecord(1);
    const commit = store.commitBatch(pass, batch, { stream: streamOf([record(1, {}, 'new')]), pass: RESULT });
    await expect(commit).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('MongoDB kept refusing the commit'),
    });
    await expect(commit).rejects.toBeInstanceOf(SyncError);
    expect(await store.batch(batch._id)).toEqual(batch);
  });
});

describe('a commit whose answer is lost', () => {
  /** Sends the first commit on, then cuts every connection at it and at the next ones, so often. */
  async function loseAnswers(times: number) {
    const { proxy, store } = await world.openBehindProxy();
    const window = await world.runningWindow(store);
    const succeeded = async () =>
      (await world.stored.batches.findOne({ _id: window.batch._id }))?.status === 'succeeded';
    let commits = 0;
    let lost = false;
    const cut = () => {
      lost = false;
      proxy.drop();
    };
    proxy.onChunk = (chunk, direction) => {
      if (direction === 'down') return !lost;
      if (!chunk.includes('commitTransaction') || ++commits > times) return true;
      lost = true;
      if (commits === 1) void until('it was committed', succeeded).then(cut);
      else setImmediate(cut);
      return commits === 1;
    };
    return { store, ...window, commits: () => commits };
  }

  test('is asked again, and not made twice', async () => {
    const { store, batch, pass, commits } = await loseAnswers(1);
    const { counts } = await store.commitBatch(pass, batch, {
      stream: streamOf(records(1, 3)),
      pass: RESULT,
    });
    expect(commits()).toBe(2);
    expect(counts).toMatchObject({ read: 3, inserted: 3 });
    expect(await world.stored.contacts.countDocuments()).toBe(3);
    expect(await world.stored.fences.findOne({ _id: 'acme/contacts' })).toMatchObject({ commits: 2 });
  });

  test('and stays lost: what happened is found in the ledger, and not made twice', async () => {
    const { store, batch, pass } = await loseAnswers(8);
    const stream = streamOf(records(1, 3), {
      onChunk(_, reading) {
        if (reading > 1) throw new Error('read again');
      },
    });
    const { counts } = await store.commitBatch(pass, batch, { stream, pass: RESULT });
    expect(counts).toEqual({ read: 3, inserted: 3, updated: 0, unchanged: 0 });
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded', counts });
    expect(await world.stored.fences.findOne({ _id: 'acme/contacts' })).toMatchObject({ commits: 2 });
  }, 30_000);
});
