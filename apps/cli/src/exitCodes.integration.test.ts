import { describe, expect, test } from '@jest/globals';
import { CliWorld } from './testing/cliWorld.js';

const world = new CliWorld();
const NOWHERE = 'http://127.0.0.1:1';
const KEY = { ODOO_API_KEY: 'a-key-of-nobody' };

/** Every command, said so that it can be read. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'user add': ['user', 'add', 'new', '--url', NOWHERE, '--db', 'x', '--login', 'reader', '--no-check'],
  'user list': ['user', 'list'],
  'user set': ['user', 'set', 'acme', '--call-delay', '5'],
  'user credentials': ['user', 'credentials', 'acme', '--no-check'],
  'user widen': ['user', 'widen', 'acme', '--range-days', 'all'],
  'user explain': ['user', 'explain', 'acme'],
  'user wake': ['user', 'wake', 'acme'],
  'user remove': ['user', 'remove', 'acme', '--yes'],
  status: ['status'],
  'status USER': ['status', 'acme'],
  compare: ['compare'],
  resync: ['resync', 'acme'],
  retry: ['retry', '--all'],
  'keys reseal': ['keys', 'reseal'],
  'ledger clear-old': ['ledger', 'clear-old'],
};
const EVERY = Object.entries(COMMANDS);

/** Says a command of a fleet with the user `acme`, who has windows. */
async function said(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  await world.user(await world.store());
  return world.say(args, { env: { ...KEY, ...env } });
}

describe('0: it is done', () => {
  test.each(EVERY.filter(([command]) => command !== 'compare'))('%s', async (_, args) => {
    expect(await said(args)).toMatchObject({ exitCode: 0, error: undefined });
  });

  test('compare, of nobody', async () => {
    expect(await world.say(['compare'])).toMatchObject({ exitCode: 0, error: undefined });
  });

  test.each([['--help'], ['--version'], ['user', '--help']])('%s %s', async (...args) => {
    expect((await world.say(args)).exitCode).toBe(0);
  });
});

describe('1: it was tried, and something failed', () => {
  test.each<[args: readonly string[], kind: string]>([
    [['status', 'nobody'], 'notFound'],
    [['compare', 'acme', 'nobody'], 'notFound'],
    [['resync', 'nobody'], 'notFound'],
    [['retry', '--all', '--user', 'nobody'], 'notFound'],
    [['user', 'set', 'nobody', '--call-delay', '5'], 'notFound'],
    [['user', 'credentials', 'nobody', '--no-check'], 'notFound'],
    [['user', 'widen', 'nobody', '--range-days', 'all'], 'notFound'],
    [['user', 'explain', 'nobody'], 'notFound'],
    [['user', 'wake', 'nobody'], 'notFound'],
    [['user', 'remove', 'nobody', '--yes'], 'notFound'],
    [['user', 'add', 'acme', '--url', NOWHERE, '--db', 'x', '--login', 'reader', '--no-check'], 'conflict'],
    [['user', 'widen', 'acme', '--range-days', '1'], 'conflict'],
    [['user', 'credentials', 'acme', '--no-check', '--url', NOWHERE, '--db', 'x'], 'conflict'],
    [['user', 'add', 'new', '--url', NOWHERE, '--db', 'x', '--login', 'reader'], 'transient'],
  ])('%j: %s', async (args, kind) => {
    expect(await said(args)).toMatchObject({ exitCode: 1, error: { kind } });
  });

  test('resync, of a user without windows', async () => {
    expect((await world.say(COMMANDS['user add'] ?? [], { env: KEY })).exitCode).toBe(0);
    expect(await world.say(['resync', 'new'])).toMatchObject({ exitCode: 1, error: { kind: 'conflict' } });
  });

  test('retry, of what has not failed', async () => {
    expect((await said(['retry', 'acme.contacts.1999-01-01'])).exitCode).toBe(1);
  });

  test('compare, of a user of whom nothing was mirrored', async () => {
    expect((await said(['compare', 'acme'])).exitCode).toBe(1);
  });

  test('any, while MongoDB is away', async () => {
    const MONGODB_URL = 'mongodb://127.0.0.1:1/x?replicaSet=rs0';
    expect(await world.say(['status'], { env: { MONGODB_URL } })).toMatchObject({
      exitCode: 1,
      error: { kind: 'transient' },
    });
  });
});

describe('64: the command line is wrong', () => {
  test.each(EVERY)('%s, with an option that is unknown', async (_, args) => {
    expect((await world.say([...args, '--no-such-option'])).exitCode).toBe(64);
  });

  test.each([
    [[]],
    [['staus']],
    [['user']],
    [['user', 'ad']],
    [['user', 'add', 'new', '--url', NOWHERE]],
    [['user', 'set']],
    [['resync']],
    [['status', '--limit', '0']],
    [['compare', '--wait', 'a while']],
    [['user', 'explain', 'acme', '--turns', 'many']],
    [['user', 'wake']],
    [['user', 'widen', 'acme', '--range-days', '-1']],
    [['user', 'set', 'acme', '--language', 'French']],
  ])('%j', async (args) => {
    expect((await world.say(args)).exitCode).toBe(64);
  });

  test.each([
    [['user', 'add', '', '--url', NOWHERE, '--db', 'x', '--login', 'reader', '--no-check']],
    [['user', 'add', 'new', '--url', 'acme', '--db', 'x', '--login', 'reader', '--no-check']],
    [['user', 'add', 'new', '--url', NOWHERE, '--login', 'reader', '--no-check']],
    [['user', 'add', 'new', '--object-id', '--url', NOWHERE, '--db', 'x', '--login', 'reader']],
    [['user', 'set', 'acme']],
    [['user', 'credentials', 'acme', '--no-check', '--db', 'x']],
    [['user', 'remove', 'acme']],
    [['resync', 'acme', '--modules', 'contracts']],
    [['resync', 'acme', '--from', 'yesterday']],
    [['resync', 'acme', '--from', '2026-02-02', '--to', '2026-02-01']],
    [['resync', 'acme', '--from', '2126-01-01']],
    [['retry']],
    [['retry', 'acme.contacts.1999-01-01', '--all']],
    [['retry', 'acme.contacts.1999-01-01', '--user', 'acme']],
  ])('%j: invalid', async (args) => {
    expect(await said(args)).toMatchObject({ exitCode: 64, error: { kind: 'invalid' } });
  });
});

describe('78: settings or credentials must change', () => {
  test.each(EVERY)('%s, without a MongoDB to work on', async (_, args) => {
    expect((await world.say(args, { env: { ...KEY, MONGODB_URL: '' } })).exitCode).toBe(78);
  });

  test('user add, without a key, and with one that its Odoo refuses', async () => {
    const { odoo, key } = world.odoo();
    const args = ['user', 'add', 'new', '--url', world.simulator.url, '--db', odoo.name, '--login', 'reader'];
    expect(await world.say(args, { env: { ODOO_API_KEY: `${key.slice(1)}x` } })).toMatchObject({
      exitCode: 78,
      error: { kind: 'credentials' },
    });
    expect(await world.say(args, { env: { ODOO_API_KEY: key, NODE_ENV: 'production' } })).toMatchObject({
      exitCode: 78,
      error: { kind: 'configuration' },
    });
    expect((await world.say(args, { env: { ODOO_API_KEY: key } })).exitCode).toBe(0);
    for (const [again, kind] of [
      [['user', 'credentials', 'new'], 'credentials'],
      [['user', 'set', 'new', '--language', 'fr_FR'], 'configuration'],
    ] as const)
      expect(await world.say(again, { env: KEY })).toMatchObject({ exitCode: 78, error: { kind } });
  });

  test('what needs stored credentials, with another key ring', async () => {
    const CREDENTIALS_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
    expect(await said(['user', 'set', 'acme', '--language', 'en_US'], { CREDENTIALS_KEYS })).toMatchObject({
      exitCode: 78,
      error: { kind: 'credentials' },
    });
  });
});
