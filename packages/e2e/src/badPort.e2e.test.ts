import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Listening } from '@odoo-sync/testkit';
import { endOf } from './harness/endOf.js';
import { startWeb } from './harness/oddServers.js';
import { createWorld, type World } from './harness/world.js';

let world: World;
let web: Listening;
beforeAll(async () => {
  [world, web] = await Promise.all([createWorld(), startWeb()]);
});
afterAll(async () => {
  await web?.close();
  await world?.close();
});

test('an API whose port is taken says whose it is to mend, and ends with 1: it may come free', async () => {
  const ended = await endOf('api', { ...world.env, API_PORT: String(web.port) });
  expect({ code: ended.code, err: ended.err }).toEqual({
    code: 1,
    err: `odoo-sync-api did not start: the API can't listen on 127.0.0.1:${web.port} (listen EADDRINUSE: address already in use 127.0.0.1:${web.port}): end the program that does, or set API_PORT to a free port\n`,
  });
});

test.each(['scheduler', 'worker', 'api'] as const)(
  'a %s whose port for metrics is taken says whose it is to mend, and ends with 1',
  async (app) => {
    const ended = await endOf(app, { ...world.env, API_PORT: '0', METRICS_PORT: String(web.port) });
    expect({ code: ended.code, err: ended.err }).toEqual({
      code: 1,
      err: `odoo-sync-${app} did not start: the monitor can't listen on 127.0.0.1:${web.port} (listen EADDRINUSE: address already in use 127.0.0.1:${web.port}): end the program that does, or set METRICS_PORT to a free port\n`,
    });
  },
);

test('a worker that shall answer for its metrics at an address of another machine ends with 78', async () => {
  const ended = await endOf('worker', { ...world.env, METRICS_HOST: '203.0.113.1' });
  expect(ended.code).toBe(78);
  expect(ended.err).toMatch(
    /^odoo-sync-worker did not start: the monitor can't listen on 203\.0\.113\.1:0 .*: set METRICS_HOST to an address that this machine has\n$/,
  );
});
