import { expect, test } from '@jest/globals';
import { startBadNeighbour } from './testing/badNeighbour.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PAUSE_MS = 60;
// Timers of Node fire up to a millisecond early.
const LEAST_MS = PAUSE_MS - 2;

test('a user is asked in its language and at its pace from the next turn on, in windows and tails', async () => {
  const neighbour = await startBadNeighbour(world.simulator.url);
  try {
    const asked: { readonly at: number; readonly lang: unknown }[] = [];
    neighbour.mischief = {
      to: 'everything',
      how: async ({ path, forward, answer }) => {
        if (path.includes('/res.lang/'))
          return answer(JSON.stringify(['en_US', 'fr_FR'].map((code, n) => ({ id: n + 1, code }))));
        const at = performance.now();
        const { status, type, body } = await forward((kwargs) => {
          const { lang } = (kwargs.context ?? {}) as { readonly lang?: unknown };
          if (lang !== undefined) asked.push({ at, lang });
          return kwargs;
        });
        return answer(body, type, status);
      },
    };
    const tenant = await world.connect({ url: neighbour.url, pageSize: 2 });
    const { store } = tenant.engine;
    tenant.odoo.create('res.partner', 6, { at: tenant.noon() });
    await tenant.window();
    expect(new Set(asked.map(({ lang }) => lang))).toEqual(new Set(['en_US']));

    for (const turn of [() => tenant.window('saleOrders'), () => tenant.tail()]) {
      asked.splice(0);
      tenant.odoo.create('sale.order', 6, { at: tenant.noon() });
      await store.setManners(tenant.user, { language: 'fr_FR', callDelayMs: PAUSE_MS });
      await turn();
      expect(new Set(asked.map(({ lang }) => lang))).toEqual(new Set(['fr_FR']));
      const gaps = asked.slice(1).map(({ at }, n) => at - (asked[n]?.at ?? 0));
      expect(gaps.length).toBeGreaterThanOrEqual(2);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(LEAST_MS);
    }
  } finally {
    await neighbour.close();
  }
});
