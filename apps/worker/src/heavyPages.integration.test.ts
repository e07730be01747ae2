import { describe, expect, test } from '@jest/globals';
import { outcomeOf } from '@odoo-sync/core';
import type { Fault } from '@odoo-sync/simulator';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';
const BEARS = 50;

const HEAVY = [
  ["is answered by a proxy's 504", { kind: 'status', status: 504 }],
  ["is refused by a proxy's 413", { kind: 'status', status: 413 }],
  ['is reset', { kind: 'reset' }],
  ['is cut off', { kind: 'truncate' }],
] as const satisfies readonly (readonly [string, Fault])[];

/** From now on pages of more rows fail so. */
const bearing = (tenant: Tenant, fault: Fault, rowsOver = BEARS): number =>
  world.simulator.faults.add({ ...fault, match: { db: tenant.odoo.name, rowsOver }, times: 'always' });

const ceilingsOf = async (tenant: Tenant) => (await tenant.plan()).modules.contacts.pageCeilings;

describe.each([
  ['JSON-2', 19],
  ['JSON-RPC', 14],
] as const)('over %s', (_name, version) => {
  test.each(HEAVY)(
    'a window of 600 records is read in one attempt where a page over 50 %s',
    async (_how, fault) => {
      const tenant = await world.connect({ version });
      tenant.odoo.create(PARTNER, 600, { at: tenant.noon() });
      bearing(tenant, fault);
      expect((await tenant.window()).outcome).toMatchObject({ type: 'done' });
      expect(await tenant.batch()).toMatchObject({ status: 'succeeded', attempts: 0 });
      expect(await tenant.mirrored()).toHaveLength(600);
      expect((await tenant.plan()).outage).toBeNull();
      expect(await ceilingsOf(tenant)).toEqual({ full: { rows: 50, patience: 20 }, light: null });
    },
  );
});

test('another worker begins with the size that was found, and a tail with that of light pages', async () => {
  const tenant = await world.connect();
  tenant.odoo.create(PARTNER, 120, { at: tenant.noon() });
  tenant.odoo.create(PARTNER, 120, { at: tenant.noon(1) });
  await tenant.window('saleOrders');
  bearing(tenant, { kind: 'status', status: 504 });
  await tenant.window();
  // As a session that another worker opens: it knows what the ledger says.
  tenant.engine.sources.drop(tenant.user);
  const { lines } = await tenant.window('contacts', 1);
  expect(lines.filter((line) => line.startsWith('page 1: 50 records'))).toHaveLength(1);

  tenant.odoo.create(PARTNER, 60);
  expect((await tenant.tail()).outcome).toEqual(
    outcomeOf('succeeded', { type: 'done', result: { changed: true } }),
  );
  expect(await tenant.mirrored()).toHaveLength(300);
  expect((await ceilingsOf(tenant)).light).toEqual({ rows: 31, patience: 20 });
});

test('a record that is too heavy alone uses the attempts of its window, and opens no breaker', async () => {
  const tenant = await world.connect();
  tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
  tenant.odoo.create('sale.order', 2, { at: tenant.noon() });
  world.simulator.faults.add({
    kind: 'status',
    status: 504,
    match: { db: tenant.odoo.name, model: PARTNER, window: true },
    times: 'always',
  });
  for (const type of ['retry', 'retry', 'retry', 'fail'])
    expect((await tenant.window()).outcome.type).toBe(type);
  expect((await tenant.plan()).outage).toBeNull();
  expect((await tenant.window('saleOrders')).outcome.type).toBe('done');
});
