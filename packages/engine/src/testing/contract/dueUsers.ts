import { describe, expect, test } from '@jest/globals';
import { FIRST_ROTA } from '@odoo-sync/core';
import type { Begin } from './contracted.js';
import { LATER, stateOf } from './fixtures.js';

/** Who is to be looked at. */
export function describeDueUsers(begin: Begin): void {
  describe('users who are due', () => {
    /** Three who are due, and one who isn't. */
    const open = async () => {
      const stage = await begin();
      const { store, pass, addUser } = stage;
      const users = [stage.user];
      for (const name of ['zoe', 'bob', 'later']) {
        await pass(2);
        users.push(await addUser(name));
      }
      const later = { rota: FIRST_ROTA, idleUntil: null, nextTurnAt: LATER, tail: false, round: [], rev: 0 };
      for (const user of users.slice(3)) await store.release(user, { ...later, at: await store.now() });
      await pass(2);
      return { ...stage, notDue: users.slice(3) };
    };

    test('come in the order in which they became due, as many as asked for', async () => {
      const { store } = await open();
      expect(await store.dueUsers(10)).toEqual(['acme', 'zoe', 'bob']);
      expect(await store.dueUsers(2)).toEqual(['acme', 'zoe']);
    });

    test('and are set aside come last, when the time is over', async () => {
      const { store, pass, notDue } = await open();
      await store.setAside(['acme', 'later', 'nobody'], 250);
      expect(await store.dueUsers(10)).toEqual(['zoe', 'bob']);
      for (const user of notDue) expect((await stateOf(store, user)).nextTurnAt).toEqual(LATER);
      await pass(300);
      expect(await store.dueUsers(10)).toEqual(['zoe', 'bob', 'acme']);
    });

    test('are joined by one who is made due, whose older views are out of date', async () => {
      const { store, notDue } = await open();
      for (const user of notDue) {
        const { rev } = await stateOf(store, user);
        await store.makeUserDue(user);
        expect((await stateOf(store, user)).rev).toBe(rev + 1);
      }
      expect(await store.dueUsers(10)).toEqual(['acme', 'zoe', 'bob', 'later']);
    });

    test('are seen together, those that are not there left out', async () => {
      const { store } = await open();
      const all = await store.snapshots(['zoe', 'nobody', 'acme']);
      expect([...all.keys()].sort()).toEqual(['acme', 'zoe']);
      expect(all.get('zoe')).toMatchObject({ user: { userKey: 'zoe' }, inFlight: [] });
      expect(await store.snapshot('nobody')).toBeNull();
      expect(await store.user('nobody')).toBeNull();
    });
  });
}
