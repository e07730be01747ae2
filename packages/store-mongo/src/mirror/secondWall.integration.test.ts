import { describe, expect, test } from '@jest/globals';
import type { SourceRecord } from '@odoo-sync/core';
import { MongoWorld, newUser, passOf, RESULT, record, records, streamOf } from '../testing/mongoWorld.js';

const world = new MongoWorld();
const MEGABYTE = 1024 * 1024;

async function open() {
  const store = await world.open();
  const window = await world.runningWindow(store);
  const seen = async () =>
    (await world.stored.contacts.find().sort({ odooId: 1 }).toArray()).map(({ userId, odooId, name }) => ({
      userId,
      odooId,
      name,
    }));
  return { store, ...window, seen };
}

describe('what is not in the field list is not written', () => {
  test.each([
    ['_id', 'mine'],
    ['userId', 'other'],
    ['odooId', 7],
    ['_sync', { hash: 'h1' }],
    ['_sync.hash', 'h1'],
    ['$where', '1'],
    ['name.x', 'a path'],
    ['fix', 'a field that nobody described'],
    ['constructor', 'x'],
  ])('%s, of a new record and of one that is there', async (name, value) => {
    const { store, batch, pass, seen } = await open();
    const foreign: SourceRecord = record(2, { [name]: value }, 'changed');
    await expect(
      store.commitBatch(pass, batch, { stream: streamOf([record(1), foreign]), pass: RESULT }),
    ).rejects.toThrow("was to be written with a field that isn't in its list");
    expect(await seen()).toEqual([]);
    await store.commitTail(pass, streamOf([record(2)]));
    const before = await world.stored.contacts.find().toArray();
    await expect(store.commitTail(pass, streamOf([foreign]))).rejects.toMatchObject({ kind: 'bug' });
    expect(await world.stored.contacts.find().toArray()).toEqual(before);
  });

  test('nor a reserved name that is in one', async () => {
    const { store, pass } = await open();
    const fields = { ...pass.fields, fields: [...pass.fields.fields, { name: 'userId', type: 'char' }] };
    const foreign = record(1, { userId: 'other' });
    await expect(store.commitTail({ ...pass, fields }, streamOf([foreign]))).rejects.toThrow('is reserved');
  });
});

test("another user's document of the same id is out of reach of an update", async () => {
  const { store, pass, seen } = await open();
  const other = await store.addUser(newUser('other'));
  const theirs = await world.take(store, other);
  await store.commitTail(passOf(other, theirs), streamOf([record(1, { name: 'theirs' })]));
  await store.commitTail(pass, streamOf([record(1, { name: 'ours' })]));
  await store.commitTail(pass, streamOf([record(1, { name: 'ours, changed' }, 'changed')]));
  expect(await seen()).toEqual([
    { userId: 'other', odooId: 1, name: 'theirs' },
    { userId: 'acme', odooId: 1, name: 'ours, changed' },
  ]);
});

describe("what MongoDB doesn't take of a record is that record's fault", () => {
  const unreadable = async (store: Awaited<ReturnType<typeof open>>['store'], id: string) =>
    (await store.batch(id))?.unreadable;

  test('a document larger than any may be', async () => {
    const { store, batch, pass, seen } = await open();
    const all = [record(1), record(2, { name: 'x'.repeat(16.5 * MEGABYTE) }), record(3)];
    const { counts, refused } = await store.commitBatch(pass, batch, { stream: streamOf(all), pass: RESULT });
    expect(counts).toMatchObject({ read: 2, inserted: 2 });
    expect(refused).toEqual([{ odooId: 2, reason: expect.stringMatching(/takes \d+ bytes/) }]);
    expect((await seen()).map(({ odooId }) => odooId)).toEqual([1, 3]);
    expect(await unreadable(store, batch._id)).toEqual(refused);
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded' });
  });

  test('one that another program has filled, and that grows past it', async () => {
    const { store, pass } = await open();
    await store.commitTail(pass, streamOf([record(1), record(2)]));
    const filled = { $set: { attachment: 'x'.repeat(15.9 * MEGABYTE) } };
    await world.stored.contacts.updateOne({ odooId: 1 }, filled);
    const changed = [1, 2].map((id) => record(id, { name: 'y'.repeat(200_000) }, 'changed'));
    const { refused } = await store.commitTail(pass, streamOf(changed));
    expect(refused).toEqual([
      { odooId: 1, reason: expect.stringContaining("MongoDB doesn't take this record") },
    ]);
    expect(await world.stored.contacts.findOne({ odooId: 2 })).toMatchObject({ name: 'y'.repeat(200_000) });
  });

  test('some that rules of somebody else refuse, written early or not', async () => {
    const { store, batch, pass, seen } = await open();
    await world.db.command({ collMod: 'odoocontacts', validator: { name: { $ne: 'refused' } } });
    const all = records(1, 40, (id) => record(id, { name: id % 10 === 0 ? 'refused' : `Record ${id}` }));
    const early = store.writeEarly(pass);
    await early.add(structuredClone(all), 4_000, new AbortController().signal);
    const { counts, refused } = await store.commitBatch(pass, batch, {
      stream: streamOf(all),
      pass: RESULT,
      early,
    });
    expect(refused.map(({ odooId }) => odooId)).toEqual([10, 20, 30, 40]);
    expect(counts.inserted).toBe(36);
    expect(await seen()).toHaveLength(36);
    expect(await unreadable(store, batch._id)).toHaveLength(4);
  });
});
