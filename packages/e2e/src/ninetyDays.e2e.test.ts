import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { faultyWindows } from './harness/tiling.js';
import { overlaps, recordedTurns } from './harness/turns.js';
import { createWorld, type World } from './harness/world.js';

const USERS = ['anna', 'bert', 'carl', 'dora', 'emil'];

describe('90 days of 4 modules for 5 users', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      databases: USERS.map((name, n) => ({
        name,
        seed: 40 + n,
        version: [14, 16, 17, 18, 19][n] ?? 19,
        models: {
          'res.partner': { count: 700 + 100 * n, activeDays: 30 },
          'sale.order': { count: 400 },
          'account.move': { count: 500 },
          'hr.employee': { count: 60 },
        },
      })),
      settings: { TAIL_INTERVAL_MS: '5000' },
    });
  });
  afterAll(() => world?.close());

  test('end equal to the source; no two turns of a lane or of a user overlap, those of different users do', async () => {
    for (const name of USERS) await world.addUser(name);
    await Promise.all([world.start('scheduler'), world.start('worker'), world.start('worker')]);
    await world.caughtUp(USERS, 240_000);

    for (const name of USERS) {
      expect(await world.differences(name)).toEqual([]);
      expect(await faultyWindows(world, name)).toEqual([]);
    }
    const turns = await recordedTurns(world.db);
    const ledger = world.db.collection('odoosyncbatches');
    const bySurvey = await ledger.countDocuments({ sealedBy: 'survey' });
    expect(bySurvey).toBeGreaterThan(USERS.length * 4);
    expect(turns.length).toBeGreaterThanOrEqual((await ledger.countDocuments()) - bySurvey);
    expect(overlaps(turns, (turn) => `${turn.userKey}/${turn.module}`)).toEqual([]);
    expect(overlaps(turns, (turn) => turn.userKey)).toEqual([]);
    expect(overlaps(turns, () => 'the fleet').length).toBeGreaterThan(0);
  }, 300_000);
});
