import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser } from './harness/browser.js';
import { midnight } from './harness/days.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

describe('a window that fails four times', () => {
  let world: World;
  let browser: Browser | undefined;
  const day = midnight(4);
  const doc = `acme.contacts.${day.toISOString().slice(0, 10)}`;
  beforeAll(async () => {
    browser = await openBrowser();
    world = await createWorld({
      databases: [
        {
          name: 'acme',
          seed: 5,
          models: {
            'res.partner': {
              count: 900,
              days: 8,
              activeDays: 8,
              bursts: [{ at: midnight(4).toISOString(), count: 300 }],
            },
            'sale.order': { count: 200, days: 8 },
          },
        },
      ],
      settings: { INITIAL_SYNC_RANGE_DAYS: '8', API_PORT: '0' },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  test('becomes failed and visible, holds up nothing, and is made good by the Retry of Bull Board', async () => {
    const windowStart = day.toISOString().slice(0, 19).replace('T', ' ');
    const { id } = await world.simulator.call('faults.add', {
      kind: 'status',
      status: 502,
      times: 1_000,
      match: { db: 'acme', model: 'res.partner', method: 'search_read', windowStart },
    } as never);
    await world.addUser('acme');
    await world.start('scheduler');
    await world.start('worker');
    const api = await world.start('api');
    const address = String(api.logged('ready')[0]?.url);

    const batch = await until('the batch has failed', async () => {
      const found = await world.store.batch(doc);
      return found?.status === 'failed' && found;
    });
    expect(batch.attempts).toBe(4);
    expect(batch.lastError?.kind).toBe('transient');
    await until('every other window was read', async () => {
      const { modules } = await world.report('acme');
      return modules.every(
        ({ windows }) => windows.done + windows.failed === windows.total && windows.inFlight === 0,
      );
    });
    const before = (await world.report('acme')).modules.map(({ lastPass }) => lastPass?.getTime() ?? 0);
    await until('the tail goes on', async () => {
      const now = (await world.report('acme')).modules.map(({ lastPass }) => lastPass?.getTime() ?? 0);
      return now.every((time, n) => time > (before[n] ?? 0));
    });

    if (!browser) return;
    const page = await browser.newPage();
    await page.goto(`${address}/queues/queue/turns?status=failed`);
    await page.getByText(doc).first().waitFor();
    await page.getByText('502').first().waitFor();

    await world.simulator.call('faults.clear', { id });
    await page.getByRole('button', { name: /retry/i }).last().click();
    await page.getByRole('button', { name: /confirm/i }).click();
    const healed = await until('the window is sealed', async () => {
      const found = await world.store.batch(doc);
      return found?.status === 'succeeded' && found;
    });
    expect(healed.counts?.read).toBeGreaterThanOrEqual(300);
    await world.caughtUp(['acme']);
    expect(await world.differences('acme')).toEqual([]);
  });
});
