import { describe, expect, test } from '@jest/globals';
import { layWindows } from './batches.js';
import type { Begin } from './contracted.js';
import { ERROR, LATER, stateOf, there } from './fixtures.js';

/** Credentials that were rejected. */
export function describeAttention(begin: Begin): void {
  describe('a user whose credentials are rejected', () => {
    test('waits for an operator: nothing of it runs before its probe', async () => {
      const { store, user } = await begin();
      await layWindows(store, user);
      const { rev } = await stateOf(store, user);
      expect(there(await store.snapshot('acme')).candidates).not.toEqual([]);
      await store.needsAttention(user, ERROR, LATER);
      expect(await store.user('acme')).toMatchObject({ standing: 'needs_attention', attention: ERROR });
      const state = await stateOf(store, user);
      expect(state).toMatchObject({ rev: rev + 1, nextTurnAt: LATER, tail: { dueAt: LATER } });
      const { candidates, nextDueAt } = there(await store.snapshot('acme'));
      expect({ candidates, nextDueAt }).toEqual({ candidates: [], nextDueAt: null });
      expect(await store.dueUsers(10)).toEqual([]);
    });

    test('is active and due when a probe worked, and nothing holds it', async () => {
      const { store, user } = await begin();
      await store.noteSyncState(user, { suspectUntil: LATER, holdUntil: LATER });
      await store.needsAttention(user, ERROR, LATER);
      const { rev } = await stateOf(store, user);
      await store.restoreUser(user);
      expect(await store.user('acme')).toMatchObject({ standing: 'active', attention: null });
      const state = await stateOf(store, user);
      expect(state).toMatchObject({ rev: rev + 1, suspectUntil: null, holdUntil: null });
      expect(state.tail.dueAt.getTime()).toBeLessThanOrEqual((await store.now()).getTime());
      expect(await store.dueUsers(10)).toEqual(['acme']);
    });

    test('is not stopped by a verdict on older ones', async () => {
      const { store, user, setCredentials } = await begin();
      await setCredentials(user);
      const changed = there(await store.user('acme'));
      expect(changed.credentialVersion).toBe(user.credentialVersion + 1);
      await store.needsAttention(user, ERROR, LATER);
      expect(await store.user('acme')).toMatchObject({ standing: 'active', attention: null });
      expect(await store.dueUsers(10)).toEqual(['acme']);
      await store.needsAttention(changed, ERROR, LATER);
      expect(await store.user('acme')).toMatchObject({ standing: 'needs_attention' });
    });
  });
}
