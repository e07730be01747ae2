import { setTimeout as pause } from 'node:timers/promises';
import { describeStoreContract } from '@odoo-sync/engine/testing';
import { MongoWorld, newUser } from './testing/mongoWorld.js';

const world = new MongoWorld();
/** One for all tests, emptied for each: its indexes would take longer than a test. */
const DATABASE = 'contract';

async function empty(): Promise<void> {
  const collections = await world.raw.db(DATABASE).collections();
  await Promise.all(collections.map((collection) => collection.deleteMany({})));
}

describeStoreContract('on MongoDB', async (settings) => {
  await empty();
  const store = await world.open(settings, { database: DATABASE });
  const lanes = world.raw.db(DATABASE).collection<{ _id: string }>('odoosynclanes');
  return {
    store,
    settings,
    addUser: (userKey, address = { url: 'https://odoo.test', db: userKey }) =>
      store.addUser(newUser(userKey, { address })),
    async endLife(user) {
      await store.beginRemoval(user);
      while (!(await store.purgeStep(user)).done);
    },
    setCredentials: (user) =>
      store.setCredentials(user, { kind: 'apiKey', login: user.login, secret: 'another' }),
    requestResync: (user, range) => store.requestResync(user, { ...range, requestedBy: 'a test' }),
    async expire({ userKey, module }) {
      await lanes.updateOne({ _id: userKey }, { $set: { [`lanes.${module}.expiresAt`]: new Date(0) } });
    },
    async pass(ms) {
      await pause(ms + 1);
    },
    // The world closes what it opened.
    async close() {},
  };
});
