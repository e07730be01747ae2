import { describe, expect, test } from '@jest/globals';
import { FencedOutError, odooTime } from '@odoo-sync/core';
import { batchAt, layWindows, runningBatch } from './batches.js';
import type { Begin } from './contracted.js';
import {
  dayAfter,
  firstDay,
  missing,
  PASS,
  record,
  SUMMARY,
  scopeOf,
  stateOf,
  streamOf,
  take,
  there,
  turnOf,
} from './fixtures.js';
import { schemaWith } from './schemas.js';

/** A turn that has lost its lane writes nothing of what it holds. */
export function describeFences(begin: Begin): void {
  const RECORDS = [record(1), record(2)];
  /** A turn in the middle of a window, while another has taken its lane and, if so told, given it back. */
  const overtaken = async (givenBack: boolean) => {
    const stage = await begin();
    const { store, user } = stage;
    await layWindows(store, user);
    const batch = await runningBatch(store, user);
    const lane = await take(store, turnOf(user, batch._id), 'contacts');
    await stage.expire(lane);
    const successor = await take(store, turnOf(user, 'two'), 'contacts');
    if (givenBack) await successor.giveBack(SUMMARY);
    return { ...stage, batch, lane, successor, read: { stream: streamOf(RECORDS), pass: PASS } };
  };

  describe.each([
    ['was taken by another turn', false],
    ['was taken by another turn that has ended', true],
  ])('a turn whose lane %s', (_, givenBack) => {
    test('commits no window', async () => {
      const { store, user, batch, lane, read } = await overtaken(givenBack);
      await expect(store.commitBatch(scopeOf(user, lane), batch, read)).rejects.toThrow(FencedOutError);
      expect(await batchAt(store, user)).toMatchObject({ status: 'running', counts: null });
      expect(await missing(store, user, RECORDS)).toEqual([1, 2]);
    });

    test('commits no window without a record whose death is counted', async () => {
      const { store, user, batch, lane } = await overtaken(givenBack);
      const at = await store.now();
      const counted = await store.batchEvent(batch, { type: 'expire', at, healAt: odooTime(at) });
      const refused = async () => {
        const read = { stream: streamOf([]), pass: PASS };
        await expect(store.commitBatch(scopeOf(user, lane), batch, read)).rejects.toThrow(FencedOutError);
      };
      await refused();
      await store.batchEvent(there(counted), { type: 'start' });
      await refused();
      expect(await batchAt(store, user)).toMatchObject({ status: 'running', expiries: 1, counts: null });
    });

    test("commits no resync's window", async () => {
      const { store, user, batch, lane, read, requestResync } = await overtaken(givenBack);
      const range = { from: firstDay(user), to: dayAfter(firstDay(user)) };
      const asked = await requestResync(user, { modules: ['contacts'], ...range });
      const at = await store.now();
      const queued = there(await store.resyncEvent(asked, { type: 'release', at }));
      const resync = there(await store.resyncEvent(queued, { type: 'start' }));
      const place = { resync, batchId: batch._id };
      await expect(store.commitResync(scopeOf(user, lane), place, read)).rejects.toThrow(FencedOutError);
      expect(await store.resync(asked._id)).toMatchObject({ status: 'running', position: 0 });
      expect(await missing(store, user, RECORDS)).toEqual([1, 2]);
    });

    test('commits nothing of a tail, and notes nothing of its module', async () => {
      const { store, user, lane } = await overtaken(givenBack);
      const before = await stateOf(store, user);
      const scope = scopeOf(user, lane);
      await expect(store.commitTail(scope, streamOf(RECORDS))).rejects.toThrow(FencedOutError);
      await expect(store.noteModule(lane, { surveyTries: 2 })).rejects.toThrow(FencedOutError);
      expect(await stateOf(store, user)).toEqual(before);
      expect(await missing(store, user, RECORDS)).toEqual([1, 2]);
    });
  });

  describe('a turn that describes a module and loses its lane', () => {
    test('writes no schema, neither before nor after its successor has', async () => {
      const { store, user, lane, successor } = await overtaken(false);
      const late = () => store.noteSchema(lane, schemaWith('id', 'old'), { wanted: 'old' });
      const before = await stateOf(store, user);
      await expect(late()).rejects.toThrow(FencedOutError);
      expect(await store.schema(user, 'contacts')).toBeNull();
      expect(await stateOf(store, user)).toEqual(before);
      await store.noteSchema(successor, schemaWith('id', 'new'), { wanted: 'new' });
      const after = await stateOf(store, user);
      await expect(late()).rejects.toThrow(FencedOutError);
      expect(await store.schema(user, 'contacts')).toEqual(schemaWith('id', 'new'));
      expect(await stateOf(store, user)).toEqual(after);
    });
  });

  describe('a turn under its fence', () => {
    test('commits and notes, whatever the one before it does', async () => {
      const { store, user, lane, successor } = await overtaken(false);
      await lane.giveBack(SUMMARY);
      await store.commitTail(scopeOf(user, successor), streamOf(RECORDS));
      await store.noteModule(successor, { surveyTries: 2 });
      expect(await missing(store, user, RECORDS)).toEqual([]);
      expect((await stateOf(store, user)).modules.contacts.surveyTries).toBe(2);
    });

    test('raises the revision by a note of its module only where that changes what may be released', async () => {
      const { store, user } = await begin();
      const lane = await take(store, turnOf(user), 'contacts');
      const { rev } = await stateOf(store, user);
      await store.noteModule(lane, { surveyTries: 1, dropped: ['fax'] });
      expect((await stateOf(store, user)).rev).toBe(rev);
      await store.noteModule(lane, { state: 'unavailable' });
      const state = await stateOf(store, user);
      expect(state.rev).toBe(rev + 1);
      expect(state.modules.contacts).toMatchObject({
        state: 'unavailable',
        surveyTries: 1,
        dropped: ['fax'],
      });
    });
  });
}
