import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Store } from '@odoo-sync/core';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';
const RECORDS = 60;
const PAGE = 3;

test('while MongoDB has no room for a page, Odoo is asked for one more and no further', async () => {
  let makeRoom = () => {};
  const room = new Promise<void>((resolve) => {
    makeRoom = resolve;
  });
  const full = (store: Store): Store => ({
    ...store,
    writeEarly(pass) {
      const early = store.writeEarly(pass);
      return Object.assign(Object.create(early), {
        async add(...page: Parameters<typeof early.add>) {
          await early.add(...page);
          await room;
        },
      });
    },
  });
  const tenant = await world.connect({ pageSize: PAGE, wrap: full });
  tenant.odoo.create(PARTNER, RECORDS, { at: tenant.noon() });
  const ran = tenant.window();
  while (tenant.requests('search_read') < 2) await pause(5);
  // As long as all the other pages would take.
  await pause(500);
  expect(tenant.requests('search_read')).toBe(2);
  makeRoom();
  expect((await ran).outcome.type).toBe('done');
  expect(tenant.requests('search_read')).toBe(RECORDS / PAGE + 1);
  expect(await tenant.mirrored()).toHaveLength(RECORDS);
});
