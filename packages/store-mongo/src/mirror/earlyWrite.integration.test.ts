import { describe, expect, test } from '@jest/globals';
import { FencedOutError } from '@odoo-sync/core';
import { MongoWorld, RESULT, record, records, streamOf, until } from '../testing/mongoWorld.js';

const world = new MongoWorld({});
const MIB = 1_048_576;
const never = new AbortController().signal;

async function open() {
  const store = await world.open();
  return { store, ...(await world.runningWindow(store)) };
}

const seen = (filter = {}) => world.stored.contacts.countDocuments(filter);

/** Transactions that are open on the server with something written. */
async function openTransactions(): Promise<number> {
  const { inprog } = await world.db.admin().command({ currentOp: true, $all: true });
  return inprog.filter(
    (op: { transaction?: unknown; type?: string }) => op.transaction && op.type === 'idleSession',
  ).length;
}

describe('records that are written early', () => {
  test('are seen by nobody before their commit, and then together with their batch', async () => {
    const { store, batch, pass, lane } = await open();
    const all = records(1, 30);
    const early = store.writeEarly(pass);
    await early.add(structuredClone(all.slice(0, 12)), 1_000, never);
    await early.add(structuredClone(all.slice(12)), 2_000, never);
    await until('they are written', async () => (await openTransactions()) === 1);
    expect(await seen()).toBe(0);
    const { counts } = await store.commitBatch(pass, batch, { stream: streamOf(all), pass: RESULT, early });
    expect(counts).toEqual({ read: 30, inserted: 30, updated: 0, unchanged: 0 });
    expect(await seen()).toBe(30);
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded', counts });
    const { commits } = (await world.stored.fences.findOne({ _id: lane.fenceId }))!;
    // The windows were made by another one.
    expect(commits).toBe(2);
    await early.drop();
    expect(await seen()).toBe(30);
  });

  test('are gone without a trace when the reading fails, and the lane is free at once', async () => {
    const { store, lane, pass, user } = await open();
    const early = store.writeEarly(pass);
    await early.add(records(1, 30), 1_000, never);
    await until('they are written', async () => (await openTransactions()) === 1);
    await early.drop();
    expect(await openTransactions()).toBe(0);
    expect(await seen()).toBe(0);
    await lane.giveBack({ end: 'failed', pages: 1, counts: null });
    const next = await world.take(store, user);
    expect(next.token).toBe(pass.lane.token + 1);
  });

  test.each([
    ['too many bytes', [33 * MIB]],
    ['too many bytes after a while', [MIB, 32 * MIB]],
  ])('are given up for %s, and the commit is made from the spool', async (_why, sizes) => {
    const { store, batch, pass } = await open();
    const all = records(1, 20);
    const early = store.writeEarly(pass);
    for (const [n, bytes] of sizes.entries())
      await early.add(structuredClone(all.slice(n * 10, n * 10 + 10)), bytes, never);
    const { counts } = await store.commitBatch(pass, batch, { stream: streamOf(all), pass: RESULT, early });
    expect(counts.inserted).toBe(20);
    expect(await seen()).toBe(20);
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded' });
  });

  test('that are not the whole window are not what is committed', async () => {
    const { store, batch, pass } = await open();
    const all = records(1, 20);
    const early = store.writeEarly(pass);
    await early.add(structuredClone(all.slice(0, 10)), 1_000, never);
    const { counts } = await store.commitBatch(pass, batch, { stream: streamOf(all), pass: RESULT, early });
    expect(counts.inserted).toBe(20);
    expect(await seen()).toBe(20);
  });

  test('whose transaction the server ended are committed from the spool', async () => {
    const { store, batch, pass } = await open();
    const all = records(1, 20);
    const early = store.writeEarly(pass);
    await early.add(structuredClone(all.slice(0, 10)), 1_000, never);
    await until('they are written', async () => (await openTransactions()) === 1);
    await world.db.admin().command({ killAllSessions: [] });
    await early.add(structuredClone(all.slice(10)), 1_000, never);
    const { counts } = await store.commitBatch(pass, batch, { stream: streamOf(all), pass: RESULT, early });
    expect(counts.inserted).toBe(20);
    expect(await seen()).toBe(20);
    expect(await store.batch(batch._id)).toMatchObject({ status: 'succeeded' });
  });

  test('are dropped when another turn takes the lane, whose word holds', async () => {
    const { store, batch, pass, user } = await open();
    const early = store.writeEarly(pass);
    await early.add(records(1, 10), 1_000, never);
    await until('they are written', async () => (await openTransactions()) === 1);
    await world.expire(user.userKey, 'contacts');
    const taken = await world.take(store, user);
    expect(taken.token).toBe(pass.lane.token + 1);
    await early.add(records(11, 20), 1_000, never);
    const late = store.commitBatch(pass, batch, { stream: streamOf(records(1, 20)), pass: RESULT, early });
    await expect(late).rejects.toThrow(FencedOutError);
    await early.drop();
    expect(await seen()).toBe(0);
    expect(await store.batch(batch._id)).toMatchObject({ status: 'running' });
  });

  test('count what was changed and what was not, as any commit does', async () => {
    const { store, batch, pass } = await open();
    await store.commitTail(pass, streamOf(records(1, 30)));
    const changed = records(11, 15, (id) => record(id, {}, 'another'));
    const mixed = [...records(1, 10), ...changed, ...records(31, 34)];
    const early = store.writeEarly(pass);
    await early.add(structuredClone(mixed), 1_000, never);
    const { counts } = await store.commitBatch(pass, batch, { stream: streamOf(mixed), pass: RESULT, early });
    expect(counts).toEqual({ read: 19, inserted: 4, updated: 5, unchanged: 10 });
  });
});
