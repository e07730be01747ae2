import { expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS, MODULE_NAMES } from '@odoo-sync/core';
import { COLLECTIONS } from '@odoo-sync/store-mongo';
import { askedOf } from './testing/askedOf.js';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();

test('a tail that finds nothing asks little of MongoDB, and leaves no history', async () => {
  const tenant = await world.connect();
  await tenant.drain();
  await tenant.tail();
  const { userKey } = tenant.user;
  const history = () => world.db.collection('odoosyncturns').countDocuments({ userKey, kind: 'tail' });
  const tails = await history();
  await tenant.patchPlan({ 'tail.status': 'queued', 'tail.dueAt': new Date() });
  const before = await tenant.plan();
  const { release } = before.tail;
  const turn = { kind: 'tail' as const, userKey, life: tenant.user.life, turnId: `tail-${userKey}`, release };
  const counts = await askedOf(world.db, () => tenant.run(turn));
  const after = await tenant.plan();

  expect(counts).toEqual({
    // User, sync state, open windows and the clock.
    'aggregate odoosyncplans': 1,
    // To `running`.
    'update odoosyncplans': 1,
    // To `queued`, with what it saw. No lane is taken, and nobody looks for a next turn.
    'findAndModify odoosyncplans': 1,
  });
  expect(await history()).toBe(tails);
  expect(after.rev).toBe(before.rev + 2);
  expect(after.nextTurnAt.getTime() - after.tail.dueAt.getTime()).toBe(DEFAULT_SETTINGS.repairMs);
  for (const module of MODULE_NAMES)
    expect(after.modules[module].lastPass?.getTime()).toBeGreaterThanOrEqual(
      before.modules[module].lastPass?.getTime() ?? Number.POSITIVE_INFINITY,
    );
});

test('what a tail reads of its user, and writes, holds no list of fields', async () => {
  const tenant = await world.connect();
  await tenant.drain();
  const view = await tenant.engine.store.tailView(tenant.user);
  expect(view?.state.modules.contacts.schema).toEqual(expect.any(String));
  expect(JSON.stringify(view?.state).length).toBeLessThan(4_000);
  const { fields } = await tenant.schema();
  expect(JSON.stringify(fields).length).toBeGreaterThan(1_000);
});

/** How often a turn asks for what is read of a module. */
const looks = async (turn: () => Promise<unknown>) =>
  (await askedOf(world.db, turn))[`query ${COLLECTIONS.schemas}`] ?? 0;

test('a tail that asks under its lanes, and finds nothing, reads no list either', async () => {
  const tenant = await world.connect({ settings: { userConcurrency: 2 } });
  await tenant.drain();
  await tenant.tail();
  const lane = await otherLane(tenant);
  const described = tenant.requests('fields_get');
  expect(await looks(() => tenant.tail())).toBe(0);
  await lane.giveBack({ end: 'noop', pages: 0, counts: null });
  expect((await tenant.plan()).tail).toMatchObject({ missed: ['employees'], lastError: null });
  expect(tenant.requests('fields_get')).toBe(described);
});

test('a process reads a list once, however many windows it reads by it', async () => {
  const tenant = await world.connect();
  // The one that describes the module looks what it was before.
  expect(await looks(() => tenant.window())).toBe(1);
  expect(await looks(() => tenant.window('contacts', 1))).toBe(0);
});

/** While another turn has a lane, a tail takes those that are free before it asks. */
async function otherLane({ engine, user: { userKey, life } }: Tenant) {
  const turn = { kind: 'tail' as const, userKey, life, turnId: 'another', release: 1 };
  const grant = await engine.store.takeLane(turn, 'employees');
  if (!('lane' in grant)) throw new Error('the lane is taken');
  return grant.lane;
}
