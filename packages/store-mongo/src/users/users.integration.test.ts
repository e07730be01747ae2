import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { errorRecordOf, SyncError, storeTime } from '@odoo-sync/core';
import { ObjectId } from 'mongodb';
import {
  ADDRESS,
  CREDENTIALS,
  firstDay,
  layWindows,
  MongoWorld,
  NOBODY,
  newUser,
  passOf,
  record,
  SECRET,
  SUMMARY,
  sealerOf,
  streamOf,
  until,
} from '../testing/mongoWorld.js';

const world = new MongoWorld();

/** Everything in the database, as text. */
async function everything(): Promise<string> {
  const collections = await world.db.listCollections().toArray();
  const all = await Promise.all(collections.map(({ name }) => world.db.collection(name).find().toArray()));
  return JSON.stringify(all);
}

describe('a user', () => {
  test('comes back as it was added, and its secret stands in no document', async () => {
    const store = await world.open();
    const user = await store.addUser(newUser());
    expect(user).toMatchObject({ userKey: 'acme', address: ADDRESS, standing: 'active' });
    expect(await store.user('acme')).toEqual(user);
    expect(await store.users({ limit: 9 })).toEqual([user]);
    expect(await store.credentials(await world.ref('acme'))).toEqual(CREDENTIALS);
    const text = await everything();
    expect(text).toContain('sealed');
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(Buffer.from(SECRET).toString('base64'));
    expect(JSON.stringify([user, await store.snapshot('acme'), await store.reports(['acme'])])).not.toContain(
      'sealed',
    );
  });

  test('is a reason to refuse a key ring that opens nobody, but not one that opens others', async () => {
    const right = sealerOf({ k1: randomBytes(32) });
    const wrong = sealerOf({ k1: randomBytes(32) });
    const store = await world.open({}, { sealer: right });
    await expect(store.checkKeyRing()).resolves.toBeUndefined();
    await store.addUser(newUser());
    await expect(store.checkKeyRing()).resolves.toBeUndefined();
    const other = await world.open({}, { sealer: wrong });
    await expect(other.checkKeyRing()).rejects.toMatchObject({ kind: 'configuration' });
    await other.addUser(newUser('other'));
    await expect(other.checkKeyRing()).resolves.toBeUndefined();
  });

  test("a ciphertext copied to another user doesn't open", async () => {
    const store = await world.open();
    await store.addUser(newUser());
    await store.addUser(newUser('other'));
    const from = await world.stored.users.findOne({ _id: 'acme' });
    await world.stored.users.updateOne({ _id: 'other' }, { $set: { sealed: from!.sealed } });
    await expect(store.credentials(await world.ref('other'))).rejects.toThrow();
  });

  test('is opened by a key ring that still holds the key of its secret, and sealed with the first one when set again', async () => {
    const [one, two] = [randomBytes(32), randomBytes(32)];
    const before = await world.open({}, { sealer: sealerOf({ k1: one }) });
    await before.addUser(newUser());
    const after = await world.open({}, { sealer: sealerOf({ k2: two, k1: one }) });
    expect(await after.credentials(await world.ref('acme'))).toEqual(CREDENTIALS);
    await after.setCredentials(await world.ref('acme'), CREDENTIALS);
    expect((await world.stored.users.findOne({ _id: 'acme' }))?.sealed.keyId).toBe('k2');
    await expect(before.credentials(await world.ref('acme'))).rejects.toThrow('no key k2');
  });

  test('who exists is not added again, nor changed by the try', async () => {
    const store = await world.open();
    await store.addUser(newUser());
    const before = await everything();
    const again = store.addUser(newUser('acme', { address: { url: 'https://other.example', db: 'other' } }));
    await expect(again).rejects.toThrow(/acme exists already/);
    await expect(again).rejects.toBeInstanceOf(SyncError);
    expect(await everything()).toBe(before);
  });

  test('who is added twice at once exists once, and one caller is told', async () => {
    const store = await world.open();
    const added = await Promise.allSettled([store.addUser(newUser()), store.addUser(newUser())]);
    expect(added.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = added.find((one) => one.status === 'rejected');
    expect(refused?.reason).toBeInstanceOf(SyncError);
    expect(String(refused?.reason)).toContain('exists already');
  });

  test('who is being removed is not added, changed or restored', async () => {
    const store = await world.open();
    await store.addUser(newUser());
    await store.beginRemoval(await world.ref('acme'));
    await expect(store.addUser(newUser())).rejects.toThrow(/is being removed/);
    await expect(store.setCredentials(await world.ref('acme'), CREDENTIALS)).rejects.toThrow(
      'there is no user acme',
    );
    await store.needsAttention(
      { ...(await world.ref('acme')), credentialVersion: 1 },
      errorRecordOf('no', storeTime(new Date())),
      storeTime(new Date()),
    );
    await store.restoreUser(await world.ref('acme'));
    expect((await store.user('acme'))?.standing).toBe('removing');
  });

  test('an ObjectId stays one in everything stored, and differs from its text', async () => {
    const store = await world.open();
    const userId = new ObjectId();
    const user = await store.addUser(newUser(userId));
    const text = await store.addUser(newUser(userId.toHexString()));
    expect(user.userKey).toBe(`~~${userId.toHexString()}`);
    expect(text.userKey).toBe(userId.toHexString());
    expect((await store.user(user.userKey))?.userId).toEqual(userId);
    await layWindows(store, user, firstDay(user));
    await store.requestResync(user, { modules: ['contacts'], requestedBy: 'a test' });
    const lane = await world.take(store, user);
    await store.noteSchema(lane, passOf(user, lane), {});
    await store.commitTail(passOf(user, lane), streamOf([record(1)]));
    await lane.giveBack(SUMMARY);
    // The history isn't waited for by the majority, which is what this client sees.
    const history = world.db.collection('odoosyncturns');
    await until('the history is there', async () => (await history.countDocuments()) > 0);
    const collections = await world.db.listCollections().toArray();
    const holding: string[] = [];
    for (const { name } of collections) {
      const found = await world.db.collection(name).findOne({ userId });
      if (!found) continue;
      expect(found.userId).toBeInstanceOf(ObjectId);
      holding.push(name);
    }
    expect(holding.sort()).toEqual([
      'odoocontacts',
      'odoosyncaudits',
      'odoosyncbatches',
      'odoosyncfences',
      'odoosynclanes',
      'odoosyncplans',
      'odoosyncresyncs',
      'odoosyncschemas',
      'odoosyncturns',
      'odoosyncusers',
    ]);
    expect(await store.countRecords(text, 'contacts')).toBe(0);
    expect(await store.countRecords(user, 'contacts')).toBe(1);
  });
});

describe('a user who needs attention', () => {
  test('waits for its probe, and new credentials make it due at once', async () => {
    const store = await world.open();
    await store.addUser(newUser());
    const probeAt = new Date((await store.now()).getTime() + 3_600_000);
    await store.needsAttention(
      { ...(await world.ref('acme')), credentialVersion: 1 },
      errorRecordOf(new SyncError('credentials', 'refused'), storeTime(probeAt)),
      storeTime(probeAt),
    );
    await store.noteSyncState(await world.ref('acme'), { suspectUntil: storeTime(probeAt) });
    expect(await store.dueUsers(10)).toEqual([]);
    expect(await store.user('acme')).toMatchObject({
      standing: 'needs_attention',
      attention: { kind: 'credentials', message: 'refused' },
    });
    expect((await store.snapshot('acme'))?.candidates).toEqual([]);

    const next = { kind: 'password', login: 'other', secret: 'another' } as const;
    await store.setCredentials(await world.ref('acme'), next);
    expect(await store.credentials(await world.ref('acme'))).toEqual(next);
    expect(await store.user('acme')).toMatchObject({
      standing: 'active',
      attention: null,
      login: 'other',
      credentialVersion: 2,
    });
    expect(await store.dueUsers(10)).toEqual(['acme']);
    const plan = await store.syncState(await world.ref('acme'));
    expect(plan?.suspectUntil).toBeNull();
    expect(plan!.tail.dueAt.getTime()).toBeLessThanOrEqual((await store.now()).getTime());
  });

  test('is not made one by a verdict on credentials that were changed meanwhile', async () => {
    const store = await world.open();
    const user = await store.addUser(newUser());
    await store.setCredentials(await world.ref('acme'), CREDENTIALS);
    const plan = await store.syncState(await world.ref('acme'));
    await store.needsAttention(
      user,
      errorRecordOf('refused', storeTime(new Date())),
      storeTime(new Date('2099-01-01')),
    );
    expect(await store.user('acme')).toMatchObject({ standing: 'active', attention: null });
    expect(await store.syncState(await world.ref('acme'))).toEqual(plan);
  });

  test("restoring changes the plan's revision, so that a plan made before is not carried out", async () => {
    const store = await world.open();
    await store.addUser(newUser());
    const before = await store.syncState(await world.ref('acme'));
    await store.restoreUser(await world.ref('acme'));
    const turns = { tail: true, round: [] };
    expect(
      await store.release(await world.ref('acme'), {
        rev: before!.rev,
        ...turns,
        rota: before!.rota,
        idleUntil: null,
        nextTurnAt: before!.nextTurnAt,
        at: storeTime(new Date()),
      }),
    ).toBeNull();
  });

  test('credentials of nobody are refused', async () => {
    const store = await world.open();
    await expect(store.credentials(NOBODY)).rejects.toThrow('there is no user nobody');
    await expect(store.setCredentials(NOBODY, CREDENTIALS)).rejects.toThrow('there is no user nobody');
    expect(await store.user('nobody')).toBeNull();
    expect(await store.snapshot('nobody')).toBeNull();
  });
});
