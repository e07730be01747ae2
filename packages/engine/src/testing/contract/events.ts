import { describe, expect, test } from '@jest/globals';
import { odooTime } from '@odoo-sync/core';
import { batchAt, layWindows, queuedBatch, runningBatch } from './batches.js';
import type { Begin } from './contracted.js';
import { dayAfter, ERROR, firstDay, LATER, there } from './fixtures.js';

/** Events of batches and resyncs: each happens to the state that was read, or not at all. */
export function describeEvents(begin: Begin): void {
  const HAND_BACK = { type: 'handBack', until: null } as const;

  describe('an event', () => {
    test('happens once, of several who read the same', async () => {
      const { store, user } = await begin();
      await layWindows(store, user);
      const running = await runningBatch(store, user);
      const both = await Promise.all([1, 2].map(() => store.batchEvent(running, HAND_BACK)));
      expect(both.filter((one) => one !== null)).toMatchObject([{ status: 'queued' }]);
      expect(await batchAt(store, user)).toMatchObject({ status: 'queued' });
    });

    test('is refused to whoever read a batch before an attempt, a death or a number', async () => {
      const { store, user } = await begin({ maxExpiries: 4, maxAttempts: 4 });
      await layWindows(store, user);
      const running = await runningBatch(store, user);
      const at = await store.now();
      const changes = [
        { type: 'fail', error: ERROR, retryAt: at, healAt: odooTime(at) },
        { type: 'expire', at, healAt: odooTime(at) },
      ] as const;
      for (const change of changes) {
        const before = await batchAt(store, user);
        const queued = there(await store.batchEvent(before, change));
        const again = there(await store.batchEvent(queued, { type: 'start' }));
        expect(again.status).toBe(before.status);
        expect(await store.batchEvent(before, HAND_BACK)).toBeNull();
        expect(await batchAt(store, user)).toMatchObject(again);
      }
      const queued = there(await store.batchEvent(await batchAt(store, user), HAND_BACK));
      const numbered = there(await store.batchEvent(queued, { type: 'reissue', at }));
      expect(numbered.release).toBe(running.release + 1);
      expect(await store.batchEvent(queued, { type: 'start' })).toBeNull();
      expect(await batchAt(store, user)).toMatchObject({ status: 'queued', release: numbered.release });
    });

    test('that the table does not allow is refused', async () => {
      const { store, user } = await begin();
      await layWindows(store, user);
      const queued = await queuedBatch(store, user);
      expect(await store.batchEvent(queued, { type: 'commitPart' })).toBeNull();
      expect(await batchAt(store, user)).toEqual(queued);
    });

    test('is refused to whoever read a resync before its position moved', async () => {
      const { store, user, requestResync } = await begin();
      await layWindows(store, user, 2);
      const range = { from: firstDay(user), to: dayAfter(firstDay(user), 2) };
      const asked = await requestResync(user, { modules: ['contacts'], ...range });
      expect(asked).toMatchObject({ status: 'pending', position: 0, total: 2 });
      const at = await store.now();
      const queued = there(await store.resyncEvent(asked, { type: 'release', at }));
      expect(await store.resyncEvent(asked, { type: 'release', at })).toBeNull();
      const running = there(await store.resyncEvent(queued, { type: 'start' }));
      const fail = { type: 'fail', error: ERROR, retryAt: LATER, final: false } as const;
      const retried = there(await store.resyncEvent(running, fail));
      expect(retried).toMatchObject({ status: 'queued', attempts: 1 });
      expect(await store.resyncEvent(queued, { type: 'start' })).toBeNull();
      const again = there(await store.resyncEvent(retried, { type: 'start' }));
      expect(await store.resyncEvent(running, { type: 'windowDone' })).toBeNull();
      expect(await store.resyncEvent(again, { type: 'windowDone' })).toMatchObject({ position: 1 });
      expect(await store.resyncEvent(again, HAND_BACK)).toBeNull();
      expect(await store.resync(asked._id)).toMatchObject({ status: 'pending', position: 1, attempts: 0 });
      expect(await store.resync('resync-of-nobody')).toBeNull();
    });
  });
}
