import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorld, type World } from './harness/world.js';

const DAYS = 60;
const INTERVAL_MS = 5_000;
const WATCHED_MS = 30_000;
const LATENCY_MS = 250;

describe('windows of one module that follow each other, two turns of the user at once', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      databases: [{ name: 'acme', seed: 9, models: { 'res.partner': { count: 9_000, days: DAYS } } }],
      settings: {
        USER_CONCURRENCY: '2',
        INITIAL_SYNC_RANGE_DAYS: String(DAYS),
        TAIL_INTERVAL_MS: String(INTERVAL_MS),
        TAIL_QUIET_MS: String(INTERVAL_MS),
        LIMIT_PER_CALL: '50',
        LIMIT_PER_CALL_MAX: '50',
      },
    });
  });
  afterAll(() => world?.close());

  test('leave their lane to the tail within an interval and a window', async () => {
    const match = { db: 'acme', model: 'res.partner', method: 'search_read' };
    await world.simulator.call('faults.add', { kind: 'latency', ms: LATENCY_MS, times: 'always', match });
    await world.addUser('acme');
    await Promise.all([world.start('scheduler'), world.start('worker')]);
    const waits: number[] = [];
    const until = Date.now() + WATCHED_MS;
    let unread = 0;
    while (Date.now() < until) {
      const { modules } = await world.report('acme');
      const contacts = modules.find(({ module }) => module === 'contacts');
      unread = (contacts?.windows.pending ?? 0) + (contacts?.windows.inFlight ?? 0);
      if (contacts?.lagMs != null) waits.push(contacts.lagMs);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    // It was a backfill to the end, or nothing was shown.
    expect(unread).toBeGreaterThan(0);
    // An interval, a window of a second, a tail; twice as long on a machine with other things to do.
    expect(Math.max(...waits)).toBeLessThan(2 * INTERVAL_MS + 6_000);
  });
});
