import { describe, expect, test } from '@jest/globals';
import { MODULE_NAMES, storeTime } from '@odoo-sync/core';
import { COLLECTIONS } from '@odoo-sync/store-mongo';
import { firstDay } from '@odoo-sync/testkit';
import { CliWorld } from './testing/cliWorld.js';

const world = new CliWorld();
const HTTP_502 = 'Odoo, or a proxy before it, answered HTTP 502';
const DAY_MS = 86_400_000;

const resyncsStored = () => world.db.collection(COLLECTIONS.resyncs).countDocuments();
const day = (at: Date): string => at.toISOString().slice(0, 10);

describe('status', () => {
  test('shows every user with each of its modules', async () => {
    const store = await world.store();
    await world.user(store);
    await world.user(store, 'other');
    const { out, exitCode } = await world.say(['status']);
    expect(exitCode).toBe(0);
    for (const userKey of ['acme', 'other'])
      for (const module of MODULE_NAMES)
        expect(out).toMatch(new RegExp(`${userKey}.*${module}.*syncing.*0/3`));
    const reports = JSON.parse((await world.say(['status', '--json'])).out) as {
      user: { userKey: string };
    }[];
    expect(reports.map(({ user }) => user.userKey).sort()).toEqual(['acme', 'other']);
  });

  test('of one user tells what failed, what is unavailable, and its resyncs', async () => {
    const store = await world.store();
    const user = await world.user(store);
    await world.user(store, 'other');
    const failed = await world.failWindow(user, 'contacts', 0);
    const reason = {
      kind: 'access' as const,
      message: 'hr.employee may not be read',
      at: storeTime(new Date()),
    };
    const grant = await store.takeLane({ ...user, kind: 'tail', turnId: 'a-tail', release: 0 }, 'employees');
    if (!('lane' in grant)) throw new Error('the lane is taken');
    await store.noteModule(grant.lane, { state: 'unavailable', reason, probeAt: storeTime(new Date()) });
    await grant.lane.giveBack({ end: 'noop', pages: 0, counts: null });
    const resync = await store.requestResync(user, { modules: ['contacts'], requestedBy: 'a test' });
    const { out } = await world.say(['status', 'acme']);
    expect(out).not.toContain('other');
    expect(out).toContain(`failed: ${failed} after 4 attempts: ${HTTP_502}`);
    expect(out).toContain('employees is unavailable: hr.employee may not be read');
    expect(out).toContain(`${resync._id}: pending, 0 of 3 windows`);
    const report = JSON.parse((await world.say(['status', 'acme', '--json'])).out) as {
      user: { userKey: string };
      failedBatches: { turnId: string }[];
    };
    expect(report.user.userKey).toBe('acme');
    expect(report.failedBatches.map(({ turnId }) => turnId)).toEqual([failed]);
  });

  test('shows a page of users, and says how to go on', async () => {
    const store = await world.store();
    for (const userId of ['a', 'b', 'c']) await world.user(store, userId);
    const shown = async (...args: string[]) => {
      const { out, notes } = await world.say(['status', '--json', ...args]);
      const keys = (JSON.parse(out) as { user: { userKey: string } }[]).map(({ user }) => user.userKey);
      return [keys, notes];
    };
    const more = 'there are more users: go on with --after b';
    expect(await shown('--limit', '2')).toEqual([['a', 'b'], more]);
    expect(await shown('--limit', '2', '--after', 'b')).toEqual([['c'], '']);
    expect((await world.say(['user', 'list', '--limit', '2'])).notes).toBe(more);
    const { error, exitCode } = await world.say(['status', '--limit', '0']);
    expect(exitCode).toBe(64);
    expect(String(error)).toContain('expected a whole number from 1 to 1000, but got "0"');
  });

  test('of those in trouble shows nobody else', async () => {
    const store = await world.store();
    const user = await world.user(store);
    await world.user(store, 'other');
    expect((await world.say(['status', '--trouble'])).out.trim()).toBe('nobody is in trouble');
    await world.failWindow(user, 'contacts', 0);
    const { out } = await world.say(['status', '--trouble']);
    expect(out).toContain('acme');
    expect(out).not.toContain('other');
  });

  test('says that there is no such user', async () => {
    const { error, exitCode, out } = await world.say(['status', 'nobody']);
    expect(exitCode).toBe(1);
    expect(String(error)).toContain('there is no user nobody');
    expect(out).toBe('');
  });
});

describe('resync', () => {
  test('writes the request for every module and window where nothing is named', async () => {
    const store = await world.store();
    await world.user(store);
    const { out, exitCode } = await world.say(['resync', 'acme']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^resync-\S+: 12 windows from .* to .* will be read again$/);
    const id = out.split(':')[0] ?? '';
    expect(await store.resync(id)).toMatchObject({ status: 'pending', modules: MODULE_NAMES, total: 12 });
  });

  test('widens the range that was asked for to whole windows, and prints it as JSON', async () => {
    const user = await world.user(await world.store());
    const second = new Date(firstDay(user).getTime() + DAY_MS);
    const { out } = await world.say([
      ...['resync', 'acme', '--modules', 'contacts,invoices'],
      ...['--from', `${day(second)}T13:30Z`, '--to', `${day(second)}T14:00:00Z`, '--json'],
    ]);
    expect(JSON.parse(out)).toMatchObject({
      modules: ['contacts', 'invoices'],
      from: second.toISOString(),
      to: new Date(second.getTime() + DAY_MS).toISOString(),
      total: 2,
      requestedBy: 'cli',
    });
  });

  test.each([
    [['--modules', 'contact'], '--modules: expected some of saleOrders'],
    [['--from', 'yesterday'], '--from: expected a date'],
    [['--from', '2026-02-30x'], '--from: expected a date'],
    [['--to', '2026-13-01'], '--to: expected a date'],
    [['--to', '2026-01-31T12:00:00'], '--to: expected a date'],
    [['--from', '2026-02-02', '--to', '2026-02-01'], 'expected --from before --to'],
    [['--from', '2026-02-02', '--to', '2026-02-02'], 'expected --from before --to'],
    [['--to', '2001-01-01'], 'holds no window'],
    [['--from', '2126-01-01'], 'holds no window'],
  ])('refuses %j and writes no request', async (flags, message) => {
    await world.user(await world.store());
    const { error, exitCode } = await world.say(['resync', 'acme', ...flags]);
    expect(exitCode).toBe(64);
    expect(String(error)).toContain(message);
    expect(await resyncsStored()).toBe(0);
  });

  test('says that there is no such user', async () => {
    const { error, exitCode } = await world.say(['resync', 'nobody']);
    expect(exitCode).toBe(1);
    expect(String(error)).toContain('there is no user nobody');
  });
});

describe('retry', () => {
  test('gives a failed batch by its name fresh attempts, due at once', async () => {
    const store = await world.store();
    const user = await world.user(store);
    const failed = await world.failWindow(user, 'contacts', 0);
    const kept = await world.failWindow(user, 'invoices', 1);
    const { out, exitCode } = await world.say(['retry', failed]);
    expect(exitCode).toBe(0);
    expect(out).toBe('1 will be tried again');
    expect((await store.batch(failed))?.status).toBe('pending');
    expect((await store.batch(kept))?.status).toBe('failed');
    expect((await store.syncState((await store.user('acme'))!))?.nextTurnAt.getTime()).toBeLessThanOrEqual(
      Date.now(),
    );
  });

  test('retries every failed one with --all, and of one user beside --user', async () => {
    const store = await world.store();
    const [acme, other] = [await world.user(store), await world.user(store, 'other')];
    const mine = [await world.failWindow(acme, 'contacts', 0), await world.failWindow(acme, 'contacts', 1)];
    const theirs = await world.failWindow(other, 'contacts', 0);
    const one = await world.say(['retry', '--all', '--user', 'other', '--json']);
    expect(JSON.parse(one.out)).toEqual({ retried: [theirs], notFailed: [] });
    expect((await store.batch(mine[0] ?? ''))?.status).toBe('failed');
    const all = await world.say(['retry', '--all', '--json']);
    expect((JSON.parse(all.out) as { retried: string[] }).retried.sort()).toEqual(mine);
    expect((await world.say(['retry', '--all'])).out).toBe('0 will be tried again');
  });

  test('ends with 1 for a name under which nothing failed, having retried the others', async () => {
    const store = await world.store();
    const user = await world.user(store);
    const failed = await world.failWindow(user, 'contacts', 0);
    const { notes, out, exitCode, error } = await world.say(['retry', failed, 'acme.contacts.1999-01-01']);
    expect(error).toBeUndefined();
    expect(exitCode).toBe(1);
    expect(out).toBe('1 will be tried again');
    expect(notes).toContain('acme.contacts.1999-01-01');
    expect(notes).not.toContain(failed);
    expect((await store.batch(failed))?.status).toBe('pending');
  });

  test.each([
    [[]],
    [['acme.contacts.1999-01-01', '--all']],
    [['acme.contacts.1999-01-01', '--user', 'acme']],
  ])('refuses %j: it needs names, or --all, and not both', async (words) => {
    const { exitCode, out } = await world.say(['retry', ...words]);
    expect(exitCode).toBe(64);
    expect(out).toBe('');
  });

  test('says that there is no such user', async () => {
    const { error, exitCode } = await world.say(['retry', '--all', '--user', 'nobody']);
    expect(exitCode).toBe(1);
    expect(String(error)).toContain('there is no user nobody');
  });
});

describe('ledger clear-old', () => {
  const batches = () => world.db.collection(COLLECTIONS.batches);
  const old = (n: number) => ({
    userId: 'acme',
    module: 'contacts',
    startTime: new Date(n * DAY_MS),
    endTime: new Date((n + 1) * DAY_MS),
    status: 'failed',
  });

  test('says how many there are, and removes none without --yes', async () => {
    await world.user(await world.store());
    await batches().insertMany([old(1), old(2)]);
    const { notes, error, exitCode } = await world.say(['ledger', 'clear-old']);
    expect(exitCode).toBe(64);
    expect(notes).toContain('2 documents');
    expect(String(error)).toContain('--yes');
    expect(await batches().countDocuments()).toBe(14);
  });

  test('removes just those with --yes', async () => {
    await world.user(await world.store());
    await batches().insertMany([old(1), old(2)]);
    const { out } = await world.say(['ledger', 'clear-old', '--yes', '--json']);
    expect(JSON.parse(out)).toEqual({ found: 2, removed: 2 });
    expect(await batches().countDocuments()).toBe(12);
    expect(await batches().countDocuments({ release: { $exists: false } })).toBe(0);
  });

  test('has nothing to ask where there are none', async () => {
    await world.user(await world.store());
    const { out, notes, exitCode } = await world.say(['ledger', 'clear-old']);
    expect(exitCode).toBe(0);
    expect(out).toBe('0 removed');
    expect(notes).toContain('0 documents');
  });
});

test('no command of these said a secret', () => {
  expect(world.told).toContain('will be tried again');
  expect(world.secrets.filter((secret) => world.told.includes(secret))).toEqual([]);
});
