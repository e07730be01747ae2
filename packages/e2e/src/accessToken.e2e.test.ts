import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser } from './harness/browser.js';
import { midnight } from './harness/days.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

describe('an API that other machines reach', () => {
  let world: World;
  let browser: Browser | undefined;
  let folder: string;
  const token = randomBytes(16).toString('hex');
  const day = midnight(2);
  const doc = `acme.contacts.${day.toISOString().slice(0, 10)}`;
  beforeAll(async () => {
    browser = await openBrowser();
    folder = await mkdtemp(join(tmpdir(), 'odoo-sync-token-'));
    const file = join(folder, 'token');
    await writeFile(file, `${token}\n`);
    world = await createWorld({
      databases: [
        { name: 'acme', seed: 5, models: { 'res.partner': { count: 40, days: 4, activeDays: 4 } } },
      ],
      settings: {
        INITIAL_SYNC_RANGE_DAYS: '4',
        MAX_BATCH_ATTEMPTS: '1',
        API_HOST: '0.0.0.0',
        API_PORT: '0',
        API_TOKEN_FILE: file,
      },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('shows people its pages after they gave the token once, and takes their Retry', async () => {
    const { id } = await world.simulator.call('faults.add', {
      kind: 'status',
      status: 502,
      times: 1_000,
      match: {
        db: 'acme',
        model: 'res.partner',
        method: 'search_read',
        windowStart: day.toISOString().slice(0, 19).replace('T', ' '),
      },
    } as never);
    await world.addUser('acme');
    await world.start('scheduler');
    await world.start('worker');
    const api = await world.start('api');
    const { port } = new URL(String(api.logged('ready')[0]?.url));
    const address = `http://127.0.0.1:${port}`;
    await until('the batch has failed', async () => (await world.store.batch(doc))?.status === 'failed');
    const shown = (authorization: string) => fetch(`${address}/status`, { headers: { authorization } });
    expect((await shown(`Bearer ${token}`)).status).toBe(200);
    expect((await shown(`Bearer ${token}0`)).status).toBe(401);

    if (!browser) return;
    const strange = await browser.newPage();
    for (const path of ['/dashboard', '/queues']) {
      expect((await fetch(`${address}${path}`)).status).toBe(401);
      // It asks for a password, and nobody is there to give it one.
      await expect(strange.goto(`${address}${path}`)).rejects.toThrow('ERR_INVALID_AUTH_CREDENTIALS');
    }
    await strange.close();

    const context = await browser.newContext({ httpCredentials: { username: 'anyone', password: token } });
    const page = await context.newPage();
    const refused: string[] = [];
    page.on('response', (answer) => {
      if (answer.status() >= 400) refused.push(`${answer.status()} ${answer.url()}`);
    });
    await page.goto(`${address}/dashboard`);
    await page.getByText('acme').first().waitFor();
    const again = await page.waitForResponse(`${address}/dashboard`);
    expect({ again: again.status(), by: again.request().resourceType() }).toEqual({
      again: 200,
      by: 'fetch',
    });
    expect(await page.locator('main.stale').count()).toBe(0);

    await page.goto(`${address}/queues`);
    for (const queue of ['turns', 'tick']) await page.getByText(queue).first().waitFor();
    await page.goto(`${address}/queues/queue/turns?status=failed`);
    await page.getByText(doc).first().waitFor();
    await world.simulator.call('faults.clear', { id });
    await page.getByRole('button', { name: /retry/i }).last().click();
    await page.getByRole('button', { name: /confirm/i }).click();
    await until('the window is read', async () => (await world.store.batch(doc))?.status === 'succeeded');
    expect(refused).toEqual([]);
    await world.caughtUp(['acme']);
    expect(await world.differences('acme')).toEqual([]);
  });
});
