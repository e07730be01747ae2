import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { User } from '@odoo-sync/core';
import { CREDENTIALS, MongoWorld, newUser, SECRET, sealerOf } from '../testing/mongoWorld.js';
import type { Resealed } from './reseal.js';

const world = new MongoWorld();
const [K1, K2] = [randomBytes(32), randomBytes(32)];
const ONE = { sealer: sealerOf({ k1: K1 }) };
const TWO = { sealer: sealerOf({ k2: K2, k1: K1 }) };
const ALWAYS = new AbortController().signal;

const sealOf = async (userKey: string) => (await world.stored.users.findOne({ _id: userKey }))?.sealed;
const userNow = async (store: Awaited<ReturnType<typeof world.open>>, userKey = 'acme'): Promise<User> => {
  const user = await store.user(userKey);
  if (!user) throw new Error(`there is no user ${userKey}`);
  return user;
};

/** Puts what an earlier version would have sealed in a seal's place. */
async function sealAsBefore(userKey: string, secret = SECRET): Promise<void> {
  const sealed = ONE.sealer.encrypt(secret, userKey);
  await world.stored.users.updateOne({ _id: userKey }, { $set: { sealed } });
}

async function all(stream: AsyncGenerator<Resealed>): Promise<readonly Resealed[]> {
  const found: Resealed[] = [];
  for await (const one of stream) found.push(one);
  return found;
}

describe('sealed credentials', () => {
  test.each([
    ['URL', { url: 'https://evil.example' }],
    ['database', { db: 'evil' }],
    ['login', { login: 'evil' }],
    ['kind', { credentialKind: 'password' as const }],
    ['life', { life: 'another' }],
  ])("don't open once the %s was changed in MongoDB", async (_, change) => {
    const store = await world.open({}, ONE);
    await store.addUser(newUser());
    await world.stored.users.updateOne({ _id: 'acme' }, { $set: change });
    await expect(store.credentials(await userNow(store))).rejects.toMatchObject({ kind: 'credentials' });
  });

  test('open for the address that a turn goes to, not for the one that stands there when they are read', async () => {
    const store = await world.open({}, ONE);
    await store.addUser(newUser());
    const right = await userNow(store);
    const misled = { ...right, address: { ...right.address, url: 'https://evil.example' } };
    await expect(store.credentials(misled)).rejects.toMatchObject({ kind: 'credentials' });
    expect(await store.credentials(right)).toEqual(CREDENTIALS);
  });

  test('that were changed by taking their version away stay shut', async () => {
    const store = await world.open({}, ONE);
    await store.addUser(newUser());
    await world.stored.users.updateOne(
      { _id: 'acme' },
      { $set: { url: 'https://evil.example' }, $unset: { 'sealed.version': 1 } },
    );
    await expect(store.credentials(await userNow(store))).rejects.toMatchObject({ kind: 'credentials' });
  });

  test('are not set for an address that was changed since the user was read', async () => {
    const store = await world.open({}, ONE);
    const user = await store.addUser(newUser());
    await world.stored.users.updateOne({ _id: 'acme' }, { $set: { url: 'https://evil.example' } });
    await expect(store.setCredentials(user, CREDENTIALS)).rejects.toMatchObject({ kind: 'conflict' });
  });
});

describe('credentials that an earlier version sealed', () => {
  test('open, and are sealed for their address when they are read', async () => {
    const store = await world.open({}, ONE);
    await store.addUser(newUser());
    await sealAsBefore('acme');
    expect(await store.credentials(await userNow(store))).toEqual(CREDENTIALS);
    expect(await sealOf('acme')).toMatchObject({ version: 2 });
    await world.stored.users.updateOne({ _id: 'acme' }, { $set: { url: 'https://evil.example' } });
    await expect(store.credentials(await userNow(store))).rejects.toMatchObject({ kind: 'credentials' });
  });

  test('open no more where OLD_SEALS refuses them: one put back with another URL sends nothing', async () => {
    const store = await world.open({}, { ...ONE, oldSeals: 'refuse' });
    await store.addUser(newUser());
    await sealAsBefore('acme');
    await world.stored.users.updateOne({ _id: 'acme' }, { $set: { url: 'https://evil.example' } });
    await expect(store.credentials(await userNow(store))).rejects.toThrow(/OLD_SEALS/);
  });
});

describe('sealing anew', () => {
  test('takes every user to the first key and to its address, and finds nothing the second time', async () => {
    const before = await world.open({}, ONE);
    for (const id of ['a', 'b', 'c']) await before.addUser(newUser(id));
    await sealAsBefore('b');
    const store = await world.open({}, TWO);
    expect(await all(store.reseal(ALWAYS))).toEqual(
      ['a', 'b', 'c'].map((userKey) => ({ userKey, fault: null })),
    );
    expect(await world.stored.users.distinct('sealed.keyId')).toEqual(['k2']);
    expect(await world.stored.users.distinct('sealed.version')).toEqual([2]);
    expect(await all(store.reseal(ALWAYS))).toEqual([]);
    const alone = await world.open({}, { sealer: sealerOf({ k2: K2 }), oldSeals: 'refuse' });
    for (const id of ['a', 'b', 'c'])
      expect(await alone.credentials(await userNow(alone, id))).toEqual(CREDENTIALS);
    expect((await userNow(alone, 'a')).credentialVersion).toBe(1);
  });

  test('goes on where it was interrupted, and past a user whose credentials do not open', async () => {
    const before = await world.open({}, ONE);
    for (const id of ['a', 'b', 'c', 'd']) await before.addUser(newUser(id));
    await world.stored.users.updateOne({ _id: 'c' }, { $set: { url: 'https://evil.example' } });
    const store = await world.open({}, TWO);
    const stop = new AbortController();
    for await (const { userKey } of store.reseal(stop.signal)) if (userKey === 'b') stop.abort();
    expect(await world.stored.users.countDocuments({ 'sealed.keyId': 'k2' })).toBe(2);
    expect(await all(store.reseal(ALWAYS))).toEqual([
      { userKey: 'c', fault: expect.stringContaining('https://evil.example') },
      { userKey: 'd', fault: null },
    ]);
    expect(await sealOf('c')).toMatchObject({ keyId: 'k1' });
  });

  test('never takes back credentials that are set while it runs', async () => {
    const before = await world.open({}, ONE);
    const ids = Array.from({ length: 20 }, (_, n) => `user-${n}`);
    for (const id of ids) await before.addUser(newUser(id));
    const next = { ...CREDENTIALS, secret: 'the-next-one' };
    const setting = new Map<string, Promise<void>>();
    const users = await before.users({ limit: ids.length });
    const keys = sealerOf({ k2: K2, k1: K1 });
    const sealer = {
      ...keys,
      decrypt(...[sealed, additionalData]: Parameters<typeof keys.decrypt>) {
        const user = users.find(({ life }) => additionalData.includes(life));
        // Between reading the old seal and writing the new one.
        if (user && !setting.has(user.userKey)) setting.set(user.userKey, before.setCredentials(user, next));
        return keys.decrypt(sealed, additionalData);
      },
    };
    const store = await world.open({}, { sealer });
    expect((await all(store.reseal(ALWAYS))).length).toBeGreaterThanOrEqual(ids.length);
    await Promise.all(setting.values());
    expect(setting.size).toBe(ids.length);
    for (const user of users) expect(await store.credentials(user)).toEqual(next);
  });
});

test('a program without a key ring reads no credentials and says why', async () => {
  const store = await world.open({}, ONE);
  await store.addUser(newUser());
  const blind = await world.open({}, { sealer: undefined as never });
  await expect(blind.credentials(await userNow(blind))).rejects.toThrow(/CREDENTIALS_KEYS/);
  expect(await userNow(blind)).toMatchObject({ userKey: 'acme' });
});
