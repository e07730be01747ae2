import { describe, expect, test } from '@jest/globals';
import type { Batch } from '@odoo-sync/core';
import { caughtUp, runTurnOf, settle, stepUntil, waitingJob, workOff } from '../testing/play.js';
import type { World } from '../testing/world.js';

/** The window of the day on which the world begins, a minute and a half before its end. */
const TODAY = 'user0.contacts.2026-03-28';
const MIDNIGHT = Date.UTC(2026, 2, 29);
const SETTLE_MS = 60_000;
const NEW = 1;

const batchOf = ({ ledger }: World, id = TODAY): Batch => {
  const batch = ledger.batches.get(id);
  if (!batch) throw new Error(`there is no window ${id}`);
  return batch;
};

/** Moves to a moment after midnight, and has today's window released to be read again. */
async function releasedAt(afterMidnightMs: number): Promise<World> {
  const world = await caughtUp();
  const { ledger } = world;
  ledger.batchEvent({ turn: null, stale: false }, batchOf(world), {
    type: 'makeDue',
    at: ledger.odooNow('user0'),
  });
  world.moveClock(MIDNIGHT + afterMidnightMs - world.now());
  for (let look = 0; look < 8 && !world.queue.waiting.some(({ job }) => job.turnId === TODAY); look++) {
    world.tick();
    await settle(world);
    const [other] = world.queue.waiting;
    if (!other || other.job.turnId === TODAY) continue;
    await runTurnOf(world, other.job.turnId);
  }
  return world;
}

describe('a window', () => {
  test('that was read before it could be settled stays open, and what committed late is read by its seal', async () => {
    const world = await releasedAt(SETTLE_MS / 2);
    await runTurnOf(world, TODAY);
    expect(batchOf(world).status).toBe('open');
  });

  test('that was read when it could be settled is sealed', async () => {
    const world = await releasedAt(SETTLE_MS + 5_000);
    await runTurnOf(world, TODAY);
    expect(batchOf(world).status).toBe('succeeded');
  });

  test('is not sealed by a single strange Date of Odoo', async () => {
    const world = await releasedAt(SETTLE_MS / 2);
    await runTurnOf(world, TODAY, 'strangeDate');
    expect(batchOf(world).status).toBe('open');
  });

  test('is sealed by when its reading began, however long it took', async () => {
    const world = await releasedAt(SETTLE_MS - 2_000);
    world.odoo.write('user0', 'contacts', NEW, 0);
    const worker = world.take(waitingJob(world, TODAY), 'commit');
    await stepUntil(world, worker, () => batchOf(world).status === 'running');
    for (let request = 0; request < 2; request++) await world.actors.stepOf(worker);
    world.moveClock(10_000);
    await settle(world);
    expect(batchOf(world).status).toBe('open');
  });

  test('is not run by a job whose release is old', async () => {
    const world = await releasedAt(SETTLE_MS / 2);
    const { job } = waitingJob(world, TODAY);
    const queued = batchOf(world);
    world.ledger.batches.set(TODAY, { ...queued, release: queued.release + 1 });
    world.queue.jobs.clear();
    world.deliver(job, 'commit');
    await settle(world);
    expect(batchOf(world)).toEqual({ ...queued, release: queued.release + 1 });
    expect(world.ledger.violations).toEqual([]);
  });

  test('whose workers died twice runs alone in the third', async () => {
    const world = await releasedAt(SETTLE_MS / 2);
    const { job } = waitingJob(world, TODAY);
    for (let death = 0; death < 2; death++) {
      const worker = world.deliver(job, 'commit');
      const runs = () => batchOf(world).status === 'running' && batchOf(world).expiries === death;
      await stepUntil(world, worker, runs);
      world.kill(worker);
      world.moveClock(16_000);
    }
    world.entered.length = 0;
    world.deliver(job, 'commit');
    await settle(world);
    // The second death is counted by the third worker under the lane, which then comes in once more.
    expect(world.entered).toEqual(['with others', 'alone']);
    expect(batchOf(world).status).toBe('succeeded');
    await workOff(world);
  });
});
