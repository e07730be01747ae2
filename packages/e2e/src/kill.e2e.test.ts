import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTcpProxy, type TcpProxy } from '@odoo-sync/local-servers';
import { openConnection, openQueue } from '@odoo-sync/queue';
import { lastSecond } from './harness/days.js';
import type { AppProcess } from './harness/process.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

const LEASE_MS = 3_000;
const IN_WINDOW = 1_000;

describe('a worker that is killed', () => {
  let world: World;
  let proxy: TcpProxy;
  let redisProxy: TcpProxy;
  let user = '';
  let n = 0;
  const at = lastSecond(2);
  const doc = () => `${user}.contacts.${at.toISOString().slice(0, 10)}`;

  beforeAll(async () => {
    world = await createWorld({
      databases: [
        {
          name: 'acme',
          seed: 2,
          models: {
            'res.partner': {
              count: IN_WINDOW,
              days: 1,
              bursts: [{ at: at.toISOString(), count: IN_WINDOW }],
            },
          },
        },
      ],
      settings: {
        INITIAL_SYNC_RANGE_DAYS: '3',
        LIMIT_PER_CALL: '100',
        LIMIT_PER_CALL_MAX: '100',
        LEASE_MS: String(LEASE_MS),
        TAIL_INTERVAL_MS: '600000',
        TAIL_QUIET_MS: '600000',
      },
    });
    const member = world.mongo.members[0];
    if (!member) throw new Error('no member');
    proxy = await startTcpProxy({ target: { host: '127.0.0.1', port: member.port } });
    redisProxy = await startTcpProxy({ target: { host: '127.0.0.1', port: world.redis.port } });
    await world.start('scheduler');
  });
  afterAll(async () => {
    await proxy?.close();
    await redisProxy?.close();
    await world?.close();
  });
  beforeEach(() => {
    user = `acme-${++n}`;
  });
  afterEach(async () => {
    proxy.onChunk = undefined;
    redisProxy.onChunk = undefined;
    await world.simulator.call('faults.clear', {});
  });

  /** A worker whose traffic with MongoDB and Redis goes through the proxies. */
  const proxied = () =>
    world.start('worker', {
      MONGODB_URL: `mongodb://127.0.0.1:${proxy.port}/odoo_sync_e2e?directConnection=true`,
      REDIS_URL: `redis://127.0.0.1:${redisProxy.port}`,
    });
  const visible = () => world.db.collection('odoocontacts').countDocuments({ userId: user });
  const lease = async () =>
    (await world.db.collection('odoosynclanes').findOne({ _id: user as never }))?.lanes?.contacts;

  /** Another worker takes over: everything is there in the end, once, and nobody waited longer than the dead one's lease and 2 s. */
  const takesOver = async (dead: { expiresAt: Date; token: number } | null) => {
    const second = await world.start('worker');
    if (dead) {
      const next = await until('the lane is taken again', async () => {
        const found = await lease();
        return found?.token > dead.token && found;
      });
      expect(next.takenAt.getTime() - dead.expiresAt.getTime()).toBeLessThan(2_000);
    }
    await until('the window is sealed', async () => (await world.store.batch(doc()))?.status === 'succeeded');
    expect(await visible()).toBe(IN_WINDOW);
    // Its tail's interval is long here: only what the windows read is compared.
    expect(await world.differences('acme', user)).toEqual([]);
    // So that no turn of this user runs in the next test.
    await until('every window was read', async () =>
      (await world.report(user)).modules.every(({ windows }) => windows.pending + windows.inFlight === 0),
    );
    await second.end();
  };
  const kill = async (worker: AppProcess) => {
    const held = await lease();
    await worker.end('SIGKILL');
    return held?.holder ? { expiresAt: held.expiresAt as Date, token: held.token as number } : null;
  };

  test('after page 3 of 10 leaves nothing visible; the retry reads all', async () => {
    const windowStart = at.toISOString().slice(0, 10);
    const match = {
      db: 'acme',
      model: 'res.partner',
      method: 'search_read',
      windowStart: `${windowStart} 00:00:00`,
    };
    await world.simulator.call('faults.add', { kind: 'hang', match: { ...match, afterPages: 3 } });
    await world.addUser('acme', user);
    const worker = await proxied();
    await until('three pages were read', async () => {
      const { requests } = await world.simulator.call('log', {});
      return requests.filter((one) => one.rows === 100 && one.model === 'res.partner').length >= 3;
    });
    await until('the window runs', async () => (await world.store.batch(doc()))?.status === 'running');
    const dead = await kill(worker);
    expect(await visible()).toBe(0);
    await world.simulator.call('faults.clear', {});
    await takesOver(dead);
  });

  test('inside its transaction, after its writes, leaves nothing visible, and its lock on the fence holds nobody up', async () => {
    await world.addUser('acme', user);
    let wrote = false;
    proxy.onChunk = (chunk, direction) => {
      if (direction !== 'up') return true;
      if (chunk.includes('odoocontacts') && chunk.includes('insert')) wrote = true;
      return !(wrote && chunk.includes('commitTransaction'));
    };
    const worker = await proxied();
    await until('the commit is held', () => proxy.held > 0);
    expect((await world.store.batch(doc()))?.status).toBe('running');
    const dead = await kill(worker);
    expect(dead).not.toBeNull();
    expect(await visible()).toBe(0);
    await takesOver(dead);
    expect((await world.store.batch(doc()))?.expiries).toBe(0);
  });

  test('between the answer to its commit and the end of its job loses nothing and reads nothing again', async () => {
    await world.addUser('acme', user);
    let wrote = false;
    let committed = false;
    proxy.onChunk = (chunk, direction) => {
      if (direction !== 'up') return true;
      if (chunk.includes('odoocontacts') && chunk.includes('insert')) wrote = true;
      if (committed) return false;
      committed = wrote && chunk.includes('commitTransaction');
      return true;
    };
    const worker = await proxied();
    await until('the window is sealed', async () => (await world.store.batch(doc()))?.status === 'succeeded');
    const before = await world.db.collection('odoocontacts').findOne({ userId: user });
    await kill(worker);
    proxy.onChunk = undefined;
    await takesOver(null);
    const reads = await world.db
      .collection('odoosyncturns')
      .countDocuments({ doc: doc(), outcome: { $ne: 'noop' } });
    expect(reads).toBe(0);
    expect(
      await world.db.collection('odoocontacts').findOne({ userId: user, odooId: before?.odooId }),
    ).toEqual(before);
  });

  test('between the release in the ledger and the add in the queue leaves a turn that is found and run', async () => {
    await world.addUser('acme', user);
    redisProxy.onChunk = (chunk, direction) => !(direction === 'up' && chunk.includes('"kind":"backfill"'));
    const worker = await proxied();
    await until('the add is held', () => redisProxy.held > 0);
    const released = await until('a batch is released', async () =>
      world.db.collection('odoosyncbatches').findOne({ userKey: user, status: 'queued' }),
    );
    await worker.end('SIGKILL');
    redisProxy.onChunk = undefined;
    const connection = await openConnection(world.env.REDIS_URL ?? '', { role: 'cli' });
    const queue = openQueue(connection, '{odoo-sync}');
    expect(await queue.getJobState(`${released._id}-${released.release}`)).toBe('unknown');
    await queue.close();
    await connection.disconnect();
    await takesOver(null);
  });
});
