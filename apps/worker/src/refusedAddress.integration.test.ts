import { describe, expect, test } from '@jest/globals';
import { outcomeOf } from '@odoo-sync/core';
import { createOdooSource } from '@odoo-sync/odoo';
import { must } from '@odoo-sync/testkit';
import { createSourcePool } from './sourcePool.js';
import type { Tenant } from './testing/tenant.js';
import { LOGIN, TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';

const reportOf = async ({ engine, user }: Tenant) =>
  must(await engine.store.report(user.userKey), 'there is no report');

/** Lets the breaker's pause be over. */
const passPause = (tenant: Tenant) => tenant.patchPlan({ 'outage.openUntil': new Date(Date.now() - 1) });

/** The worker is started again with another `ODOO_ALLOW`. */
function restart(tenant: Tenant, allow: readonly string[]): void {
  const open = createOdooSource({
    limitPerCall: 200,
    limitPerCallMax: 200,
    apiCallDelayMs: 0,
    requestTimeoutMs: 5_000,
    maxAnswerBytes: 1_000_000,
    lang: 'en_US',
    log: tenant.engine.log,
    allow,
  });
  const secret = async () => ({ kind: 'apiKey' as const, login: LOGIN, secret: tenant.secret });
  Object.assign(tenant.engine, { sources: createSourcePool(open, secret) });
}

describe('a user whose Odoo is where none may be', () => {
  test('is told why, loses no window and asks nothing, while its neighbour goes on', async () => {
    const allow = ['public', '127.0.0.1'];
    const { port } = new URL(world.simulator.url);
    const refused = await world.connect({ url: `http://127.0.0.2:${port}`, allow });
    const neighbour = await world.connect({ allow });
    neighbour.odoo.create(PARTNER, 3, { at: neighbour.noon() });

    const before = world.simulator.log.totals.requests;
    const sentence =
      "expected an address that ODOO_ALLOW (public,127.0.0.1) lets through for an Odoo, but 127.0.0.2 is loopback: correct the user's URL, or name loopback, a range or the host in ODOO_ALLOW";
    expect((await refused.tail()).outcome).toEqual(
      outcomeOf('failed', { type: 'done', result: { error: sentence } }),
    );
    // Its breaker is open since the tail; a window that comes later is the probe.
    expect((await refused.window('invoices')).outcome.type).toBe('delay');
    await passPause(refused);
    expect((await refused.window()).outcome).toMatchObject({ type: 'delay', reason: sentence });
    expect(await refused.batch()).toMatchObject({
      status: 'queued',
      attempts: 0,
      lastError: { kind: 'configuration', message: sentence },
    });
    expect(world.simulator.log.totals.requests).toBe(before);
    expect(await reportOf(refused)).toMatchObject({
      user: { standing: 'active' },
      outage: { nextTryAt: expect.any(Date) },
      tailError: { kind: 'configuration', message: sentence },
    });

    expect((await neighbour.window()).outcome.type).toBe('done');
    expect(await neighbour.mirrored()).toHaveLength(3);
    await neighbour.tail();
    expect(await reportOf(neighbour)).toMatchObject({ outage: null, tailError: null });
  });

  test('goes on by itself once the setting names its kind', async () => {
    const tenant = await world.connect();
    tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
    restart(tenant, ['public', 'private']);
    for (const type of ['retry', 'retry', 'delay']) expect((await tenant.window()).outcome.type).toBe(type);
    expect(await tenant.batch()).toMatchObject({ status: 'queued', attempts: 2 });

    restart(tenant, ['public', 'private', 'loopback']);
    await passPause(tenant);
    expect((await tenant.window()).outcome.type).toBe('done');
    expect((await reportOf(tenant)).outage).toBeNull();
    expect(await tenant.mirrored()).toHaveLength(3);
  });
});
