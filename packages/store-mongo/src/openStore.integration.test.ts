import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { BATCH_STATUSES, SyncError } from '@odoo-sync/core';
import { findBinary, guard } from '@odoo-sync/local-servers';
import type { IndexSpecification } from 'mongodb';
import { COLLECTIONS } from './collections.js';
import { MongoWorld, newUser } from './testing/mongoWorld.js';

const world = new MongoWorld();

/** What opening a store ended with. */
const faultOf = (open: Promise<unknown>): Promise<SyncError> =>
  open.then(
    () => {
      throw new Error('it opened');
    },
    (error: SyncError) => error,
  );

async function allIndexes(): Promise<Record<string, unknown>> {
  const collections = await world.db.listCollections().toArray();
  const entries = collections.map(async ({ name }) => [name, await world.db.collection(name).indexes()]);
  return Object.fromEntries(await Promise.all(entries));
}

describe('opening a store', () => {
  test('again, or in several processes at once, changes no index', async () => {
    await Promise.all([world.open(), world.open(), world.open()]);
    const before = await allIndexes();
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['odoocontacts', COLLECTIONS.batches]));
    await world.open();
    expect(await allIndexes()).toEqual(before);
  });

  test('keeps sealed batches out of all indexes but two, also where an earlier version had them in', async () => {
    await world.open();
    const batches = world.db.collection(COLLECTIONS.batches);
    const names = async () => (await batches.indexes()).map(({ name }) => name).sort();
    const own = await names();
    const earlier = { partialFilterExpression: { release: { $exists: true } } };
    await batches.createIndex({ status: 1, _id: 1 }, { name: 'odoosync_status', ...earlier });
    await batches.createIndex({ userKey: 1, status: 1, dueAt: 1 }, { name: 'odoosync_due', ...earlier });
    await Promise.all([world.open(), world.open()]);
    expect(await names()).toEqual(own);
    const whole = (await batches.indexes()).filter(
      ({ partialFilterExpression: filter }) => filter?.status === undefined,
    );
    expect(whole.map(({ name }) => name).sort()).toEqual(['_id_', 'odoosync_window']);
    // What those indexes say of a status holds for one that somebody adds only if it sorts as these do.
    expect(BATCH_STATUSES.filter((status) => status >= 'succeeded')).toEqual(['succeeded']);
  });

  test('answers a ping and tells its clock', async () => {
    const store = await world.open();
    await store.ping();
    expect(Math.abs((await store.now()).getTime() - Date.now())).toBeLessThan(10_000);
  });

  test('on a mirror that holds a record twice is refused, with an example and the remedy', async () => {
    await world.db.collection('odoocontacts').insertMany([
      { userId: 'acme', odooId: 42, n: 1 },
      { userId: 'acme', odooId: 42, n: 2 },
    ]);
    const error = await faultOf(world.open());
    expect(error).toBeInstanceOf(SyncError);
    expect(error.kind).toBe('configuration');
    expect(error.message).toMatch(
      /odoocontacts.*one document for each \(userId, odooId\).*42.*remove the surplus/,
    );
    await world.db.collection('odoocontacts').deleteOne({ n: 2 });
    await world.open();
  });

  test('takes an equal unique index of another name for its own', async () => {
    const key: IndexSpecification = { userId: 1, odooId: 1 };
    await world.db.collection('odoocontacts').createIndex(key, { unique: true, name: 'theirs' });
    const store = await world.open();
    await store.addUser(newUser());
    expect(await world.db.collection('odoocontacts').indexExists('odoosync_record')).toBe(false);
  });

  test.each([{}, { unique: true, sparse: true }])(
    'makes its unique index beside another on the same fields, %p',
    async (options) => {
      const contacts = world.db.collection('odoocontacts');
      await contacts.createIndex({ userId: 1, odooId: 1 }, { name: 'theirs', ...options });
      await world.open();
      const row = { userId: 'acme', odooId: 1 };
      await contacts.insertOne({ ...row });
      await expect(contacts.insertOne({ ...row })).rejects.toMatchObject({ code: 11000 });
    },
  );

  test('is refused where an index of its own name is another one, with the remedy', async () => {
    const name = 'odoosync_record';
    await world.db.collection('odoocontacts').createIndex({ userId: 1, odooId: 1 }, { name });
    const error = await faultOf(world.open());
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining("isn't the one needed under its name: drop it"),
    });
  });

  test('dropping the database of a demo leaves one that works', async () => {
    const store = await world.open();
    await store.addUser(newUser());
    await store.dropDatabase();
    expect(await store.users({ limit: 9 })).toEqual([]);
    await store.addUser(newUser());
  });
});

/** A mongod that is no replica set, as a distribution's package starts it. */
async function startStandalone(): Promise<string> {
  const { path } = await findBinary('mongodb', { log: () => {} });
  const folder = await mkdtemp(join(tmpdir(), 'standalone-'));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const args = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'];
  const child = spawn(path, [...args, '--wiredTigerCacheSizeGB', '0.25'], { stdio: 'ignore' });
  const callOff = guard(child.pid!, folder);
  world.onEnd(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    callOff();
    await rm(folder, { recursive: true, force: true });
  });
  return `mongodb://127.0.0.1:${port}/`;
}

describe('a server that the engine can’t work on', () => {
  test('because it is no replica set is refused, with what to do', async () => {
    const error = await faultOf(world.open({}, { url: await startStandalone() }));
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({
      kind: 'configuration',
      message:
        'MongoDB runs without a replica set, but commits need transactions: start it with --replSet and call rs.initiate() once (one node is enough), then start again',
    });
  });

  test('that nobody answers for is told in time, without the password', async () => {
    const url = 'mongodb://someone:hunter2@127.0.0.1:1/?replicaSet=local';
    const began = performance.now();
    const error = await faultOf(world.open({}, { url, connectTimeoutMs: 300 }));
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({ kind: 'transient' });
    expect(error.message).toMatch(/did not answer within 300 ms.*127\.0\.0\.1:1/);
    expect(error.message).not.toContain('hunter2');
  });

  test.each([
    'mongodb://someone:hunter2@',
    'mongodb://someone:hunter2@host/?replicaSet',
    'mongodb://someone:hun/ter2@host',
    'mongo://someone:hunter2@host',
    'mongodb://someone:hunter2@host/?noSuchOption=hunter2',
    'hunter2',
  ])('a URL that is none (%#) is a configuration fault, without the password', async (url) => {
    const error = await faultOf(world.open({}, { url, connectTimeoutMs: 300 }));
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringContaining('MONGODB_URL') });
    expect(error.message).not.toMatch(/hunter2|ter2/);
  });
});
