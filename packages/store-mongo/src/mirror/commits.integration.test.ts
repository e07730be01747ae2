import { describe, expect, test } from '@jest/globals';
import { FencedOutError, odooTime, type Resync, storeTime, type TurnRef } from '@odoo-sync/core';
import { type ChangeStream, Double, Long, ObjectId } from 'mongodb';
import { type BatchDocument, COLLECTIONS } from '../collections.js';
import type { MongoStore } from '../openStore.js';
import {
  firstDay,
  layWindows,
  MongoWorld,
  newUser,
  passOf,
  RESULT,
  record,
  records,
  runningBatch,
  streamOf,
  turnOf,
} from '../testing/mongoWorld.js';

const world = new MongoWorld();

async function open() {
  const store = await world.open();
  return { store, ...(await world.runningWindow(store)) };
}

const mirrored = () => world.stored.contacts.find().sort({ odooId: 1 }).toArray();

/** What a change stream tells until a document is put behind it. */
async function changesUntilNow(stream: ChangeStream): Promise<string[]> {
  await world.db.collection('marks').insertOne({ mark: 1 });
  const seen: string[] = [];
  for (;;) {
    const change = await stream.next();
    if (!('ns' in change) || !('coll' in change.ns)) continue;
    if (change.ns.coll === 'marks') return seen;
    if (!change.ns.coll.startsWith('odoosync')) seen.push(`${change.operationType} ${change.ns.coll}`);
  }
}

async function watch(): Promise<ChangeStream> {
  const stream = world.db.watch();
  world.onEnd(() => stream.close());
  await stream.tryNext();
  return stream;
}

describe('a commit', () => {
  test('stores the records as they were read, and seals the batch', async () => {
    const { store, batch, pass } = await open();
    const all = records(1, 25, (id) =>
      record(id, {
        partner_id: { id: 7, name: 'Azure' },
        tag_ids: [1, 2],
        note: null,
        active: false,
        amount: 12.5,
        date: '2026-11-22',
      }),
    );
    const { counts } = await store.commitBatch(pass, batch, {
      stream: streamOf(all, { chunk: 10 }),
      pass: RESULT,
    });
    expect(counts).toEqual({ read: 25, inserted: 25, updated: 0, unchanged: 0 });
    const stored = await mirrored();
    expect(stored).toHaveLength(25);
    const { _id, _sync, ...first } = stored[0]!;
    expect(_id).toBeInstanceOf(ObjectId);
    expect(first).toEqual({ userId: 'acme', odooId: 1, ...all[0]!.fields });
    expect(_sync).toEqual({
      batch: 'the-batch',
      firstSeen: expect.any(Date),
      lastChanged: _sync?.firstSeen,
      hash: 'h1',
      deletedAt: null,
    });
    expect(await store.batch(batch._id)).toMatchObject({
      status: 'succeeded',
      counts,
      readStartedAt: RESULT.readStartedAt,
      pages: 2,
      parts: 0,
    });
  });

  test('of a pass that began too early leaves the batch open, due when it can be sealed', async () => {
    const { store, batch, pass } = await open();
    await store.commitBatch(pass, batch, { stream: streamOf([]), pass: { ...RESULT, seals: false } });
    expect(await store.batch(batch._id)).toMatchObject({ status: 'open', dueAt: RESULT.sealDueAt });
    expect((await store.tailView(await world.ref('acme')))?.oldestOpen).toEqual(
      new Map([['contacts', batch.startTime]]),
    );
  });

  test('counts and writes only what differs; the unchanged stays as it is to the byte, and no stream tells of it', async () => {
    const { store, pass } = await open();
    await store.commitTail(pass, streamOf(records(1, 30)));
    const before = await mirrored();
    const stream = await watch();
    const again = { ...pass, origin: 'another' };
    expect((await store.commitTail(again, streamOf(records(1, 30), { chunk: 7 }))).counts).toEqual({
      read: 30,
      inserted: 0,
      updated: 0,
      unchanged: 30,
    });
    expect(await mirrored()).toEqual(before);
    expect(await changesUntilNow(stream)).toEqual([]);

    const mixed = [...records(1, 9), record(10, { name: 'New name' }, 'other'), ...records(30, 32)];
    expect((await store.commitTail(again, streamOf(mixed))).counts).toEqual({
      read: 13,
      inserted: 2,
      updated: 1,
      unchanged: 10,
    });
    expect((await changesUntilNow(stream)).sort()).toEqual([
      'insert odoocontacts',
      'insert odoocontacts',
      'update odoocontacts',
    ]);
    const after = await mirrored();
    expect(after[9]).toMatchObject({
      name: 'New name',
      _sync: { batch: 'another', firstSeen: before[9]!._sync!.firstSeen, hash: 'other' },
    });
  });

  test.each([
    ['dense', [1, 2, 3, 4, 6]],
    ['sparse', [1, 1_000, 2_000_000, 2_000_001]],
  ])('finds %s ids again, and makes none twice', async (_, ids) => {
    const { store, pass } = await open();
    const all = ids.map((id) => record(id));
    await store.commitTail(pass, streamOf(all));
    expect((await store.commitTail(pass, streamOf(all))).counts).toMatchObject({
      inserted: 0,
      unchanged: ids.length,
    });
    expect((await mirrored()).map(({ odooId }) => odooId)).toEqual(ids);
  });

  test('leaves what another program keeps in the same document, through any number of rewrites', async () => {
    const { store, pass } = await open();
    await store.commitTail(pass, streamOf([record(1)]));
    await world.stored.contacts.updateOne({ odooId: 1 }, { $set: { ourScore: { n: 7 } } });
    await store.commitTail(pass, streamOf([record(1, { name: 'B' }, 'b')]));
    await store.commitTail(pass, streamOf([record(1, { name: 'C' }, 'c')]));
    expect((await mirrored())[0]).toMatchObject({ name: 'C', ourScore: { n: 7 } });
  });

  test('takes the fields away that are no longer mirrored, from what it rewrites', async () => {
    const { store, pass } = await open();
    await store.commitTail(pass, streamOf([record(1, { fax: '1' }), record(2, { fax: '2' })]));
    const retiring = { ...pass, retired: ['fax'] };
    await store.commitTail(retiring, streamOf([record(1, {}, 'new'), record(2)]));
    const [first, second] = await mirrored();
    expect(first).not.toHaveProperty('fax');
    expect(second).toHaveProperty('fax', '2');
  });

  test('stores identity and hash of each record as they are, whatever they look like', async () => {
    const { store, pass } = await open();
    const origin = '0123456789012345678901';
    const ids = [1, 2 ** 31 - 1, 2 ** 31];
    const all = ids.map((id, n) => record(id, {}, n === 0 ? 'of another length' : `${n}`.repeat(22)));
    await store.commitTail({ ...pass, origin }, streamOf(all));
    const stored = await world.stored.contacts.find().sort({ odooId: 1 }).toArray();
    expect(stored.map(({ odooId, _sync }) => [odooId, _sync?.hash, _sync?.batch])).toEqual(
      all.map(({ odooId, hash }) => [odooId, hash, origin]),
    );
    expect(new Set(stored.map(({ _id }) => String(_id))).size).toBe(ids.length);
  });

  test("keeps the types of a record's numbers, new or changed", async () => {
    const { store, pass } = await open();
    const fields = [
      ...pass.fields.fields.slice(0, 3),
      { name: 'rate', type: 'float' },
      { name: 'rank', type: 'integer' },
    ];
    const typed = { ...pass, fields: { ...pass.fields, fields } };
    const told = { rate: new Double(16), rank: Long.fromNumber(5) };
    for (const hash of ['one', 'two']) {
      await store.commitTail(typed, streamOf([record(1, told, hash)]));
      const types = { rate: { $type: 'double' }, rank: { $type: 'long' } };
      expect(await world.stored.contacts.countDocuments({ ...types, '_sync.hash': hash })).toBe(1);
    }
  });

  test('takes an earlier engine’s document over instead of doubling it', async () => {
    const { store, user, pass } = await open();
    const _id = new ObjectId();
    await world.stored.contacts.insertOne({ _id, userId: 'acme', odooId: 1, name: 'Old', theirs: true });
    const row = { odooId: 1, writeDate: record(1).writeDate };
    expect(await store.differing(user, 'contacts', [row])).toEqual([row]);
    expect((await store.commitTail(pass, streamOf([record(1)]))).counts).toMatchObject({
      inserted: 0,
      updated: 1,
    });
    const [only, ...more] = await mirrored();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ _id, name: 'Record 1', theirs: true });
    expect(only?._sync).toMatchObject({ hash: 'h1', deletedAt: null, firstSeen: expect.any(Date) });
  });

  test('brings a tombstoned document back, though it reads the same', async () => {
    const { store, user, pass } = await open();
    await store.commitTail(pass, streamOf(records(1, 2)));
    await world.stored.contacts.updateOne({ odooId: 1 }, { $set: { '_sync.deletedAt': new Date() } });
    expect(await store.countRecords(user, 'contacts')).toBe(1);
    expect([...(await store.readRecords(user, 'contacts', [1, 2])).keys()]).toEqual([2]);
    expect((await store.commitTail(pass, streamOf(records(1, 2)))).counts).toMatchObject({
      updated: 1,
      unchanged: 1,
    });
    expect(await store.countRecords(user, 'contacts')).toBe(2);
  });

  test("doesn't touch another user's record of the same id", async () => {
    const { store, pass } = await open();
    const other = await store.addUser(newUser('other'));
    const lane = await world.take(store, other);
    await store.commitTail(pass, streamOf([record(1, { name: 'Mine' })]));
    await store.commitTail(passOf(other, lane), streamOf([record(1, { name: 'Theirs' })]));
    expect((await mirrored()).map(({ userId, name }) => ({ userId, name }))).toEqual([
      { userId: 'acme', name: 'Mine' },
      { userId: 'other', name: 'Theirs' },
    ]);
  });

  test('that breaks off leaves neither a record nor a changed batch, and can be made again', async () => {
    const { store, batch, pass } = await open();
    const broken = streamOf(records(1, 30), {
      chunk: 10,
      onChunk(chunk) {
        if (chunk === 2) throw new Error('the spool is gone');
      },
    });
    await expect(store.commitBatch(pass, batch, { stream: broken, pass: RESULT })).rejects.toThrow(
      'the spool is gone',
    );
    expect(await mirrored()).toEqual([]);
    expect(await store.batch(batch._id)).toEqual(batch);
    await store.commitBatch(pass, batch, { stream: streamOf(records(1, 30)), pass: RESULT });
    expect(await mirrored()).toHaveLength(30);
  });

  test("shows records and the batch's end in the same moment", async () => {
    const { store, batch, pass } = await open();
    let done = false;
    const commit = store
      .commitBatch(pass, batch, { stream: streamOf(records(1, 3_000)), pass: RESULT })
      .finally(() => {
        done = true;
      });
    const seen = new Set<string>();
    const readConcern = { level: 'snapshot' } as const;
    const look = () =>
      world.raw.withSession({ snapshot: true }, async (session) => {
        const { db } = world;
        const batches = db.collection<BatchDocument>(COLLECTIONS.batches, { readConcern });
        const found = await batches.findOne({ _id: batch._id }, { session });
        const count = await db.collection('odoocontacts', { readConcern }).countDocuments({}, { session });
        seen.add(`${found?.status} with ${count}`);
      });
    while (!done) await look();
    await commit;
    await look();
    expect([...seen]).toEqual(['running with 0', 'succeeded with 3000']);
  });

  test('for a batch that was given to another release is dropped', async () => {
    const { store, batch, pass } = await open();
    const back = await store.batchEvent(batch, { type: 'handBack', until: null });
    const next = await store.batchEvent(back!, { type: 'reissue', at: storeTime(new Date()) });
    await expect(
      store.commitBatch(pass, batch, { stream: streamOf([record(1)]), pass: RESULT }),
    ).rejects.toThrow(FencedOutError);
    expect(await mirrored()).toEqual([]);
    expect(await store.batch(batch._id)).toEqual(next);
  });

  test('of a tail changes no batch', async () => {
    const { store, batch, pass } = await open();
    await store.commitTail(pass, streamOf(records(1, 3)));
    expect(await store.batch(batch._id)).toEqual(batch);
    expect(await mirrored()).toHaveLength(3);
  });
});

describe('the commit of a resync’s window', () => {
  async function startResync(store: MongoStore): Promise<Resync> {
    const user = (await store.user('acme'))!;
    await layWindows(store, user, firstDay(user));
    const asked = await store.requestResync(await world.ref('acme'), {
      modules: ['contacts'],
      requestedBy: 'a test',
    });
    const queued = await store.resyncEvent(asked, { type: 'release', at: storeTime(new Date()) });
    return (await store.resyncEvent(queued!, { type: 'start' }))!;
  }

  async function openResync() {
    const store = await world.open();
    const user = await store.addUser(newUser());
    const batch = await runningBatch(store, user);
    const resync = await startResync(store);
    const turn: TurnRef = { ...turnOf(user, resync._id), kind: 'resync', release: resync.release };
    const pass = passOf(user, await world.take(store, user, 'contacts', turn));
    return { store, batch, resync, pass };
  }

  test('moves its position, and makes a failed batch good', async () => {
    const { store, batch, resync, pass } = await openResync();
    const error = { kind: 'bug', message: 'no', at: storeTime(new Date()) } as const;
    const healAt = new Date('2027-01-01T00:00:00Z');
    let failed = batch;
    for (let attempt = 1; attempt <= 4; attempt++) {
      const next = await store.batchEvent(failed, {
        type: 'fail',
        error,
        retryAt: storeTime(healAt),
        healAt: odooTime(healAt),
      });
      failed = (next?.status === 'queued' && (await store.batchEvent(next, { type: 'start' }))) || next!;
    }
    expect(failed.status).toBe('failed');
    const done = await store.commitResync(
      pass,
      { resync, batchId: batch._id },
      { stream: streamOf(records(1, 3)), pass: RESULT },
    );
    expect(done).toEqual({
      counts: { read: 3, inserted: 3, updated: 0, unchanged: 0 },
      refused: [],
      madeGood: `${batch._id}-1`,
    });
    expect(await store.resync(resync._id)).toMatchObject({ status: 'succeeded', position: 1 });
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded', lastError: null });
  });

  test('leaves a batch that had succeeded as it is', async () => {
    const { store, batch, resync, pass } = await openResync();
    const sealed = await store.batchEvent(batch, {
      type: 'commit',
      pass: { ...RESULT, counts: { read: 0, inserted: 0, updated: 0, unchanged: 0 } },
    });
    const result = { ...RESULT, seals: false, readStartedAt: odooTime(Date.now()) };
    const done = await store.commitResync(
      pass,
      { resync, batchId: batch._id },
      { stream: streamOf([record(1)]), pass: result },
    );
    expect(done.madeGood).toBeNull();
    expect(await store.batch(batch._id)).toEqual(sealed);
  });

  test('that was handed on meanwhile is dropped, records and all', async () => {
    const { store, batch, resync, pass } = await openResync();
    const moved = await store.resyncEvent(resync, { type: 'expire', at: storeTime(new Date()) });
    const late = store.commitResync(
      pass,
      { resync, batchId: batch._id },
      { stream: streamOf([record(1)]), pass: RESULT },
    );
    await expect(late).rejects.toThrow(FencedOutError);
    expect(await mirrored()).toEqual([]);
    expect(await store.resync(resync._id)).toEqual(moved);
  });
});

describe('differing', () => {
  test('names what is absent, tombstoned or of another write_date, in the order asked', async () => {
    const { store, user, pass } = await open();
    await store.commitTail(pass, streamOf(records(1, 4)));
    await world.stored.contacts.updateOne({ odooId: 2 }, { $set: { '_sync.deletedAt': new Date() } });
    const row = (odooId: number, writeDate = record(odooId).writeDate) => ({ odooId, writeDate });
    const rows = [row(9), row(1), row(2), row(3, new Date('2026-11-22T10:00:01Z')), row(4)];
    expect(await store.differing(user, 'contacts', rows)).toEqual([rows[0], rows[2], rows[3]]);
    expect(await store.differing(user, 'contacts', [])).toEqual([]);
    const other = await store.addUser(newUser('other'));
    expect(await store.differing(other, 'contacts', [row(1)])).toEqual([row(1)]);
  });
});

test('the mirror is watched as it is committed, until the signal ends it', async () => {
  const { store, pass } = await open();
  await store.commitTail(pass, streamOf([record(1)]));
  const stop = new AbortController();
  const seen: unknown[] = [];
  const ended = (async () => {
    for await (const change of store.watchMirror(['contacts'], stop.signal)) {
      seen.push([change.module, change.odooId, change.kind, change.name]);
      if (change.odooId === 3) stop.abort();
    }
  })();
  // A stream tells of what comes after it was opened, and nothing says when that is: the first record is rewritten until then.
  for (let n = 0; seen.length === 0; n++) {
    await store.commitTail(pass, streamOf([record(1, { name: 'Renamed' }, `n${n}`)]));
  }
  await store.commitTail(pass, streamOf([record(3)]));
  await ended;
  expect(seen[0]).toEqual(['contacts', 1, 'changed', 'Renamed']);
  expect(seen.at(-1)).toEqual(['contacts', 3, 'new', 'Record 3']);
});
