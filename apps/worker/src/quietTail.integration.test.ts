import { expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS, MODULE_NAMES } from '@odoo-sync/core';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();

interface Op {
  readonly op: string;
  readonly ns: string;
  readonly command: Readonly<Record<string, unknown>>;
}

/** What MongoDB is asked of the engine's collections meanwhile, and how often. */
async function asked(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  await world.db.command({ profile: 2 });
  await work();
  await world.db.command({ profile: 0 });
  const counts: Record<string, number> = {};
  for await (const { op, ns, command } of world.db.collection('system.profile').find<Op>({})) {
    const [, collection = ''] = ns.split('.');
    if (!collection.startsWith('odoo')) continue;
    const name = `${op === 'command' ? Object.keys(command)[0] : op} ${collection}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

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
  const counts = await asked(() => tenant.run(turn));
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
