import { describe, expect, test } from '@jest/globals';
import { later, type OdooTime, odooTime } from '@odoo-sync/core';
import { batchAt, failedBatch, layWindows, openBatch, planOf, runningBatch, sealedBatch } from './batches.js';
import type { Begin, Stage } from './contracted.js';
import { dayAfter, firstDay, LATER, SUMMARY, stateOf, take, there, turnOf } from './fixtures.js';

const HOUR_MS = 3_600_000;

/** Which windows are due, and windows that a tail has read again. */
export function describeDueWindows(begin: Begin): void {
  const view = async ({ store }: Stage) => there(await store.snapshot('acme'));
  const resyncs = async (stage: Stage) =>
    (await view(stage)).candidates.filter(({ kind }) => kind === 'resync');

  describe('windows in which too much differs', () => {
    test('become due where they are open or failed, and where they are sealed a resync is asked for, once', async () => {
      const stage = await begin({ rangeDays: 5 });
      const { store, user } = stage;
      await layWindows(store, user, 4);
      await sealedBatch(store, user);
      const open = await openBatch(store, user, LATER, 1);
      const failed = await failedBatch(store, user, 2);
      const pending = await batchAt(store, user, 3);
      const first = firstDay(user);
      const starts = [0, 1, 2, 3, -1, 9].map((day) => later(dayAfter(first, day), HOUR_MS));
      const sealed = await batchAt(store, user);
      for (const _ of [1, 2]) await store.makeWindowsDue(user, 'contacts', starts);
      expect(await batchAt(store, user)).toEqual(sealed);
      expect(await batchAt(store, user, 1)).toMatchObject({ status: 'open', dueAt: open.startTime });
      expect(await batchAt(store, user, 2)).toMatchObject({ status: 'pending', dueAt: failed.startTime });
      expect(await batchAt(store, user, 3)).toEqual(pending);
      const asked = await resyncs(stage);
      expect(asked).toMatchObject([{ module: 'contacts', startTime: first }]);
      expect(await store.resync(there(asked[0]).turnId)).toMatchObject({
        ...{ modules: ['contacts'], from: first, to: dayAfter(first), total: 1, status: 'pending' },
      });
      expect(await store.dueUsers(10)).toEqual(['acme']);
    });

    test('are asked for one by one out of a range that a survey sealed', async () => {
      const stage = await begin();
      const { store, user } = stage;
      const plan = planOf(user, 3);
      const lane = await take(store, turnOf(user), 'contacts');
      const empty = [{ start: plan.tiling.from, end: plan.tiling.until }];
      await store.createWindows(lane, null, { ...plan, toRead: [], empty });
      await store.makeWindowsDue(user, 'contacts', [dayAfter(firstDay(user))]);
      expect(await resyncs(stage)).toMatchObject([{ startTime: dayAfter(firstDay(user)) }]);
      expect(await batchAt(store, user)).toMatchObject({ status: 'succeeded', endTime: plan.tiling.until });
    });
  });

  describe('a window that is open', () => {
    const candidates = async (stage: Stage, dueAt: OdooTime) => {
      const { store, user } = stage;
      // Beyond the next midnights, which are when to look too.
      await layWindows(store, user, 6);
      const { _id } = await openBatch(store, user, dueAt);
      return async () => (await view(stage)).candidates.filter(({ turnId }) => turnId === _id);
    };

    test("is to be sealed when it is due by Odoo's clock, and by its database's", async () => {
      const stage = await begin();
      const { store, user } = stage;
      const dueAt = odooTime((await store.now()).getTime() - 1_000);
      const due = await candidates(stage, dueAt);
      expect(await due()).toMatchObject([{ kind: 'seal', module: 'contacts' }]);
      await store.noteSyncState(user, { dbSkewMs: 60_000 });
      expect(await due()).toEqual([]);
      expect((await view(stage)).nextDueAt).toEqual(later(dueAt, 60_000));
    });

    test('is nobody to be sealed for whose module is unavailable', async () => {
      const stage = await begin();
      const { store, user } = stage;
      const due = await candidates(stage, firstDay(user));
      const lane = await take(store, turnOf(user), 'contacts');
      await store.noteModule(lane, { state: 'unavailable' });
      await lane.giveBack(SUMMARY);
      expect(await due()).toEqual([]);
      expect((await stateOf(store, user)).modules.contacts.state).toBe('unavailable');
    });

    test('is released without a job to remove: its last one was done', async () => {
      const stage = await begin();
      const { store, user } = stage;
      const [seal] = await (await candidates(stage, firstDay(user)))();
      const { plan } = await view(stage);
      const round = [there(seal)];
      const what = {
        tail: false,
        round,
        rota: plan.rota,
        idleUntil: null,
        nextTurnAt: LATER,
        at: await store.now(),
      };
      const released = there(await store.release(user, { rev: plan.rev, ...what }));
      expect(released).toMatchObject([{ kind: 'seal', replaces: null }]);
    });

    test('tells where a tail looks from, the oldest of a module', async () => {
      const { store, user } = await begin();
      await layWindows(store, user, 3);
      await openBatch(store, user, LATER, 2);
      await openBatch(store, user, LATER, 1);
      await runningBatch(store, user);
      expect((await store.tailView(user))?.oldestOpen).toEqual(
        new Map([['contacts', dayAfter(firstDay(user))]]),
      );
    });
  });
}
