import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

const DEATHS = 4;

describe('a user whose windows kill their workers', () => {
  let world: World;
  beforeAll(async () => {
    const models = { 'res.partner': { count: 60, days: 3, activeDays: 3 } };
    world = await createWorld({
      databases: ['killer', 'north', 'south'].map((name, n) => ({ name, seed: n + 1, models })),
      // One attempt is long enough to be met, and no tail is in the way.
      settings: { INITIAL_SYNC_RANGE_DAYS: '3', TAIL_INTERVAL_MS: '600000', TAIL_QUIET_MS: '600000' },
    });
  });
  afterAll(() => world?.close());

  /** The lane of a user's contacts, and the window of which a turn holds it; no window where a tail does. */
  const laneOf = async (userKey: string) => {
    const found = await world.db.collection('odoosynclanes').findOne({ _id: userKey as never });
    const lane = found?.lanes.contacts;
    const window =
      lane?.holder && (await world.db.collection('odoosyncbatches').findOne({ _id: lane.holder.doc }));
    return { lane, window };
  };
  /** Whether a turn of its contacts, taken since then, has the lane, and its window's earlier death was counted. */
  const isRunning = async (userKey: string, since: Date, before: { doc?: unknown; deaths: number }) => {
    const { lane, window } = await laneOf(userKey);
    if (lane?.holder == null || lane.takenAt <= since) return false;
    if (!window) return true;
    const counted = window._id !== before.doc || window.expiries === before.deaths;
    return window.status === 'running' && counted;
  };
  /** How often the window that is left running will have died once that is counted. */
  const deathsOf = async (userKey: string) => {
    const { window } = await laneOf(userKey);
    const isLeft = window?.status === 'running' ? 1 : 0;
    return { doc: window?._id, deaths: (window?.expiries ?? 0) + isLeft };
  };
  const failed = () => world.db.collection('odoosyncbatches').find({ status: 'failed' }).toArray();

  /** Kills a worker as soon as the killer's window runs in it, beside a neighbour's where one may. */
  const killOne = async (): Promise<boolean> => {
    const since = new Date();
    const [killer, north] = [await deathsOf('killer'), await deathsOf('north')];
    const worker = await world.start('worker');
    const fails = async () => (await failed()).length > 0;
    await until(
      'the killer runs',
      async () => (await isRunning('killer', since, killer)) || fails(),
      120_000,
    );
    if (await fails()) return false;
    await until('a neighbour runs beside it', () => isRunning('north', since, north), 1_500).catch(() => {});
    worker.signal('SIGKILL');
    await worker.exited;
    return true;
  };

  test('fails alone: its neighbours, who die with it, end well and use no attempt', async () => {
    const match = { model: 'res.partner', method: 'search_read' };
    await world.simulator.call('faults.add', { kind: 'latency', ms: 2_000, times: 'always', match });
    for (const name of ['killer', 'north', 'south']) await world.addUser(name);
    await world.start('scheduler');
    let deaths = 0;
    while (deaths < 20 && (await killOne())) deaths++;
    const crashed = await failed();
    expect(crashed).toMatchObject([{ userKey: 'killer', lastError: { kind: 'crashed' }, attempts: 0 }]);
    expect(deaths).toBeGreaterThanOrEqual(DEATHS);

    await world.simulator.call('faults.clear', {});
    // The worker that met no death is still there.
    for (const name of ['north', 'south']) {
      await until(`every window of ${name} was read`, async () =>
        (await world.report(name)).modules.every(({ windows }) => windows.pending + windows.inFlight === 0),
      );
      expect(await world.differences(name)).toEqual([]);
    }
    expect(
      await world.db
        .collection('odoosyncbatches')
        .countDocuments({ userKey: { $in: ['north', 'south'] }, attempts: { $gt: 0 } }),
    ).toBe(0);
  }, 300_000);
});
