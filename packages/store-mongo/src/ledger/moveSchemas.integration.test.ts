import { expect, test } from '@jest/globals';
import { MODULE_NAMES, storeTime, type User } from '@odoo-sync/core';
import type { MongoStore } from '../openStore.js';
import { MongoWorld, newUser } from '../testing/mongoWorld.js';

const world = new MongoWorld();
const DESCRIBED_AT = storeTime(new Date('2026-11-24T00:30:00Z'));

const listOf = (...names: readonly string[]) => ({
  fields: names.map((name) => ({ name, type: 'char' })),
  dropped: ['barcode'],
  version: names.join(),
});

/** Makes a user's plan that of an earlier version, with a list of contacts. */
async function asBefore(user: User, fields = listOf('id', 'name'), retired = ['fax']): Promise<void> {
  const contacts = { fields, retired, wanted: 'these', describedAt: DESCRIBED_AT };
  const set = MODULE_NAMES.flatMap((module) =>
    Object.entries(module === 'contacts' ? contacts : { fields: null, retired: [] }).map(([name, value]) => [
      `modules.${module}.${name}`,
      value,
    ]),
  );
  await world.stored.plans.updateOne({ _id: user.userKey }, { $set: Object.fromEntries(set) });
}

async function contactsOf(store: MongoStore, user: User) {
  const state = (await store.syncState(user))?.modules.contacts;
  return { state, schema: await store.schema(user, 'contacts', state?.schema) };
}

test('a start moves what plans of an earlier version hold, and several at once do it together', async () => {
  const before = await world.open();
  const users: User[] = [];
  for (let n = 0; n < 60; n++) users.push(await before.addUser(newUser(`user${n}`)));
  for (const user of users) await asBefore(user);
  const stores = await Promise.all([world.open(), world.open(), world.open()]);
  for (const user of users)
    expect(await contactsOf(stores[0], user)).toMatchObject({
      state: {
        schema: expect.any(String),
        dropped: ['barcode'],
        wanted: 'these',
        describedAt: DESCRIBED_AT,
      },
      schema: { fields: listOf('id', 'name'), retired: ['fax'] },
    });
  const { plans, schemas } = world.stored;
  for (const module of MODULE_NAMES)
    for (const name of ['fields', 'retired'])
      expect(await plans.countDocuments({ [`modules.${module}.${name}`]: { $exists: true } })).toBe(0);
  expect(await schemas.countDocuments()).toBe(users.length);
  expect(await schemas.findOne({ _id: 'user7/contacts' })).toMatchObject({
    userId: 'user7',
    userKey: 'user7',
    life: users[7]?.life,
    module: 'contacts',
  });
  const all = await schemas.find().toArray();
  world.logged = [];
  await world.open();
  expect(world.logged).toEqual([]);
  expect(await schemas.find().toArray()).toEqual(all);
});

test('what a program of the earlier version writes beside a schema is joined to it, and Odoo is asked anew', async () => {
  const before = await world.open();
  const user = await before.addUser(newUser());
  await asBefore(user, listOf('id', 'name', 'phone'), ['fax']);
  await world.open();
  await asBefore(user, listOf('id', 'mobile'), []);
  const after = await world.open();
  expect(await contactsOf(after, user)).toMatchObject({
    state: { wanted: 'these', describedAt: null },
    schema: { fields: listOf('id', 'mobile'), retired: ['fax', 'name', 'phone'] },
  });
});

test('what was retired in a life before is not of this one', async () => {
  const store = await world.open();
  const user = await store.addUser(newUser());
  await asBefore(user);
  await world.open();
  await world.stored.schemas.updateOne({ _id: 'acme/contacts' }, { $set: { life: 'another' } });
  await asBefore(user, listOf('id'), []);
  const after = await world.open();
  expect(await contactsOf(after, user)).toMatchObject({
    state: { describedAt: DESCRIBED_AT },
    schema: { fields: listOf('id'), retired: [] },
  });
});

test('looking for such plans reads none of the others', async () => {
  const store = await world.open();
  for (let n = 0; n < 20; n++) await store.addUser(newUser(`user${n}`));
  const explained = await world.stored.plans
    .find({ 'modules.contacts.retired': { $exists: true } })
    .explain('executionStats');
  expect(explained.executionStats).toMatchObject({ totalDocsExamined: 0, totalKeysExamined: 0 });
});
