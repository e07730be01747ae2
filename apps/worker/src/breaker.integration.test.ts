import { describe, expect, test } from '@jest/globals';
import { advance } from '@odoo-sync/engine';
import type { Fault } from '@odoo-sync/simulator';
import { must } from '@odoo-sync/testkit';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';

const FAULTS = [
  ['resets connections', { kind: 'reset' }],
  ["answers by a proxy's 502", { kind: 'status', status: 502 }],
  ['has no database', { kind: 'html404' }],
  ['lost its PostgreSQL', { kind: 'odooError', name: 'psycopg2.OperationalError' }],
] as const satisfies readonly (readonly [string, Fault])[];

const down = ({ odoo }: Tenant, fault: Fault = { kind: 'reset' }): number =>
  world.simulator.faults.add({ ...fault, match: { db: odoo.name }, times: 'always' });

const outageOf = async (tenant: Tenant) => (await tenant.plan()).outage;

/** Lets the pause be over. */
const passPause = (tenant: Tenant) => tenant.patchPlan({ 'outage.openUntil': new Date(Date.now() - 1) });

const changes = (): readonly string[] => world.said.filter((line) => line.includes('the breaker is'));

const asked = (): number => world.simulator.log.totals.requests;

describe.each([
  ['JSON-2', 19],
  ['JSON-RPC', 14],
] as const)('over %s', (_name, version) => {
  test.each(FAULTS)(
    'an Odoo that %s is left alone after three faults, and no window is burnt',
    async (_how, fault) => {
      const tenant = await world.connect({ version });
      tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
      await tenant.window('saleOrders');
      const before = changes().length;
      down(tenant, fault);

      expect((await tenant.window()).outcome.type).toBe('retry');
      expect((await tenant.window()).outcome.type).toBe('retry');
      expect(await outageOf(tenant)).toMatchObject({ faults: 2, openUntil: null });
      const third = (await tenant.window()).outcome;
      expect(third).toMatchObject({ type: 'delay' });
      expect(third.type === 'delay' && third.ms > 14_000 && third.ms < 15_500).toBe(true);
      expect(await tenant.batch()).toMatchObject({
        status: 'queued',
        attempts: 2,
        lastError: { message: expect.any(String) },
      });
      expect(changes().length).toBe(before + 1);

      const requests = asked();
      expect((await tenant.window()).outcome.type).toBe('delay');
      expect((await tenant.window('invoices')).outcome.type).toBe('delay');
      expect((await tenant.tail()).outcome.type).toBe('delay');
      expect(asked()).toBe(requests);

      for (const seconds of [30, 60, 120, 240, 300, 300]) {
        await passPause(tenant);
        const probe = (await tenant.window()).outcome;
        expect(probe.type === 'delay' && Math.round(probe.ms / 1_000)).toBe(seconds);
      }
      expect(await tenant.batch()).toMatchObject({ status: 'queued', attempts: 2 });
      expect(await tenant.batch('invoices')).toMatchObject({ status: 'queued', attempts: 0 });
      expect(changes().length).toBe(before + 1);
      expect(must(await tenant.engine.store.report(tenant.user.userKey), 'no report').outage).toMatchObject({
        since: expect.any(Date),
        nextTryAt: expect.any(Date),
      });

      world.simulator.faults.clear();
      await passPause(tenant);
      expect((await tenant.window()).outcome.type).toBe('done');
      expect(await outageOf(tenant)).toBeNull();
      expect(changes().length).toBe(before + 2);
      expect(changes().at(-1)).toContain('the breaker is closed');
      expect(await tenant.batch()).toMatchObject({ status: 'succeeded', attempts: 2 });
      await tenant.drain();
      expect(await tenant.mirrored()).toHaveLength(3);
      expect(must(await tenant.engine.store.report(tenant.user.userKey), 'no report').outage).toBeNull();
    },
  );

  test('a tail counts as any turn, and its answer forgets the count', async () => {
    const tenant = await world.connect({ version });
    const fault = down(tenant);
    await tenant.window();
    world.simulator.faults.clear(fault);
    expect(await outageOf(tenant)).toMatchObject({ faults: 1 });
    await tenant.tail();
    expect(await outageOf(tenant)).toBeNull();
    down(tenant);
    await tenant.window();
    // A tail tries two modules before it gives up.
    await tenant.tail();
    expect(await outageOf(tenant)).toMatchObject({ faults: 3, pauseMs: 15_000 });
    expect(await tenant.batch()).toMatchObject({ attempts: 2 });
  });
});

test('an Odoo that answers what can not be read is within reach: its windows use their attempts', async () => {
  const tenant = await world.connect();
  world.simulator.faults.add({
    kind: 'garbage',
    match: { db: tenant.odoo.name, window: true },
    times: 'always',
  });
  for (const type of ['retry', 'retry', 'retry', 'fail'])
    expect((await tenant.window()).outcome.type).toBe(type);
  expect(await outageOf(tenant)).toBeNull();
});

test('two users of one Odoo database share its breaker, another database has its own', async () => {
  const [one, other] = [await world.connect(), await world.connect()];
  const { store } = one.engine;
  const address = one.user.address;
  const credentials = { kind: 'apiKey' as const, login: 'reader@acme.example', secret: one.secret };
  const twin = await store.addUser({ userId: 'twin', address, credentials });
  down(one);
  for (let n = 0; n < 3; n++) await one.window();
  expect((await store.syncState(twin))?.outage).toEqual(await outageOf(one));
  expect(await outageOf(other)).toBeNull();
  world.simulator.faults.clear();
  await passPause(one);
  await one.window();
  expect((await store.syncState(twin))?.outage).toBeNull();
});

test('a user who is held by an outage is not handed out turns, and is when it ends', async () => {
  const tenant = await world.connect();
  down(tenant);
  for (let n = 0; n < 3; n++) await tenant.window();
  await tenant.patchPlan({ nextTurnAt: new Date() });
  await advance(tenant.engine, tenant.user.userKey);
  const { nextTurnAt } = await tenant.plan();
  expect(nextTurnAt.getTime() - Date.now()).toBeGreaterThan(5_000);
  const held = await tenant.engine.store.batch((await tenant.batch('invoices'))._id);
  expect(held).toMatchObject({ status: 'pending', release: 0 });
  world.simulator.faults.clear();
  await passPause(tenant);
  await tenant.window();
  expect((await tenant.plan()).nextTurnAt.getTime()).toBeLessThanOrEqual(Date.now() + 10_000);
  await tenant.drain();
  expect(await tenant.batch('invoices')).toMatchObject({ status: 'succeeded' });
});
