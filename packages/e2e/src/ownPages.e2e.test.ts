import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from './harness/browser.js';
import { midnight } from './harness/days.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

describe('the pages of the API', () => {
  let world: World;
  let browser: Browser | undefined;
  let address: string;
  let fault: number;
  const day = midnight(2);
  const doc = `acme.contacts.${day.toISOString().slice(0, 10)}`;

  beforeAll(async () => {
    browser = await openBrowser();
    world = await createWorld({
      databases: [
        { name: 'acme', seed: 5, models: { 'res.partner': { count: 40, days: 4, activeDays: 4 } } },
      ],
      settings: { INITIAL_SYNC_RANGE_DAYS: '4', MAX_BATCH_ATTEMPTS: '1', API_PORT: '0' },
    });
    const windowStart = day.toISOString().slice(0, 19).replace('T', ' ');
    const { id } = await world.simulator.call('faults.add', {
      kind: 'status',
      status: 502,
      times: 1_000,
      match: { db: 'acme', model: 'res.partner', method: 'search_read', windowStart },
    } as never);
    fault = id;
    await world.addUser('acme');
    await world.start('scheduler');
    await world.start('worker');
    const api = await world.start('api');
    address = String(api.logged('ready')[0]?.url);
    await until('the batch has failed', async () => (await world.store.batch(doc))?.status === 'failed');
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  /** A page that keeps what it asks of other hosts, and what its policy or its own code complains of. */
  async function watched(by: Browser): Promise<{ page: Page; outside: string[]; complaints: string[] }> {
    const page = await by.newPage({ viewport: { width: 1_280, height: 800 } });
    const outside: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(`${address}/`) && !request.url().startsWith('data:'))
        outside.push(request.url());
    });
    page.on('console', (line) => {
      if (['error', 'warning'].includes(line.type())) complaints.push(line.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    return { page, outside, complaints };
  }

  test.each(['/dashboard', '/queues', '/queues/queue/turns', '/queues/queue/turns/x', '/status'])(
    '%s names a policy without anything unsafe or from outside',
    async (path) => {
      const policy = (await fetch(`${address}${path}`)).headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
    },
  );

  test('say why a button of Bull Board does nothing', async () => {
    if (!browser) return;
    const { page } = await watched(browser);
    await page.goto(`${address}/queues/queue/turns?status=failed`);
    await page.getByRole('button', { name: 'Clean all' }).click();
    await page.getByRole('button', { name: /confirm/i }).click();
    await page.getByText('the queue only carries what the ledger releases').waitFor();
    await page.getByText('refused', { exact: true }).waitFor();
    expect(await (await fetch(`${address}/status`)).json()).toMatchObject({ queue: { failed: 1 } });
  });

  test('ask no other host for anything, and work under their policy', async () => {
    if (!browser) return;
    const { page, outside, complaints } = await watched(browser);
    await page.goto(`${address}/dashboard`);
    await page.getByText('acme').first().waitFor();
    await page.waitForResponse(`${address}/dashboard`);
    expect(await page.locator('main.stale').count()).toBe(0);

    await page.goto(`${address}/queues`);
    for (const queue of ['turns', 'tick']) await page.getByText(queue).first().waitFor();
    await page.goto(`${address}/queues/queue/turns?status=failed`);
    await page.getByText(doc).first().waitFor();
    await page.getByText('502').first().waitFor();
    for (const name of ['Data', 'Options', 'Logs', 'Error']) await page.getByRole('tab', { name }).click();
    await page.getByRole('link', { name: doc }).click();
    await page.waitForURL(/turns\/acme/);
    await page.getByRole('tab', { name: 'Data' }).waitFor();
    expect({ outside, complaints }).toEqual({ outside: [], complaints: [] });

    await world.simulator.call('faults.clear', { id: fault });
    await page.goto(`${address}/queues/queue/turns?status=failed`);
    await page.getByRole('button', { name: /retry/i }).last().click();
    await page.getByRole('button', { name: /confirm/i }).click();
    await until('the window is read', async () => (await world.store.batch(doc))?.status === 'succeeded');
    expect({ outside, complaints }).toEqual({ outside: [], complaints: [] });
  });
});
