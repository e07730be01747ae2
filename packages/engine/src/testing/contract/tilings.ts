import { describe, expect, test } from '@jest/globals';
import { FencedOutError } from '@odoo-sync/core';
import { batchAt, layWindows, planOf, queuedBatch } from './batches.js';
import type { Begin } from './contracted.js';
import { dayAfter, firstDay, SUMMARY, stateOf, take, turnOf } from './fixtures.js';

/** A module's windows: made once, under its lane. */
export function describeTilings(begin: Begin): void {
  describe('the windows of a module', () => {
    test('are made together with what is known of its history, and make the user due', async () => {
      const { store, user } = await begin();
      const lane = await take(store, turnOf(user), 'contacts');
      const { rev } = await stateOf(store, user);
      const plan = planOf(user, 4);
      const [first, second, ...toRead] = plan.toRead;
      const empty = [{ start: plan.tiling.from, end: second?.end ?? plan.tiling.from }];
      await store.setAside(['acme'], 60_000);
      expect(await store.createWindows(lane, null, { ...plan, toRead, empty, records: 7 })).toBe(true);
      const state = await stateOf(store, user);
      expect(state.modules.contacts).toMatchObject({ tiling: plan.tiling, surveyed: 7 });
      expect(state.rev).toBeGreaterThan(rev);
      expect(await store.dueUsers(10)).toEqual(['acme']);
      expect(await batchAt(store, user)).toMatchObject({
        ...{ status: 'succeeded', sealedBy: 'survey', startTime: first?.start, endTime: second?.end },
        readStartedAt: plan.surveyedAt,
      });
      expect(await batchAt(store, user, 2)).toMatchObject({ status: 'pending', readStartedAt: null });
      expect(await store.windowsLeft('acme', 'contacts')).toBe(2);
    });

    test('are made once, by whoever surveyed the tiling that is still there', async () => {
      const { store, user } = await begin();
      const lane = await take(store, turnOf(user), 'contacts');
      expect(await store.createWindows(lane, null, planOf(user, 1))).toBe(true);
      const before = await stateOf(store, user);
      expect(await store.createWindows(lane, null, planOf(user, 2))).toBe(false);
      const other = { ...planOf(user, 1).tiling, until: dayAfter(firstDay(user), 9) };
      expect(await store.createWindows(lane, other, planOf(user, 2))).toBe(false);
      expect(await stateOf(store, user)).toEqual(before);
      expect(await store.windowsLeft('acme', 'contacts')).toBe(1);
    });

    test('are not made by a turn that has lost its lane', async () => {
      const { store, user, expire } = await begin();
      const lane = await take(store, turnOf(user, 'hung'), 'contacts');
      await expire(lane);
      await (await take(store, turnOf(user), 'contacts')).giveBack(SUMMARY);
      const before = await stateOf(store, user);
      await expect(store.createWindows(lane, null, planOf(user, 1))).rejects.toThrow(FencedOutError);
      expect(await stateOf(store, user)).toEqual(before);
      expect(await store.windowsLeft('acme', 'contacts')).toBe(0);
    });

    test('that come before the first add to what a survey counted, unless a part is not known', async () => {
      const { store, user } = await begin();
      const lane = await take(store, turnOf(user), 'contacts');
      let { tiling, ...plan } = planOf(user, 1);
      const surveyed = async () => (await stateOf(store, user)).modules.contacts.surveyed;
      await store.createWindows(lane, null, { ...plan, tiling, records: 5 });
      for (const [records, total] of [
        [3, 8],
        [null, null],
        [4, null],
      ] as const) {
        const before = tiling;
        tiling = { ...tiling, range: 'all', from: dayAfter(tiling.from, -1) };
        const toRead = [{ start: tiling.from, end: before.from, surveyed: records }];
        expect(await store.createWindows(lane, before, { ...plan, tiling, toRead, records })).toBe(true);
        expect(await surveyed()).toBe(total);
      }
      expect(await store.windowsLeft('acme', 'contacts')).toBe(4);
    });

    test('that begin are made once, however often and by how many that is asked', async () => {
      const { store, user } = await begin();
      await layWindows(store, user, 1);
      const queued = await queuedBatch(store, user);
      const until = dayAfter(firstDay(user), 2);
      await Promise.all([store.extendTiling(user, until), store.extendTiling(user, until)]);
      expect(await store.windowsLeft('acme', 'contacts')).toBe(3);
      expect(await store.windowsLeft('acme', 'saleOrders')).toBe(3);
      const extended = await stateOf(store, user);
      expect(extended.modules.contacts.tiling?.until).toEqual(dayAfter(until));
      await store.extendTiling(user, until);
      expect(await stateOf(store, user)).toEqual(extended);
      expect(await batchAt(store, user)).toEqual(queued);
    });

    test('begin in no module whose history is not laid out', async () => {
      const { store, user } = await begin();
      const before = await stateOf(store, user);
      await store.extendTiling(user, dayAfter(firstDay(user), 2));
      expect(await stateOf(store, user)).toEqual(before);
    });
  });
}
