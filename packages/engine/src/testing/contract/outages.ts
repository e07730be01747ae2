import { describe, expect, test } from '@jest/globals';
import type { Begin } from './contracted.js';
import { LATER, stateOf, there } from './fixtures.js';

/** An Odoo database out of reach, which may be the source of several users. */
export function describeOutages(begin: Begin): void {
  const open = async () => {
    const stage = await begin({ breakerMs: 1_000 });
    const fellow = await stage.addUser('fellow', stage.user.address);
    const other = await stage.addUser('other');
    return { ...stage, fellow, other };
  };

  describe('an Odoo that is out of reach', () => {
    test('is left alone from the third fault in a row, for everybody who is mirrored from it', async () => {
      const { store, user, fellow, other } = await open();
      for (const faults of [1, 2, 3]) {
        const noted = there(await store.noteFault(faults === 2 ? fellow : user));
        expect(noted).toMatchObject({ opened: faults === 3, outage: { faults } });
        expect(noted.outage.openUntil === null).toBe(faults < 3);
        for (const one of [user, fellow]) expect((await stateOf(store, one)).outage).toEqual(noted.outage);
      }
      expect(await store.noteFault(user)).toMatchObject({ opened: false, outage: { faults: 4 } });
      expect((await stateOf(store, other)).outage).toBeNull();
    });

    test('that answers is asked again, by all who waited', async () => {
      const { store, user, fellow, other } = await open();
      for (const _ of [1, 2, 3]) await store.noteFault(user);
      await store.setAside(['acme', 'fellow', 'other'], 60_000);
      const { outage, rev } = await stateOf(store, fellow);
      expect(await store.noteAnswer(fellow)).toEqual(outage);
      expect(await store.dueUsers(10)).toEqual(expect.arrayContaining(['acme', 'fellow']));
      expect(await store.dueUsers(10)).not.toContain('other');
      for (const one of [user, fellow, other]) expect((await stateOf(store, one)).outage).toBeNull();
      expect((await stateOf(store, fellow)).rev).toBe(rev + 1);
      expect(await store.noteAnswer(user)).toBeNull();
      expect((await store.noteFault(user))?.outage.faults).toBe(1);
    });

    test('or that throttles has its pace noted for everybody who is mirrored from it', async () => {
      const { store, user, fellow, other } = await open();
      await store.noteSource(user, { paceMs: 700, holdUntil: LATER });
      for (const one of [user, fellow])
        expect(await stateOf(store, one)).toMatchObject({ paceMs: 700, holdUntil: LATER });
      expect(await stateOf(store, other)).toMatchObject({ paceMs: 0, holdUntil: null });
      await store.noteSyncState(other, { paceMs: 5, suspectUntil: LATER });
      expect(await stateOf(store, other)).toMatchObject({ paceMs: 5, suspectUntil: LATER });
      expect(await stateOf(store, user)).toMatchObject({ paceMs: 700, suspectUntil: null });
    });
  });
}
