import { describe, expect, test } from '@jest/globals';
import { MODULE_NAMES } from '@odoo-sync/core';
import type { Begin } from './contracted.js';
import { SUMMARY, take, there, turnOf } from './fixtures.js';

const BUSY = { busyForMs: expect.any(Number) };

/** Who may work: one turn in a lane, and so many of a user's at once. */
export function describeLanes(begin: Begin): void {
  describe('a lane', () => {
    test('goes to one of many takers, the others are told to come again', async () => {
      const { store, user } = await begin({ userConcurrency: 4 });
      const takers = [1, 2, 3, 4, 5].map((n) => store.takeLane(turnOf(user, `turn-${n}`), 'contacts'));
      const grants = await Promise.all(takers);
      expect(grants.filter((grant) => 'lane' in grant)).toHaveLength(1);
      for (const grant of grants) if ('busyForMs' in grant) expect(grant.busyForMs).toBeGreaterThan(0);
    });

    test('needs a place of its user, and of no other user', async () => {
      const { store, user, addUser } = await begin({ userConcurrency: 2 });
      const first = await take(store, turnOf(user, 'one'), 'contacts');
      await take(store, turnOf(user, 'two'), 'invoices');
      expect(await store.takeLane(turnOf(user, 'three'), 'employees')).toEqual(BUSY);
      await take(store, turnOf(await addUser('other')), 'employees');
      await first.giveBack(SUMMARY);
      await take(store, turnOf(user, 'three'), 'employees');
      expect(await store.takeLane(turnOf(user, 'one'), 'contacts')).toEqual(BUSY);
    });

    test('takes a second place for a job that is delivered twice', async () => {
      const { store, user } = await begin({ userConcurrency: 2 });
      await take(store, turnOf(user, 'one'), 'contacts');
      await take(store, turnOf(user, 'one'), 'invoices');
      expect(await store.takeLane(turnOf(user, 'two'), 'employees')).toEqual(BUSY);
    });

    test('that was given back is free at once, under a higher token, and nobody died', async () => {
      const { store, user } = await begin();
      const first = await take(store, turnOf(user, 'one'), 'contacts');
      await first.giveBack(SUMMARY);
      expect(await store.takeLane(turnOf(user, 'two'), 'contacts')).toMatchObject({
        expired: null,
        lane: { module: 'contacts', token: first.token + 1, userKey: 'acme', life: user.life },
      });
    });

    test('is kept past its lease by a holder that lives', async () => {
      const { store, user, pass } = await begin({ leaseMs: 400, userConcurrency: 2 });
      const lane = await take(store, turnOf(user, 'one'), 'contacts');
      for (const _ of [1, 2, 3]) {
        await pass(250);
        expect(await store.takeLane(turnOf(user, 'two'), 'contacts')).toEqual(BUSY);
      }
      expect(lane.lost.aborted).toBe(false);
    });

    test('whose lease ran out is given with the name of who held it, and that one is told', async () => {
      const { store, user, expire, pass } = await begin({ leaseMs: 400 });
      const first = await take(store, turnOf(user, 'one', 7), 'contacts');
      await expire(first);
      const grant = await store.takeLane(turnOf(user, 'two'), 'contacts');
      expect(grant).toMatchObject({ lane: { token: first.token + 1 } });
      expect('lane' in grant && grant.expired).toEqual({ kind: 'backfill', turnId: 'one', release: 7 });
      for (let tries = 0; tries < 20 && !first.lost.aborted; tries++) await pass(100);
      expect(first.lost.aborted).toBe(true);
    });

    test('that is given back late takes nothing from who has it now', async () => {
      const { store, user, expire } = await begin({ userConcurrency: 3 });
      const first = await take(store, turnOf(user, 'one'), 'contacts');
      await expire(first);
      const second = await take(store, turnOf(user, 'two'), 'contacts');
      await first.giveBack(SUMMARY);
      expect(await store.takeLane(turnOf(user, 'three'), 'contacts')).toEqual(BUSY);
      expect(there(await store.snapshot('acme')).leased).toEqual(['two']);
      await second.giveBack(SUMMARY);
      expect(there(await store.snapshot('acme')).leased).toEqual([]);
    });

    test('of nobody is not given', async () => {
      const { store } = await begin();
      expect(await store.takeLane(turnOf({ userKey: 'nobody', life: 'none' }), 'contacts')).toEqual(BUSY);
    });
  });

  describe('several lanes', () => {
    const modulesOf = (grant: object) =>
      'lanes' in grant ? (grant.lanes as { module: string }[]).map(({ module }) => module) : [];

    test('are taken and given back together, in one place', async () => {
      const { store, user } = await begin({ userConcurrency: 2 });
      const grant = await store.takeLanes(turnOf(user), MODULE_NAMES);
      expect(modulesOf(grant)).toEqual([...MODULE_NAMES]);
      expect(await store.takeLane(turnOf(user, 'two'), 'contacts')).toEqual(BUSY);
      if ('lanes' in grant) await grant.giveBack(new Map());
      await take(store, turnOf(user, 'two'), 'contacts');
      expect(modulesOf(await store.takeLanes(turnOf(user, 'three'), ['invoices']))).toEqual(['invoices']);
      expect(await store.takeLanes(turnOf(user), ['employees'])).toEqual(BUSY);
    });

    test('leave out those that another turn has', async () => {
      const { store, user } = await begin({ userConcurrency: 2 });
      await take(store, turnOf(user, 'one'), 'contacts');
      const free = MODULE_NAMES.filter((module) => module !== 'contacts');
      expect(await store.takeLanes(turnOf(user, 'two'), ['contacts'])).toEqual(BUSY);
      expect(modulesOf(await store.takeLanes(turnOf(user), MODULE_NAMES))).toEqual(free);
    });

    test('of a turn that died name it once', async () => {
      const { store, user, expire } = await begin();
      await store.takeLanes(turnOf(user), MODULE_NAMES);
      for (const module of MODULE_NAMES) await expire({ userKey: 'acme', module });
      const grant = await store.takeLanes(turnOf(user, 'tail-acme', 2), MODULE_NAMES);
      expect('lanes' in grant && grant.expired).toEqual([{ kind: 'tail', turnId: 'tail-acme', release: 1 }]);
    });

    test('are lost together', async () => {
      const { store, user, expire, pass } = await begin({ leaseMs: 400, userConcurrency: 2 });
      const grant = await store.takeLanes(turnOf(user), MODULE_NAMES);
      if (!('lanes' in grant)) throw new Error('the lanes are busy');
      await expire({ userKey: 'acme', module: 'contacts' });
      await take(store, turnOf(user, 'two'), 'contacts');
      const areLost = () => grant.lanes.every(({ lost }) => lost.aborted);
      for (let tries = 0; tries < 20 && !areLost(); tries++) await pass(100);
      expect(areLost()).toBe(true);
    });
  });
}
