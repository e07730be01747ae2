import { describe, expect, test } from '@jest/globals';
import { caughtUp, runTurnOf, settle, stepUntil, waitingJob } from '../testing/play.js';
import type { World } from '../testing/world.js';

const TAIL = 'tail-user0';
const LOOKBACK_MS = 20_000;

/** The content of a mirrored contact, and of the one in Odoo. */
const mirrored = ({ mirror }: World, odooId: number) =>
  mirror.of({ userKey: 'user0' }, 'contacts').get(odooId)?.hash;
const inOdoo = ({ odoo }: World, odooId: number) =>
  odoo.visible('user0', 'contacts').find((one) => one.odooId === odooId)?.hash;

/** Runs the next tail when it is due. */
async function nextTail(world: World): Promise<void> {
  world.moveClock(10_000);
  await runTurnOf(world, TAIL);
}

describe('a tail', () => {
  test('sees what was written before the last pass and committed after it', async () => {
    const world = await caughtUp();
    world.odoo.write('user0', 'contacts', 1, 15_000);
    await nextTail(world);
    expect(mirrored(world, 1)).toBeUndefined();
    await nextTail(world);
    expect(mirrored(world, 1)).toBe(inOdoo(world, 1));
    expect(mirrored(world, 1)).toBeDefined();
  });

  test('reads once more what was written in the seconds before the last pass: a second write may bear the same date', async () => {
    const world = await caughtUp();
    world.moveClock(8_000);
    world.odoo.write('user0', 'contacts', 1, 0);
    world.odoo.write('user0', 'contacts', 1, 3_000);
    world.moveClock(2_000);
    await runTurnOf(world, TAIL);
    const first = mirrored(world, 1);
    await nextTail(world);
    expect(mirrored(world, 1)).toBe(inOdoo(world, 1));
    expect(mirrored(world, 1)).not.toBe(first);
  });

  test('is noted by when it began: what it has passed already, and was written meanwhile, is seen by the next', async () => {
    const world = await caughtUp();
    for (const odooId of [1, 2, 3]) world.odoo.write('user0', 'contacts', odooId, 0);
    world.moveClock(10_000);
    const worker = world.take(waitingJob(world, TAIL), 'commit');
    // Three pages of ids and dates, and the first page of whole contacts: it holds the first of them.
    let pages = 0;
    const seen = world.odoo.visible.bind(world.odoo);
    world.odoo.visible = (db, module) => {
      if (module === 'contacts') pages++;
      return seen(db, module);
    };
    await stepUntil(world, worker, () => pages === 4);
    world.odoo.visible = seen;
    world.moveClock(1_000);
    world.odoo.write('user0', 'contacts', 1, 0);
    world.moveClock(2 * LOOKBACK_MS);
    await settle(world);
    world.moveClock(10_000);
    await runTurnOf(world, TAIL);
    expect(mirrored(world, 1)).toBe(inOdoo(world, 1));
  });

  test('whose workers died twice runs alone in the third', async () => {
    const world = await caughtUp();
    world.moveClock(10_000);
    const { job } = waitingJob(world, TAIL);
    for (let death = 0; death < 2; death++) {
      const worker = world.deliver(job, 'commit');
      await stepUntil(world, worker, () => {
        const { status, expiries } = world.ledger.stateOf('user0').tail;
        return status === 'running' && expiries === death;
      });
      world.kill(worker);
      world.moveClock(16_000);
    }
    world.entered.length = 0;
    world.deliver(job, 'commit');
    await settle(world);
    expect(world.entered).toEqual(['alone']);
  });
});
