import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type LocalMongo, type LocalRedis, startMongo, startRedis } from '@odoo-sync/local-servers';
import type { Listening } from '@odoo-sync/testkit';
import { type Db, MongoClient } from 'mongodb';
import { endOf, isClean } from './harness/endOf.js';
import {
  initiateWithUsers,
  startMongod,
  startOldMongod,
  startSilent,
  withDirect,
} from './harness/oddServers.js';

const APPS = ['scheduler', 'worker', 'api', 'cli'] as const;
const KEYS = `k1:${randomBytes(32).toString('base64')}`;
const LIMIT_MS = 40_000;
const NO_REPLICA_SET =
  'MongoDB runs without a replica set, but commits need transactions: start it with --replSet and call rs.initiate\\(\\) once \\(one node is enough\\), then start again';

let redis: LocalRedis;
let mongo: LocalMongo;
let client: MongoClient;
let db: Db;
let tests = 0;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  const log = () => {};
  [redis, mongo] = await Promise.all([startRedis({ log }), startMongo({ log })]);
  client = new MongoClient(mongo.url);
});
beforeEach(() => {
  db = client.db(`bad${++tests}`);
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  await client.close();
  await Promise.all([redis.stop(), mongo.stop()]);
});

async function odd(starting: Promise<Listening>): Promise<Listening> {
  const server = await starting;
  closers.push(() => server.close());
  return server;
}

/** Starts every program on a MongoDB, and expects each to end in one line. */
async function expectEnd(mongodbUrl: string, code: number, message: string): Promise<void> {
  const env = { REDIS_URL: redis.url, MONGODB_URL: mongodbUrl, CREDENTIALS_KEYS: KEYS, API_PORT: '0' };
  const ended = await Promise.all(
    APPS.map((app) => endOf(app, env, app === 'cli' ? ['status'] : [], LIMIT_MS)),
  );
  for (const [index, end] of ended.entries()) {
    const app = APPS[index] === 'cli' ? 'odoo-sync' : `odoo-sync-${APPS[index]} did not start`;
    const { err, out } = end;
    expect({ code: end.code, err, out, clean: isClean(end, ['hunter2', KEYS]) }).toEqual({
      code,
      err: expect.stringMatching(`^${app}: ${message}\n$`),
      out: '',
      clean: true,
    });
  }
}

const here = () => mongo.url.replace('/?', `/${db.databaseName}?`);

describe('a MongoDB that an operator must change', () => {
  test('since it is no replica set, whether the URL names one or not', async () => {
    const { port } = await odd(startMongod({}));
    await expectEnd(`mongodb://127.0.0.1:${port}/x`, 78, NO_REPLICA_SET);
    await expectEnd(`mongodb://127.0.0.1:${port}/x?replicaSet=rs0`, 78, NO_REPLICA_SET);
    const names = await withDirect(port, (raw) => raw.db().admin().listDatabases({ nameOnly: true }));
    expect(names.databases.map(({ name }) => name)).not.toContain('x');
  });

  test('since its replica set was never initiated', async () => {
    const { port } = await odd(startMongod({ replSet: 'rs0' }));
    await expectEnd(
      `mongodb://127.0.0.1:${port}/?replicaSet=rs0`,
      78,
      'MongoDB runs with --replSet, but its replica set was never initiated: call rs.initiate\\(\\) once, then start again',
    );
  });

  test('since it belongs to another replica set', async () => {
    await expectEnd(
      mongo.url.replace('=local', '=rs0'),
      78,
      'MongoDB belongs to the replica set "local", but MONGODB_URL says replicaSet=rs0: correct it there',
    );
  });

  test.each([
    ['4.4.29', 9, '4.4.29'],
    ['3.6.23', 6, 'of wire version 6'],
  ])('since it is %s', async (version, wire, said) => {
    const { port } = await odd(startOldMongod(version, wire));
    await expectEnd(
      `mongodb://127.0.0.1:${port}/?replicaSet=rs0`,
      78,
      `MongoDB ${said} is too old: 5.0 or later is needed; upgrade it, or name another server in MONGODB_URL`,
    );
  });

  test('since it refuses who asks', async () => {
    const { port } = await odd(startMongod({ replSet: 'rs0', keyFile: true }));
    await initiateWithUsers(port, 'mirror');
    const url = (user: string) => `mongodb://${user}127.0.0.1:${port}/mirror?replicaSet=rs0&authSource=admin`;
    const refused =
      'MongoDB refuses the user or password of MONGODB_URL \\(Authentication failed.\\): correct them there, and add authSource=DATABASE where the user is kept in another database than the URL names';
    const mayNot =
      'MongoDB does not let the user of MONGODB_URL do what the engine needs \\(.*\\): name a user there who has the role readWrite on the database';
    await expectEnd(url('writer:hunter2@'), 78, refused);
    await expectEnd(url('writer:right@').replace('&authSource=admin', ''), 78, refused);
    await expectEnd(url('reader:right@'), 78, mayNot);
    await expectEnd(url('').replace('&authSource=admin', ''), 78, mayNot);
    const ended = await endOf('cli', {
      REDIS_URL: redis.url,
      MONGODB_URL: url('writer:right@'),
      CREDENTIALS_KEYS: KEYS,
    });
    expect({ code: ended.code, err: ended.err }).toEqual({ code: 0, err: '' });
  });
});

describe('a MongoDB that may come', () => {
  test('and is not there is waited for ten seconds', async () => {
    await expectEnd(
      'mongodb://u:hunter2@127.0.0.1:1/?replicaSet=rs0',
      1,
      'MongoDB did not answer within 10000 ms \\(connect ECONNREFUSED 127.0.0.1:1\\): check MONGODB_URL, that a MongoDB runs there and can be reached, and that a member of its replica set is primary',
    );
  });

  test('and is silent is waited for ten seconds', async () => {
    const { port } = await odd(startSilent());
    await expectEnd(`mongodb://127.0.0.1:${port}/`, 1, 'MongoDB did not answer within 10000 ms .*');
  });
});

describe('a database that an operator must change', () => {
  test('since a mirror holds a record twice: it is named with an example, and nothing is touched', async () => {
    const contacts = db.collection('odoocontacts');
    const rows = [1, 2].map((n) => ({ userId: 'acme', odooId: 42, n }));
    await contacts.insertMany(rows);
    await expectEnd(
      here(),
      78,
      'the collection odoocontacts must hold one document for each \\(userId, odooId\\), but holds several, for example \\{"userId":"acme","odooId":42\\}: remove the surplus ones, then start again; db.odoocontacts.aggregate\\(.*\\) lists them all',
    );
    expect(await contacts.find().sort({ n: 1 }).toArray()).toEqual(rows);
    expect(await contacts.indexes()).toHaveLength(1);
  });

  test("since an index of the engine's name is another one", async () => {
    await db.collection('odoocontacts').createIndex({ odooId: 1 }, { name: 'odoosync_record' });
    await db.collection('odoosyncturns').createIndex({ endedAt: 1 }, { name: 'odoosync_history' });
    await expectEnd(
      here(),
      78,
      "the collection odoocontacts has another index that isn't the one needed under its name: drop it, then start again \\(.*odoosync_record.*\\)",
    );
    await db.collection('odoocontacts').dropIndexes();
    await expectEnd(
      here(),
      78,
      "the collection odoosyncturns has another index that isn't the one needed under its name: drop it, .*odoosync_history.*",
    );
  });

  test('since a unique index on fewer fields would keep one user from what another has', async () => {
    await db.collection('odooinvoices').createIndex({ odooId: 1 }, { unique: true, name: 'by_odoo' });
    await expectEnd(
      here(),
      78,
      'the collection odooinvoices has a unique index "by_odoo" on \\(odooId\\), which keeps out what the engine must store: drop it by db.odooinvoices.dropIndex\\("by_odoo"\\), then start again',
    );
  });

  test("since an older engine's unique index would keep out the windows of this one", async () => {
    const batches = db.collection('odoosyncbatches');
    const old = { userId: 'acme', module: 'contacts', startTime: new Date(0), status: 'done' };
    await batches.insertOne(old);
    await batches.createIndex({ userId: 1, module: 1, startTime: 1 }, { unique: true, name: 'old_window' });
    await expectEnd(
      here(),
      78,
      'the collection odoosyncbatches has a unique index "old_window" on \\(userId, module, startTime\\), which keeps out .*: drop it by db.odoosyncbatches.dropIndex\\("old_window"\\), then start again',
    );
    expect(await batches.find().toArray()).toEqual([old]);
  });
});
