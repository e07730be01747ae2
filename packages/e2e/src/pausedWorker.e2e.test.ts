import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTcpProxy, type TcpProxy } from '@odoo-sync/local-servers';
import { lastSecond, midnight } from './harness/days.js';
import { recordedTurns } from './harness/turns.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

const RECORDS = 500;
const at = lastSecond(4);
const DAY = midnight(4);

describe('a worker that stands still', () => {
  let world: World;
  let proxy: TcpProxy;
  beforeAll(async () => {
    world = await createWorld({
      databases: [
        {
          name: 'acme',
          seed: 9,
          models: {
            'res.partner': { count: RECORDS, days: 1, bursts: [{ at: at.toISOString(), count: RECORDS }] },
          },
        },
      ],
      settings: { INITIAL_SYNC_RANGE_DAYS: '5', LEASE_MS: '2000' },
    });
    const member = world.mongo.members[0];
    if (!member) throw new Error('no member');
    proxy = await startTcpProxy({ target: { host: '127.0.0.1', port: member.port } });
    await world.start('scheduler');
  });
  afterAll(async () => {
    await proxy?.close();
    await world?.close();
  });
  const docOf = (user: string) => `${user}.contacts.${DAY.toISOString().slice(0, 10)}`;
  const directly = () => ({
    MONGODB_URL: `mongodb://127.0.0.1:${proxy.port}/odoo_sync_e2e?directConnection=true`,
  });
  const holdCommit = () => {
    let wrote = false;
    proxy.onChunk = (chunk, direction) => {
      if (direction !== 'up') return true;
      if (chunk.includes('odoocontacts') && chunk.includes('insert')) wrote = true;
      return !(wrote && chunk.includes('commitTransaction'));
    };
  };

  test('past its lease, while the lane went on to a later window, has its commit refused', async () => {
    const user = 'paused';
    holdCommit();
    await world.addUser('acme', user);
    const first = await world.start('worker', directly());
    await until('its commit is held', () => proxy.held > 0);
    first.signal('SIGSTOP');
    const lanes = () => world.db.collection('odoosynclanes').findOne({ _id: user as never });
    const paused = (await lanes())?.lanes.contacts;
    expect(paused.holder.doc).toBe(docOf(user));

    const second = await world.start('worker');
    await until('the lane went on to a later window', async () => {
      const turns = await recordedTurns(world.db);
      return turns.some(
        (turn) =>
          turn.userKey === user &&
          turn.module === 'contacts' &&
          turn.doc > docOf(user) &&
          turn.kind !== 'tail',
      );
    });
    // Changed by the second worker's time: an old copy, committed now, would undo it.
    const ids = (await world.simulator.call('ids', { db: 'acme', model: 'res.partner' })).ids.slice(0, 20);
    await world.simulator.call('write', {
      db: 'acme',
      model: 'res.partner',
      ids,
      values: { name: 'After the pause' },
    });
    await until('the change is mirrored', async () => {
      const changed = await world.db
        .collection('odoocontacts')
        .countDocuments({ userId: user, name: 'After the pause' });
      return changed === ids.length;
    });

    first.signal('SIGCONT');
    proxy.onChunk = undefined;
    proxy.release();
    await until(
      'its commit was refused',
      () => first.logged('fenced out: another turn holds the lane, nothing of this one is kept').length > 0,
    );
    expect(
      await world.db.collection('odoocontacts').countDocuments({ userId: user, name: 'After the pause' }),
    ).toBe(ids.length);
    await world.followed([user]);
    expect(await world.differences('acme', user)).toEqual([]);
    await Promise.all([first.end(), second.end()]);
  });

  test('at its commit, within its lease, keeps the tail off the lane: no newer copy can be overwritten', async () => {
    const user = 'held';
    holdCommit();
    await world.addUser('acme', user);
    const workers = [await world.start('worker', directly()), await world.start('worker')];
    await until('its commit is held', () => proxy.held > 0 || null);
    const ids = (await world.simulator.call('ids', { db: 'acme', model: 'res.partner' })).ids.slice(20, 30);
    await world.simulator.call('write', {
      db: 'acme',
      model: 'res.partner',
      ids,
      values: { name: 'While held' },
    });
    const changedAt = (await world.store.now()).getTime();
    // Three tails would have come in this time.
    await until('time has passed', async () => (await world.store.now()).getTime() > changedAt + 3_000);
    expect(
      await world.db.collection('odoocontacts').countDocuments({ userId: user, name: 'While held' }),
    ).toBe(0);
    proxy.onChunk = undefined;
    proxy.release();
    await world.followed([user]);
    expect(
      await world.db.collection('odoocontacts').countDocuments({ userId: user, name: 'While held' }),
    ).toBe(ids.length);
    expect(await world.differences('acme', user)).toEqual([]);
    await Promise.all(workers.map((worker) => worker.end()));
  });
});
