import { setImmediate as later } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';
const HOUR_MS = 3_600_000;
const never = new AbortController().signal;

/** As a worker leaves it that is killed in the middle of it, when so many were killed so before. */
const dead = (before: number) => ({
  'tail.status': 'running',
  'tail.expiries': before,
  'tail.dueAt': new Date(),
});

/** The tail's job, as it comes back from a dead worker. */
async function comesBack(tenant: Tenant, before: number) {
  await tenant.patchPlan(dead(before));
  const { release } = (await tenant.plan()).tail;
  const { userKey, life } = tenant.user;
  return tenant.run({ kind: 'tail', userKey, life, turnId: `tail-${userKey}`, release });
}

test('a tail whose worker died once shares its process as before', async () => {
  const tenant = await world.connect();
  const leave = await tenant.engine.gate.enter(false, never);
  expect((await comesBack(tenant, 0)).outcome).toMatchObject({ type: 'done' });
  expect((await tenant.plan()).tail).toMatchObject({ expiries: 0, lastError: null });
  leave?.();
});

test('one whose workers died twice waits until it is alone', async () => {
  const tenant = await world.connect();
  const leave = await tenant.engine.gate.enter(false, never);
  const ran = comesBack(tenant, 1);
  let ended = false;
  void ran.then(() => {
    ended = true;
  });
  // Another worker's tail takes as long as this one would.
  await (await world.connect()).tail();
  await later();
  expect(ended).toBe(false);
  expect(tenant.requests('search_read')).toBe(0);
  leave?.();
  expect((await ran).outcome).toMatchObject({ type: 'done' });
  expect((await tenant.plan()).tail).toMatchObject({ expiries: 0, lastError: null });
});

test('one whose workers died four times asks nothing and rests, while the windows of its user go on', async () => {
  const tenant = await world.connect();
  tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
  expect((await comesBack(tenant, 3)).outcome).toMatchObject({ type: 'done' });
  expect(tenant.requests('search_read')).toBe(0);
  const { tail } = await tenant.plan();
  expect(tail).toMatchObject({
    status: 'queued',
    expiries: 2,
    lastError: { kind: 'crashed', message: expect.stringMatching(/^its worker died 4 times in a row/) },
  });
  expect(tail.dueAt.getTime() - Date.now()).toBeGreaterThan(HOUR_MS - 60_000);
  expect((await tenant.window()).outcome.type).toBe('done');
  expect(await tenant.mirrored()).toHaveLength(3);
  expect((await tenant.tail()).outcome.type).toBe('done');
  expect((await tenant.plan()).tail).toMatchObject({ expiries: 0, lastError: null });
});
