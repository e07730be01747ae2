import { describe, expect, test } from '@jest/globals';
import { SyncError, storeTime } from '@odoo-sync/core';
import { COLLECTIONS } from '@odoo-sync/store-mongo';
import { ObjectId } from 'mongodb';
import { CliWorld } from './testing/cliWorld.js';

const world = new CliWorld();

const add = (db: string, ...more: readonly string[]): readonly string[] => [
  'user',
  'add',
  'acme',
  '--url',
  world.simulator.url,
  '--db',
  db,
  '--login',
  'reader',
  ...more,
];
const usersStored = () => world.db.collection(COLLECTIONS.users).countDocuments();
const requests = () => world.simulator.log.totals.requests;
const kindOf = (error: unknown) => (error instanceof SyncError ? error.kind : error);

describe('user add', () => {
  test('connects a user whose credentials Odoo accepts, and keeps them sealed', async () => {
    const { odoo, key } = world.odoo();
    const before = requests();
    const { out, exitCode } = await world.say(add(odoo.name), { env: { ODOO_API_KEY: key } });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^added acme: what changed since \d{4}-\d\d-\d\d is mirrored$/);
    expect(requests()).toBeGreaterThan(before);
    const store = await world.store();
    expect(await store.user('acme')).toMatchObject({
      userId: 'acme',
      address: { url: world.simulator.url, db: odoo.name },
      standing: 'active',
    });
    expect(await store.credentials((await store.user('acme'))!)).toEqual({
      kind: 'apiKey',
      login: 'reader',
      secret: key,
    });
    expect(JSON.stringify(await world.db.collection(COLLECTIONS.users).find().toArray())).not.toContain(key);
  });

  test('prints the user as JSON, without its secret', async () => {
    const { odoo, password } = world.odoo();
    const { out } = await world.say(add(odoo.name, '--json'), { env: { ODOO_PASSWORD: password } });
    expect(JSON.parse(out)).toMatchObject({ userKey: 'acme', login: 'reader', credentialKind: 'password' });
    expect(out).not.toContain('sealed');
  });

  test('stores nothing when Odoo rejects the credentials', async () => {
    const { odoo, key } = world.odoo();
    const wrong = `${key.slice(0, -1)}x`;
    world.secrets.push(wrong);
    for (const env of [{ ODOO_API_KEY: wrong }, { ODOO_PASSWORD: wrong }]) {
      const { error, exitCode, out } = await world.say(add(odoo.name), { env });
      expect(kindOf(error)).toBe('credentials');
      expect(exitCode).toBe(78);
      expect(out).toBe('');
    }
    expect(await usersStored()).toBe(0);
  });

  test('stores nothing when Odoo can not be reached', async () => {
    const { key } = world.odoo();
    const { error } = await world.say(
      ['user', 'add', 'acme', '--url', 'http://127.0.0.1:1', '--db', 'x', '--login', 'reader'],
      { env: { ODOO_API_KEY: key } },
    );
    expect(kindOf(error)).toBe('transient');
    expect(await usersStored()).toBe(0);
  });

  test.each([[[]], [['--no-check']]])(
    'refuses an Odoo where none may be, asks it nothing and stores nothing: %j',
    async (flags) => {
      const { odoo, key } = world.odoo();
      const before = requests();
      const { error, exitCode, out } = await world.say(add(odoo.name, ...flags), {
        env: { ODOO_API_KEY: key, NODE_ENV: 'production' },
      });
      expect(kindOf(error)).toBe('configuration');
      expect(String(error)).toMatch(
        /expected an address that ODOO_ALLOW \(public\) lets through for an Odoo, but 127\.0\.0\.1 is loopback: /,
      );
      expect({ exitCode, out }).toEqual({ exitCode: 78, out: '' });
      expect(requests()).toBe(before);
      expect(await usersStored()).toBe(0);
    },
  );

  test('takes a user who may not read one of the modules', async () => {
    const { odoo, key } = world.odoo();
    odoo.changeUser('reader', { unreadable: ['res.partner'] });
    expect((await world.say(add(odoo.name), { env: { ODOO_API_KEY: key } })).exitCode).toBe(0);
    expect(await usersStored()).toBe(1);
  });

  test('asks Odoo nothing with --no-check', async () => {
    const before = requests();
    const { exitCode } = await world.say(add('anything', '--no-check'), {
      env: { ODOO_API_KEY: 'unknown-to-odoo' },
    });
    expect(exitCode).toBe(0);
    expect(requests()).toBe(before);
    expect(await usersStored()).toBe(1);
  });

  test('keeps an ObjectId as one, and takes nothing else beside --object-id', async () => {
    const id = new ObjectId();
    const env = { ODOO_API_KEY: 'unknown-to-odoo' };
    const line = (text: string, ...more: readonly string[]) =>
      add('acme', '--no-check', ...more).map((word) => (word === 'acme' ? text : word));
    expect((await world.say(line(id.toHexString(), '--object-id'), { env })).exitCode).toBe(0);
    const [stored] = await world.db.collection(COLLECTIONS.users).find().toArray();
    expect(stored?.userId).toEqual(id);
    expect(stored?._id).toBe(`~~${id.toHexString()}`);
    expect((await world.say(['status', `~~${id.toHexString()}`])).exitCode).toBe(0);

    const { error, exitCode } = await world.say(line('acme-gmbh', '--object-id'), { env });
    expect(exitCode).toBe(64);
    expect(String(error)).toContain('acme-gmbh');
    expect(await usersStored()).toBe(1);
  });

  test('refuses an id that is taken', async () => {
    const env = { ODOO_API_KEY: 'unknown-to-odoo' };
    await world.say(add('acme', '--no-check'), { env });
    const { error, exitCode } = await world.say(add('other', '--no-check'), { env });
    expect(exitCode).toBe(1);
    expect(String(error)).toContain('exists already');
  });

  test('says which option is missing', async () => {
    const args = ['user', 'add', 'acme', '--db', 'acme', '--login', 'reader'];
    const { notes, exitCode } = await world.say(args, { env: { ODOO_API_KEY: 'x' } });
    expect(exitCode).toBe(64);
    expect(notes).toContain('--url');
    expect(await usersStored()).toBe(0);
  });

  test('says where the key may come from when there is neither one nor a terminal', async () => {
    const { isTTY } = process.stdin;
    process.stdin.isTTY = false;
    try {
      const { error, exitCode } = await world.say(add('acme', '--no-check'));
      expect(exitCode).toBe(78);
      expect(String(error)).toContain('ODOO_API_KEY');
    } finally {
      process.stdin.isTTY = isTTY;
    }
  });
});

describe('user set', () => {
  const connected = async (...more: readonly string[]) => {
    const { odoo, key } = world.odoo();
    const { exitCode } = await world.say(add(odoo.name, ...more), { env: { ODOO_API_KEY: key } });
    expect(exitCode).toBe(0);
  };
  const stored = async () => (await world.store()).user('acme');

  test('changes language and pause, each by itself, and gives both back', async () => {
    await connected('--language', 'en_US');
    expect(await stored()).toMatchObject({ language: 'en_US', callDelayMs: null });
    const { out } = await world.say(['user', 'set', 'acme', '--call-delay', '1000']);
    expect(out).toBe('acme is set: language en_US, a pause of 1000 ms between requests');
    expect(await stored()).toMatchObject({ language: 'en_US', callDelayMs: 1_000 });
    const back = await world.say([
      'user',
      'set',
      'acme',
      '--language',
      'own',
      '--call-delay',
      'own',
      '--json',
    ]);
    expect(JSON.parse(back.out)).toMatchObject({ language: null, callDelayMs: null, resync: null });
    expect(back.out).not.toContain('sealed');
    expect(await stored()).toMatchObject({ language: null, callDelayMs: null });
  });

  test('has what is mirrored read again in another language', async () => {
    await connected();
    const store = await world.store();
    const tiling = { range: 2, from: new Date('2026-03-27'), until: new Date('2026-03-30') };
    await world.db
      .collection<{ _id: string }>(COLLECTIONS.plans)
      .updateOne(
        { _id: 'acme' },
        { $set: { 'modules.contacts.tiling': tiling } },
        { writeConcern: { w: 'majority' } },
      );
    const { out } = await world.say(['user', 'set', 'acme', '--language', 'en_US']);
    const id = /read again in that language, by (\S+)$/.exec(out)?.[1];
    expect(await store.resync(id ?? '')).toMatchObject({
      modules: ['contacts'],
      total: 3,
      requestedBy: 'user set',
    });
  });

  test('refuses a language that is not active there, and changes nothing', async () => {
    await connected();
    const { error, exitCode } = await world.say([
      'user',
      'set',
      'acme',
      '--language',
      'fr_FR',
      '--call-delay',
      '5',
    ]);
    expect(exitCode).toBe(78);
    expect(String(error)).toMatch(
      /expected the language fr_FR \(set for the user\) .* active there are en_US: /,
    );
    expect(await stored()).toMatchObject({ language: null, callDelayMs: null });
    expect((await world.say(['user', 'set', 'acme', '--language', 'fr_FR', '--no-check'])).exitCode).toBe(0);
    expect(await stored()).toMatchObject({ language: 'fr_FR' });
  });

  test.each([
    [[], /expected --language or --call-delay/],
    [['--language', 'French'], /expected a locale such as en_US, or own, but got "French"/],
    [['--language', ''], /expected a locale/],
    [['--call-delay', '-1'], /expected a whole number from 0 to 600000, or own, but got "-1"/],
    [['--call-delay', '1s'], /expected a whole number/],
  ])('refuses %j', async (flags, message) => {
    await connected();
    const { error, notes, exitCode } = await world.say(['user', 'set', 'acme', ...flags]);
    expect(exitCode).not.toBe(0);
    expect(`${String(error)} ${notes}`).toMatch(message);
    expect(await stored()).toMatchObject({ language: null, callDelayMs: null });
  });
});

describe('user list', () => {
  test('shows every user and who needs attention', async () => {
    const store = await world.store();
    const acme = await world.user(store);
    await world.user(store, 'other');
    const error = {
      kind: 'credentials' as const,
      message: 'Odoo rejects the key',
      at: storeTime(new Date()),
    };
    await store.needsAttention(acme, error, storeTime(Date.now() + 3_600_000));
    const { out } = await world.say(['user', 'list']);
    expect(out).toContain('https://acme.example');
    expect(out).toMatch(/other.*active/);
    expect(out).toMatch(/acme.*needs attention/);
    expect(out).toContain('acme needs attention: Odoo rejects the key');
    const listed = JSON.parse((await world.say(['user', 'list', '--json'])).out) as { userKey: string }[];
    expect(listed.map(({ userKey }) => userKey)).toEqual(['acme', 'other']);
    expect(JSON.stringify(listed)).not.toContain('sealed');
  });
});

describe('user credentials', () => {
  test('takes new ones that Odoo accepts, and brings the user back', async () => {
    const { odoo, key } = world.odoo();
    await world.say(add(odoo.name, '--no-check'), { env: { ODOO_API_KEY: 'an-old-key' } });
    const store = await world.store();
    const user = await store.user('acme');
    if (!user) throw new Error('the user was not added');
    await store.needsAttention(
      user,
      { kind: 'credentials', message: 'rejected', at: storeTime(new Date()) },
      storeTime(new Date()),
    );
    const { out, exitCode } = await world.say(['user', 'credentials', 'acme'], {
      env: { ODOO_API_KEY: key },
    });
    expect(exitCode).toBe(0);
    expect(out).toContain('is tried at once');
    expect(await store.user('acme')).toMatchObject({ standing: 'active', credentialVersion: 2 });
    expect((await store.credentials((await store.user('acme'))!)).secret).toBe(key);
  });

  test('keeps the old ones when Odoo rejects the new', async () => {
    const { odoo, key } = world.odoo();
    await world.say(add(odoo.name), { env: { ODOO_API_KEY: key } });
    const { error } = await world.say(['user', 'credentials', 'acme'], {
      env: { ODOO_API_KEY: 'wrong-key' },
    });
    expect(kindOf(error)).toBe('credentials');
    const store = await world.store();
    expect((await store.credentials((await store.user('acme'))!)).secret).toBe(key);
    expect((await store.user('acme'))?.credentialVersion).toBe(1);
  });

  test('changes the login where one is given, unchecked with --no-check', async () => {
    const store = await world.store();
    await world.user(store);
    const args = ['user', 'credentials', 'acme', '--login', 'another', '--no-check', '--json'];
    const { out } = await world.say(args, { env: { ODOO_PASSWORD: 'a-new-password' } });
    expect(JSON.parse(out)).toMatchObject({ userKey: 'acme', login: 'another', credentialKind: 'password' });
    world.secrets.push('a-new-password');
  });

  test('says that there is no such user', async () => {
    const { error, exitCode } = await world.say(['user', 'credentials', 'nobody'], {
      env: { ODOO_API_KEY: 'x' },
    });
    expect(exitCode).toBe(1);
    expect(String(error)).toContain('there is no user nobody');
  });
});

describe('a user that is named', () => {
  const env = { ODOO_API_KEY: 'unknown-to-odoo' };
  const addNamed = (id: string) =>
    world.say(['user', 'add', id, ...add('acme', '--no-check').slice(3)], { env });

  test('is the one that is shown so: no id stands in the way of another user', async () => {
    await addNamed('bob@example.com');
    await addNamed('bob~40example~2ecom');
    const store = await world.store();
    const secretOf = async (key: string) => (await store.credentials((await store.user(key))!)).secret;
    const renew = (name: string, secret: string) =>
      world.say(['user', 'credentials', name, '--no-check'], { env: { ODOO_API_KEY: secret } });
    expect((await renew('bob~40example~2ecom', 'by-key')).exitCode).toBe(0);
    expect(await secretOf('bob~40example~2ecom')).toBe('by-key');
    expect((await renew('bob@example.com', 'by-id')).exitCode).toBe(0);
    expect(await secretOf('bob~40example~2ecom')).toBe('by-id');
    expect(await secretOf('bob~7e40example~7e2ecom')).toBe('unknown-to-odoo');
    const { out } = await world.say(['user', 'list', '--json']);
    for (const { userKey } of JSON.parse(out) as { userKey: string }[]) {
      const { out: told } = await world.say(['status', userKey, '--json']);
      expect(JSON.parse(told).user.userKey).toBe(userKey);
    }
  });

  test.each([
    ['', 'empty'],
    [' ', 'empty'],
    ['a\u001b[2Jb', 'control'],
    ['a\nb', 'control'],
    ['x'.repeat(201), '201 characters'],
  ])('may not be called %j, and nothing is asked for or stored', async (id, word) => {
    const { error, exitCode } = await world.say(['user', 'add', id, ...add('acme').slice(3)]);
    expect(exitCode).toBe(64);
    expect(String(error)).toContain(word);
    expect(await usersStored()).toBe(0);
  });
});

describe('user remove', () => {
  const record = (userId: string, odooId: number) => ({ userId, odooId, name: `Contact ${odooId}` });
  const contacts = () => world.db.collection<{ userId: string; odooId: number }>('odoocontacts');

  test('removes nothing without --yes where there is no terminal to ask on', async () => {
    const store = await world.store();
    await world.user(store);
    const { error, exitCode } = await world.say(['user', 'remove', 'acme']);
    expect(exitCode).toBe(64);
    expect(String(error)).toContain('--yes');
    expect((await store.user('acme'))?.standing).toBe('active');
  });

  test('removes the user with all of its records, and nobody else', async () => {
    const store = await world.store();
    await world.user(store);
    await world.user(store, 'other');
    await contacts().insertMany([record('acme', 1), record('acme', 2), record('other', 1)]);
    const { out, exitCode } = await world.say(['user', 'remove', 'acme', '--yes']);
    expect(exitCode).toBe(0);
    expect(out).toBe('removed acme and 2 records');
    expect(await store.user('acme')).toBeNull();
    expect(await contacts().distinct('userId')).toEqual(['other']);
    const batches = world.db.collection(COLLECTIONS.batches);
    expect(await batches.distinct('userKey')).toEqual(['other']);
  });

  test('leaves a removal that was interrupted to the scheduler', async () => {
    const store = await world.store();
    await world.user(store);
    const { notes, out } = await world.say(['user', 'remove', 'acme', '--yes'], {
      stop: AbortSignal.abort(),
    });
    expect(notes).toContain('the scheduler goes on');
    expect(out).toBe('');
    expect(await store.usersBeingRemoved()).toMatchObject([{ userKey: 'acme' }]);
  });

  test('says that there is no such user', async () => {
    const { error, exitCode } = await world.say(['user', 'remove', 'nobody', '--yes']);
    expect(exitCode).toBe(1);
    expect(String(error)).toContain('there is no user nobody');
  });
});

test('no command of these said a secret', () => {
  expect(world.told).toContain('added acme');
  expect(world.secrets.filter((secret) => world.told.includes(secret))).toEqual([]);
});
