import { describe, expect, test } from '@jest/globals';
import { batchAt, layWindows } from './batches.js';
import type { Begin } from './contracted.js';
import { dayAfter, firstDay, stateOf, take, there, turnOf } from './fixtures.js';

/** What a window's turn is shown under its lane, in one look. */
export function describeWindowViews(begin: Begin): void {
  describe('the view of a window', () => {
    test('shows the user, its sync state and the batch as they stand', async () => {
      const { store, user } = await begin();
      await layWindows(store, user);
      const batch = await batchAt(store, user);
      expect(await store.windowView(turnOf(user, batch._id))).toEqual({
        user: await store.user('acme'),
        state: await stateOf(store, user),
        batch,
        resync: null,
      });
    });

    test('of a resync shows that one', async () => {
      const { store, user, requestResync } = await begin();
      await layWindows(store, user);
      const range = { from: firstDay(user), to: dayAfter(firstDay(user)) };
      const { _id } = await requestResync(user, { modules: ['contacts'], ...range });
      const view = there(await store.windowView({ ...turnOf(user, _id), kind: 'resync' }));
      expect(view).toMatchObject({ batch: null, resync: await store.resync(_id) });
    });

    test('of what is not there, or of a tail, shows the user alone', async () => {
      const { store, user } = await begin();
      for (const turn of [turnOf(user, 'gone'), turnOf(user)])
        expect(await store.windowView(turn)).toMatchObject({
          user: { userKey: 'acme' },
          batch: null,
          resync: null,
        });
    });

    test('is nothing for nobody', async () => {
      const { store } = await begin();
      expect(await store.windowView(turnOf({ userKey: 'nobody', life: 'none' }))).toBeNull();
    });
  });

  describe("the clock of a lane's holder", () => {
    test("is the store's, without being asked for", async () => {
      const { store, user, pass } = await begin();
      const lane = await take(store, turnOf(user), 'contacts');
      await pass(250);
      expect(lane.now().getTime()).toBeGreaterThanOrEqual(lane.takenAt.getTime() + 250);
      expect(Math.abs(lane.now().getTime() - (await store.now()).getTime())).toBeLessThan(1_000);
    });
  });
}
