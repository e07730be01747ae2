import { describe, expect, test } from '@jest/globals';
import { FencedOutError, jobIdOf, odooTime } from '@odoo-sync/core';
import { batchAt, failedBatch, layWindows, runningBatch, sealedBatch } from './batches.js';
import type { Begin, Stage } from './contracted.js';
import {
  dayAfter,
  firstDay,
  missing,
  PASS,
  record,
  SUMMARY,
  scopeOf,
  streamOf,
  take,
  there,
  turnOf,
} from './fixtures.js';

const RECORDS = [record(1), record(2), record(3)];

/** Records become visible together with what the ledger says of them. */
export function describeCommits(begin: Begin): void {
  const open = async () => {
    const stage = await begin();
    await layWindows(stage.store, stage.user);
    return stage;
  };
  const resyncOf = async ({ store, user, requestResync }: Stage, days = 1) => {
    const range = { from: firstDay(user), to: dayAfter(firstDay(user), days) };
    const asked = await requestResync(user, { modules: ['contacts'], ...range });
    const at = await store.now();
    const queued = there(await store.resyncEvent(asked, { type: 'release', at }));
    return there(await store.resyncEvent(queued, { type: 'start' }));
  };

  describe('a commit', () => {
    test('of a window makes its records and its status visible together', async () => {
      const { store, user } = await open();
      const batch = await runningBatch(store, user);
      const lane = await take(store, turnOf(user, batch._id), 'contacts');
      expect(await missing(store, user, RECORDS)).toEqual([1, 2, 3]);
      const read = { stream: streamOf(RECORDS), pass: PASS };
      const { counts, refused } = await store.commitBatch(scopeOf(user, lane), batch, read);
      expect(counts).toEqual({ read: 3, inserted: 3, updated: 0, unchanged: 0 });
      expect(refused).toEqual([]);
      const { seals, sealDueAt, ...pass } = PASS;
      expect(await batchAt(store, user)).toMatchObject({
        ...pass,
        ...{ status: 'succeeded', sealedBy: 'pass', counts, lastError: null },
      });
      expect(await missing(store, user, RECORDS)).toEqual([]);
    });

    test('of a window read too early to be sealed leaves it open', async () => {
      const { store, user } = await open();
      const batch = await runningBatch(store, user);
      const lane = await take(store, turnOf(user, batch._id), 'contacts');
      const read = { stream: streamOf([]), pass: { ...PASS, seals: false } };
      await store.commitBatch(scopeOf(user, lane), batch, read);
      expect(await batchAt(store, user)).toMatchObject({ status: 'open', dueAt: PASS.sealDueAt });
      expect((await store.tailView(user))?.oldestOpen).toEqual(new Map([['contacts', batch.startTime]]));
      expect(await store.windowsLeft('acme', 'contacts')).toBe(0);
    });

    test('of a window that is not any more what was read leaves no record behind', async () => {
      const { store, user } = await open();
      const batch = await runningBatch(store, user);
      const lane = await take(store, turnOf(user, batch._id), 'contacts');
      const moved = there(await store.batchEvent(batch, { type: 'handBack', until: null }));
      const read = { stream: streamOf(RECORDS), pass: PASS };
      await expect(store.commitBatch(scopeOf(user, lane), batch, read)).rejects.toThrow(FencedOutError);
      expect(await batchAt(store, user)).toMatchObject({ status: 'queued', release: moved.release });
      expect(await missing(store, user, RECORDS)).toEqual([1, 2, 3]);
    });

    test('of a tail writes what differs, and counts what does not', async () => {
      const { store, user } = await open();
      await sealedBatch(store, user, RECORDS);
      const lane = await take(store, turnOf(user), 'contacts');
      const stream = streamOf([record(1), record(2, 'changed'), record(4)]);
      const { counts } = await store.commitTail(scopeOf(user, lane), stream);
      expect(counts).toEqual({ read: 3, inserted: 1, updated: 1, unchanged: 1 });
      expect(await missing(store, user, [...RECORDS, record(4)])).toEqual([]);
    });

    test('of a resync moves it on and makes a failed window good, whose job it names', async () => {
      const stage = await open();
      const { store, user } = stage;
      const failed = await failedBatch(store, user);
      const resync = await resyncOf(stage);
      const lane = await take(store, turnOf(user, resync._id), 'contacts');
      const place = { resync, batchId: failed._id };
      const read = { stream: streamOf(RECORDS), pass: PASS };
      const { counts, madeGood } = await store.commitResync(scopeOf(user, lane), place, read);
      expect(madeGood).toBe(jobIdOf(failed._id, failed.release));
      expect(await store.resync(resync._id)).toMatchObject({ status: 'succeeded', position: 1 });
      expect(await batchAt(store, user)).toMatchObject({ status: 'succeeded', counts, lastError: null });
      expect(await missing(store, user, RECORDS)).toEqual([]);
    });

    test('of a resync takes no window back from succeeded, but says anew what could not be read', async () => {
      const stage = await open();
      const { store, user } = stage;
      await sealedBatch(store, user, RECORDS);
      const before = await batchAt(store, user);
      const unreadable = [{ odooId: 9, reason: 'no date' }];
      const resync = await resyncOf(stage);
      const lane = await take(store, turnOf(user, resync._id), 'contacts');
      const read = { stream: streamOf([record(1, 'changed')]), pass: { ...PASS, seals: false, unreadable } };
      const place = { resync, batchId: before._id };
      expect(await store.commitResync(scopeOf(user, lane), place, read)).toMatchObject({
        counts: { read: 1, updated: 1 },
        madeGood: null,
      });
      expect(await batchAt(store, user)).toEqual({ ...before, unreadable });
    });

    test('of a resync that is not any more what was read leaves no record behind', async () => {
      const stage = await open();
      const { store, user } = stage;
      const resync = await resyncOf(stage);
      const lane = await take(store, turnOf(user, resync._id), 'contacts');
      await store.resyncEvent(resync, { type: 'handBack', until: null });
      const place = { resync, batchId: (await batchAt(store, user))._id };
      const read = { stream: streamOf(RECORDS), pass: PASS };
      await expect(store.commitResync(scopeOf(user, lane), place, read)).rejects.toThrow(FencedOutError);
      expect(await missing(store, user, RECORDS)).toEqual([1, 2, 3]);
      await lane.giveBack(SUMMARY);
    });

    test('that wrote other dates, or other records, leaves rows that differ', async () => {
      const { store, user, addUser } = await open();
      await sealedBatch(store, user, RECORDS);
      const moved = { ...record(2), writeDate: odooTime(Date.UTC(2026, 2, 1, 11)) };
      expect(await missing(store, user, [record(1), moved, record(8)])).toEqual([2, 8]);
      expect(await missing(store, await addUser('other'), [record(1)])).toEqual([1]);
      expect(await missing(store, user, [])).toEqual([]);
    });
  });
}
