import { describe, expect, test } from '@jest/globals';
import { odooTime } from '@odoo-sync/core';
import { batchAt, layWindows, queuedBatch, runningBatch } from './batches.js';
import type { Begin, Stage } from './contracted.js';
import { dayAfter, firstDay, there } from './fixtures.js';

/** Turns that are out though their jobs have ended. */
export function describeReissues(begin: Begin): void {
  const HOUR_MS = 3_600_000;
  const inFlight = async ({ store }: Stage, turnId: string) =>
    there((await store.snapshot('acme'))?.inFlight.find((turn) => turn.turnId === turnId));

  describe('a turn whose job has ended untold', () => {
    test('gets a new number, and uses no attempt', async () => {
      const stage = await begin();
      const { store, user } = stage;
      await layWindows(store, user);
      const queued = await queuedBatch(store, user);
      const out = await inFlight(stage, queued._id);
      expect(out).toMatchObject({ status: 'queued', release: queued.release, module: 'contacts' });
      expect(await store.reissue(out)).toMatchObject({ turnId: queued._id, release: queued.release + 1 });
      expect(await batchAt(store, user)).toMatchObject({ status: 'queued', attempts: 0, expiries: 0 });
      expect(await store.reissue(out)).toBeNull();
      expect((await batchAt(store, user)).release).toBe(queued.release + 1);
    });

    test('and that was running has died, which is counted', async () => {
      const stage = await begin();
      const { store, user } = stage;
      await layWindows(store, user);
      const running = await runningBatch(store, user);
      expect(await store.reissue(await inFlight(stage, running._id))).toMatchObject({
        release: running.release + 1,
      });
      expect(await batchAt(store, user)).toMatchObject({ status: 'queued', attempts: 0, expiries: 1 });
    });

    test("fails with its last death, and heals by Odoo's clock", async () => {
      const stage = await begin({ maxExpiries: 1 });
      const { store, user, settings } = stage;
      for (const _ of [1, 2]) {
        const now = await store.now();
        await store.noteClock(user, odooTime(now.getTime() + HOUR_MS));
      }
      await layWindows(store, user);
      const running = await runningBatch(store, user);
      const now = await store.now();
      expect(await store.reissue(await inFlight(stage, running._id))).toBeNull();
      const failed = await batchAt(store, user);
      expect(failed).toMatchObject({ status: 'failed', lastError: { kind: 'crashed' } });
      const healsIn = failed.dueAt.getTime() - now.getTime();
      expect(Math.abs(healsIn - HOUR_MS - settings.healMs)).toBeLessThan(10_000);
    });

    test('of a resync gets a new number, and fails its window with its last death', async () => {
      const stage = await begin({ maxExpiries: 2 });
      const { store, user, requestResync } = stage;
      await layWindows(store, user);
      const range = { from: firstDay(user), to: dayAfter(firstDay(user)) };
      const { _id } = await requestResync(user, { modules: ['contacts'], ...range });
      const at = await store.now();
      const queued = there(await store.resyncEvent(there(await store.resync(_id)), { type: 'release', at }));
      expect(await store.reissue(await inFlight(stage, _id))).toMatchObject({ release: queued.release + 1 });
      for (const [expiries, status] of [
        [1, 'queued'],
        [0, 'failed'],
      ]) {
        await store.resyncEvent(there(await store.resync(_id)), { type: 'start' });
        await store.reissue(await inFlight(stage, _id));
        expect(await store.resync(_id)).toMatchObject({ expiries, status });
      }
    });
  });
}
