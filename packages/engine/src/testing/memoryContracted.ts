import type { EngineSettings } from '@odoo-sync/core';
import type { Contracted } from './contract/contracted.js';
import { driven } from './driven.js';
import { MemoryLanes } from './memoryLanes.js';
import { MemoryLedger, NOBODY } from './memoryLedger.js';
import { MemoryMirror } from './memoryMirror.js';
import { removalSteps } from './memoryRemoval.js';
import { memoryStore } from './memoryStore.js';

const NOON = Date.UTC(2026, 2, 28, 12);

/**
 * The store in memory, as its contract needs it: whatever stands at a stop goes on, in the order of their coming. @param inParts
 * its commits need several transactions.
 */
export async function openMemoryContracted(settings: EngineSettings, inParts: boolean): Promise<Contracted> {
  let now = NOON;
  const clock = () => now;
  const { actors, actor, end } = driven();
  const ledger = new MemoryLedger(clock, settings);
  const lanes = new MemoryLanes(actors, clock, settings);
  const backend = { actors, ledger, lanes, mirror: new MemoryMirror(), actor, author: NOBODY };
  const store = memoryStore(backend, inParts);
  return {
    store,
    settings,
    async addUser(userKey, address) {
      const user = ledger.addUser(userKey, address);
      if (!user) throw new Error(`the user ${userKey} exists already`);
      lanes.open(user);
      return user;
    },
    async endLife(ref) {
      const user = ledger.users.get(ref.userKey);
      if (user?.life !== ref.life) throw new Error(`that life of ${ref.userKey} has ended already`);
      for (const step of removalSteps(backend, user)) step();
    },
    async setCredentials(user) {
      ledger.changeCredentials(user);
      await store.restoreUser(user);
    },
    requestResync: async (user, range) => ledger.putResync(user, range),
    expire: async (lane) => lanes.expire(lane),
    async pass(ms) {
      now += ms;
      lanes.renew();
    },
    close: async () => end(),
  };
}
