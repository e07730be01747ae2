import { describe, expect, test } from '@jest/globals';
import { FencedOutError, type TurnStore } from '@odoo-sync/core';
import { batchAt } from './batches.js';
import type { Begin } from './contracted.js';
import { missing, stateOf, take, there, turnOf } from './fixtures.js';
import { BUSY, FENCED, LATE, type Lives, RECORDS, twoLives } from './lateActs.js';

async function observed(store: TurnStore, lives: Lives): Promise<unknown> {
  const { second } = lives;
  const { now, ...snapshot } = there(await store.snapshot('acme'));
  return {
    snapshot,
    state: await stateOf(store, second),
    schema: await store.schema(second, 'contacts'),
    user: await store.user('acme'),
    batches: [await batchAt(store, second), await batchAt(store, second, 1)],
    missing: await missing(store, second, RECORDS),
  };
}

/** Removing a user and adding the same id again makes another life, which the one before it can't reach. */
export function describeLives(begin: Begin): void {
  describe('a user who was removed and added again', () => {
    test.each(LATE)('is not reached by an earlier life: %s', async (_, act, expected) => {
      const lives = await twoLives(begin);
      const before = await observed(lives.store, lives);
      const came = await act(lives).catch((error: unknown) => {
        if (error instanceof FencedOutError) return FENCED;
        throw error;
      });
      expect(came).toEqual(expected);
      expect(await observed(lives.store, lives)).toEqual(before);
    });

    test('has a life, numbers and tokens of its own', async () => {
      const { store, user, second, tail, held } = await twoLives(begin);
      expect(second.life).not.toBe(user.life);
      expect(tail).toBeGreaterThan(held.running.release);
      expect(await store.resync(held.resync._id)).toBeNull();
      const lane = await take(store, turnOf(second), 'contacts');
      expect(lane.token).toBeGreaterThan(held.lane.token);
    });

    test('is nobody between the two', async () => {
      const { store, user, endLife } = await begin();
      await endLife(user);
      expect(await store.user('acme')).toBeNull();
      expect(await store.snapshot('acme')).toBeNull();
      expect(await store.syncState(user)).toBeNull();
      expect(await store.dueUsers(10)).toEqual([]);
      expect(await store.takeLane(turnOf(user), 'contacts')).toEqual(BUSY);
    });
  });
}
