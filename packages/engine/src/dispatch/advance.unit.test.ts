import { describe, expect, test } from '@jest/globals';
import {
  type Batch,
  freshAttempts,
  MODULE_NAMES,
  type ModuleName,
  rangeStartOf,
  storeTime,
} from '@odoo-sync/core';
import { settled } from '../testing/actors.js';
import { World } from '../testing/world.js';

const USER = 'user0';

async function settle(world: World): Promise<void> {
  await settled();
  while (world.actors.stops > 0) await world.actors.step(0);
  expect(world.actors.faults).toEqual([]);
}

const LAID: readonly ModuleName[] = ['saleOrders', 'contacts'];

/** A user whose history was laid out for two modules from yesterday on; its windows are still to be made. */
function connected(): World {
  const world = new World({ users: 1, userConcurrency: 1, skewMs: 0 });
  const { ledger } = world;
  const user = ledger.users.get(USER);
  const from = user && rangeStartOf(user);
  if (!from) throw new Error('the user has no range');
  const { modules } = ledger.stateOf(USER);
  const tiling = { range: user.rangeDays, from, until: from };
  const laid = LAID.map((name) => [name, { ...modules[name], tiling }]);
  const others = MODULE_NAMES.filter((name) => !LAID.includes(name)).map((name) => [
    name,
    { ...modules[name], state: 'unavailable', probeAt: new Date(world.now() + 86_400_000) },
  ]);
  ledger.noteState(user, { modules: { ...modules, ...Object.fromEntries([...laid, ...others]) } });
  return world;
}

async function open(): Promise<World> {
  const world = connected();
  world.tick();
  await settle(world);
  return world;
}

async function runNext(world: World): Promise<string> {
  const [entry] = world.queue.waiting;
  if (!entry) throw new Error('no job waits');
  world.take(entry, 'commit');
  await settle(world);
  return entry.job.turnId;
}

const jobs = ({ queue }: World) => [...queue.jobs.keys()];
const someBatch = ({ ledger }: World): Batch => {
  const [batch] = ledger.batches.values();
  if (!batch) throw new Error('no window was made');
  return batch;
};

describe('handing out', () => {
  test('a new user gets its windows to today and its first tail, in one look', async () => {
    const world = await open();
    expect(jobs(world)).toEqual(['tail-user0-1']);
    expect(world.ledger.batches.size).toBe(4);
    for (const name of LAID)
      expect(world.ledger.stateOf(USER).modules[name].tiling?.until).toEqual(
        new Date('2026-03-29T00:00:00Z'),
      );
  });

  test('the next turn is released by the end of one, without a tick', async () => {
    const world = await open();
    expect(await runNext(world)).toBe('tail-user0');
    expect(await runNext(world)).toBe('user0.saleOrders.2026-03-27');
    expect(await runNext(world)).toBe('user0.contacts.2026-03-27');
  });

  test('however often it is looked, no more is out than the tail and a window for each place', async () => {
    const world = await open();
    for (let look = 0; look < 5; look++) {
      world.moveClock(60_000);
      world.tick();
      await settle(world);
    }
    expect(jobs(world)).toEqual(['tail-user0-1', 'user0.saleOrders.2026-03-27-1']);
  });

  test('looks of several processes at once release a turn once', async () => {
    const world = connected();
    for (let look = 0; look < 5; look++) world.tick();
    await settle(world);
    expect(jobs(world)).toEqual(['tail-user0-1', 'user0.saleOrders.2026-03-27-1']);
    expect(world.ledger.violations).toEqual([]);
  });

  test('a held user gets nothing before the hold ends, then goes on', async () => {
    const world = await open();
    await runNext(world);
    const holdUntil = new Date(world.now() + 30_000);
    world.ledger.states.set(USER, { ...world.ledger.stateOf(USER), holdUntil: storeTime(holdUntil) });
    await runNext(world);
    const before = jobs(world);
    world.moveClock(20_000);
    world.tick();
    await settle(world);
    expect(jobs(world)).toEqual(before);
    expect(world.ledger.stateOf(USER).nextTurnAt.getTime()).toBeLessThanOrEqual(holdUntil.getTime());
    world.moveClock(10_000);
    world.tick();
    await settle(world);
    expect(await runNext(world)).toBeDefined();
  });

  test('a user who is being removed gets nothing', async () => {
    const world = connected();
    const user = world.ledger.users.get(USER);
    if (user) world.ledger.users.set(USER, { ...user, standing: 'removing' });
    world.tick();
    await settle(world);
    expect(jobs(world)).toEqual([]);
    expect(world.ledger.batches.size).toBe(0);
  });
});

describe('a failed window that is released again', () => {
  test('takes its old failed job out of the queue', async () => {
    const world = await open();
    const batch = someBatch(world);
    const failed: Batch = { ...batch, status: 'failed', release: 4, queuedAt: storeTime(batch.startTime) };
    world.ledger.batches.set(batch._id, failed);
    world.sweep();
    await settle(world);
    expect(jobs(world)).toContain(`${batch._id}-4`);
    for (let turn = 0; turn < 5 && !jobs(world).includes(`${batch._id}-5`); turn++) await runNext(world);
    expect(jobs(world)).toContain(`${batch._id}-5`);
    expect(jobs(world)).not.toContain(`${batch._id}-4`);
  });
});

test('a tail has one attempt, a window the settings’', async () => {
  const { settings } = await open();
  expect(freshAttempts('tail', settings)).toBe(1);
  for (const kind of ['resync', 'seal', 'backfill'] as const) expect(freshAttempts(kind, settings)).toBe(4);
});
