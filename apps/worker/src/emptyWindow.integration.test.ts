import { expect, test } from '@jest/globals';
import { askedOf } from './testing/askedOf.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();

test('a window that holds nothing asks little of MongoDB', async () => {
  const tenant = await world.connect({ models: {}, settings: { rangeDays: 7 } });
  // The first window of a module makes its field list too.
  await tenant.window('contacts', 0);
  const turn = await tenant.released('contacts', 1);
  const counts = await askedOf(world.db, () => tenant.run(turn));

  expect((await tenant.batch('contacts', 1)).status).toBe('succeeded');
  expect(counts).toEqual({
    // The lane is taken, and given back.
    'findAndModify odoosynclanes': 2,
    'update odoosyncfences': 1,
    // User, sync state and batch.
    'aggregate odoosyncplans': 2,
    // To `running`, and to `succeeded`: without records, that needs no transaction.
    'update odoosyncbatches': 2,
    'insert odoosyncturns': 1,
    // A look for the next turn (the other query of plans), and its release.
    'findAndModify odoosyncplans': 1,
    'findAndModify odoosyncbatches': 1,
  });
});
