import { MODELS } from '@odoo-sync/simulator';
import type { Document } from 'mongodb';
import { simulatedUser, startFleet } from '../system/fleet.js';
import type { Servers } from '../system/servers.js';
import { startSimulatorProcess } from '../system/simulator.js';
import { untilTrue } from '../system/untilTrue.js';

export const TEMPLATE = 'template';
const DAYS = 90;
const WINDOWS = MODELS.length * (DAYS + 1);
/** Enough for every day of a module to hold some: a day without any is no window of its own. */
const RECORDS = DAYS * 20;
const LIMIT_MS = 60_000;
/** The older windows of a user in the middle of his backfill. */
const SEALED_SHARE = 0.66;
const NOTHING = { read: 0, inserted: 0, updated: 0, unchanged: 0 };

/** A user's documents, by collection. */
export type UserDocuments = Readonly<Record<string, readonly Document[]>>;

/**
 * The documents of a user in the middle of his backfill: connected, and his windows made, by the engine's own processes;
 * the older two thirds of the windows are then taken as sealed.
 */
export async function makeTemplateUser(servers: Servers): Promise<UserDocuments> {
  const spec = { count: RECORDS, days: DAYS, activeDays: DAYS };
  const simulator = await startSimulatorProcess([
    { name: TEMPLATE, models: Object.fromEntries(MODELS.map((model) => [model, spec])) },
  ]);
  const fleet = await startFleet(servers, {
    workers: 1,
    settings: { INITIAL_SYNC_RANGE_DAYS: String(DAYS) },
  });
  try {
    await fleet.addUser(simulatedUser(simulator.url, TEMPLATE));
    const batches = fleet.db.collection('odoosyncbatches');
    // The windows before the first day with records may be one stretch.
    await untilTrue(
      'every window is made',
      async () => (await batches.countDocuments()) >= WINDOWS - MODELS.length,
      LIMIT_MS,
    );
    await fleet.end();
    const all = async (name: string) => fleet.db.collection(name).find().sort({ startTime: 1 }).toArray();
    return {
      odoosyncusers: await all('odoosyncusers'),
      odoosyncplans: await all('odoosyncplans'),
      odoosynclanes: await all('odoosynclanes'),
      odoosyncfences: await all('odoosyncfences'),
      odoosyncbatches: (await all('odoosyncbatches')).map(inMidBackfill),
    };
  } finally {
    await fleet.forget();
    await simulator.end();
  }
}

function inMidBackfill(batch: Document, n: number, all: readonly Document[]): Document {
  const idle = { ...batch, queuedAt: null, retryAt: null, attempts: 0, expiries: 0, parts: 0 };
  if (n > all.length * SEALED_SHARE) return { ...idle, status: 'pending', readStartedAt: null, counts: null };
  return { ...idle, status: 'succeeded', readStartedAt: new Date(), counts: NOTHING };
}
