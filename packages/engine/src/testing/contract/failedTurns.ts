import { describe, expect, test } from '@jest/globals';
import { batchAt, failedBatch, layWindows, openBatch } from './batches.js';
import type { Begin } from './contracted.js';
import { dayAfter, ERROR, firstDay, LATER, there } from './fixtures.js';

/** What an operator finds failed, for which the queue must have a job. */
export function describeFailedTurns(begin: Begin): void {
  describe('what has failed', () => {
    test('comes in pages, in the order of its ids, each turn with its place', async () => {
      const { store, user, requestResync } = await begin();
      await layWindows(store, user, 3);
      expect(await store.failedTurns(null, 10)).toEqual([]);
      for (const day of [1, 0]) await failedBatch(store, user, day);
      // One that was read before: when it heals, it goes as a backfill too.
      await openBatch(store, user, LATER, 2);
      await failedBatch(store, user, 2);
      const range = { from: firstDay(user), to: dayAfter(firstDay(user)) };
      const asked = await requestResync(user, { modules: ['invoices'], ...range });
      const at = await store.now();
      const queued = there(await store.resyncEvent(asked, { type: 'release', at }));
      const running = there(await store.resyncEvent(queued, { type: 'start' }));
      await store.resyncEvent(running, { type: 'fail', error: ERROR, retryAt: LATER, final: true });
      const life = { userKey: 'acme', life: user.life };
      const places = await Promise.all(
        [0, 1, 2].map(async (day) => {
          const { _id: turnId, module, startTime, release } = await batchAt(store, user, day);
          return { kind: 'backfill', ...life, turnId, release, module, startTime };
        }),
      );
      const resync = { kind: 'resync', ...life, turnId: asked._id, release: queued.release };
      const all = [...places, { ...resync, module: 'invoices', startTime: firstDay(user) }];
      expect(await store.failedTurns(null, 10)).toEqual(all);
      let after: string | null = null;
      const paged: unknown[] = [];
      for (;;) {
        const page = await store.failedTurns(after, 3);
        paged.push(...page);
        after = page.at(-1)?.turnId ?? null;
        expect(page.length).toBeLessThanOrEqual(3);
        if (after === null) break;
      }
      expect(paged).toEqual(all);
    });
  });
}
