import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { caughtUp, runTurnOf, settle } from './testing/play.js';
import type { World } from './testing/world.js';

const TRUE_DATE = globalThis.Date;
const asked = (): never => {
  throw new Error('a turn asked the clock of its own process');
};

/** A process whose own clock nobody may ask; times that are given stay what they are. */
class NoClock extends TRUE_DATE {
  constructor(at: number | string | Date = asked()) {
    super(at);
  }
  static override now(): number {
    return asked();
  }
}

beforeEach(() => {
  globalThis.Date = NoClock as DateConstructor;
});
afterEach(() => {
  globalThis.Date = TRUE_DATE;
});

const stateOf = ({ ledger }: World) => ledger.stateOf('user0');

test('the age of a field list, a tail’s pause and every end go by the clocks of store and Odoo', async () => {
  const world = await caughtUp();
  expect(stateOf(world).modules.contacts.describedAt?.getTime()).toBeLessThanOrEqual(world.now());
  world.odoo.write('user0', 'contacts', 1, 0);
  world.moveClock(10_000);
  await runTurnOf(world, 'tail-user0');
  expect(stateOf(world).tail.lastChangeAt?.getTime()).toBe(world.now());
  expect(stateOf(world).tail.pauseMs).toBe(world.settings.tailIntervalMs);
  // A list that is a day old is asked for again.
  const before = stateOf(world).modules.contacts.describedAt;
  world.moveClock(86_400_000);
  world.tick();
  await settle(world);
  await runTurnOf(world, 'tail-user0');
  expect(stateOf(world).modules.contacts.describedAt).not.toEqual(before);
});

test.each(['fail', 'wait', 'unreachable', 'credentials', 'access', 'handBack'] as const)(
  'a tail that ends in %s is noted by the store’s clock',
  async (ending) => {
    const world = await caughtUp();
    world.moveClock(10_000);
    await runTurnOf(world, 'tail-user0', ending);
    const { lastError } = stateOf(world).tail;
    if (lastError) expect(Math.abs(lastError.at.getTime() - world.now())).toBeLessThan(1_000);
    else expect(['access', 'handBack']).toContain(ending);
  },
);
