import { describe, expect, test } from '@jest/globals';
import { odooTime } from '@odoo-sync/core';
import type { Begin, Stage } from './contracted.js';
import { stateOf } from './fixtures.js';

/** How far Odoo's clock is from the store's. */
export function describeClocks(begin: Begin): void {
  const MINUTE_MS = 60_000;
  const ahead = async ({ store, user }: Stage, ms: number) => {
    await store.noteClock(user, odooTime((await store.now()).getTime() + ms));
    return stateOf(store, user);
  };

  describe('a difference of clocks', () => {
    test('is believed when it is seen twice, which makes the user due', async () => {
      const stage = await begin();
      const { rev } = await stateOf(stage.store, stage.user);
      await stage.store.setAside(['acme'], MINUTE_MS);
      expect(await ahead(stage, MINUTE_MS)).toMatchObject({ skewMs: 0, rev });
      expect(await stage.store.dueUsers(10)).toEqual([]);
      const believed = await ahead(stage, MINUTE_MS);
      expect(Math.abs(believed.skewMs - MINUTE_MS)).toBeLessThan(1_000);
      expect(believed).toMatchObject({ skewSeenMs: null, rev: rev + 1 });
      expect(await stage.store.dueUsers(10)).toEqual(['acme']);
    });

    test('is forgotten where another comes between', async () => {
      const stage = await begin();
      await ahead(stage, MINUTE_MS);
      await ahead(stage, 0);
      expect(await ahead(stage, MINUTE_MS)).toMatchObject({ skewMs: 0 });
      expect(await ahead(stage, 5 * MINUTE_MS)).toMatchObject({ skewMs: 0 });
    });

    test('too small to be seen in whole seconds, or too large to be true, is none', async () => {
      const stage = await begin({ clockMaxSkewMs: 10 * MINUTE_MS });
      const before = await stateOf(stage.store, stage.user);
      for (const ms of [-900, -900, 11 * MINUTE_MS, 11 * MINUTE_MS])
        expect(await ahead(stage, ms)).toEqual(before);
    });
  });
}
