import { DEFAULT_SETTINGS } from '@odoo-sync/core';
import { MODELS } from '@odoo-sync/simulator';
import type { Document } from 'mongodb';
import { simulatedUser, startFleet } from '../system/fleet.js';
import { untilTrue } from '../system/progress.js';
import type { Servers } from '../system/servers.js';
import { startSimulatorProcess } from '../system/simulator.js';

export const TEMPLATE = 'template';
const DAYS = 90;
/** Enough for every day of a module to hold some: a day without any is no window of its own. */
const RECORDS_A_DAY = 20;
const LIMIT_MS = 60_000;
const APART_MS = 1_237;
/** The older windows of a user in the middle of its backfill. */
const SEALED_SHARE = 0.66;
const NOTHING = { read: 0, inserted: 0, updated: 0, unchanged: 0 };

/** A user's documents, by collection. */
export type UserDocuments = Readonly<Record<string, readonly Document[]>>;

/**
 * How far the user is. `midBackfill`: the older two thirds of its windows are sealed, the others not read yet. `caughtUp`: all
 * are read, and sealed where that is possible.
 */
export type TemplateState = 'midBackfill' | 'caughtUp';

/**
 * The documents of a user: connected, and its windows made, by the engine's own processes, one for each day of each module;
 * how far each window is, is then written.
 */
export async function makeTemplateUser(
  servers: Servers,
  state: TemplateState = 'midBackfill',
  days = DAYS,
): Promise<UserDocuments> {
  const spec = { count: RECORDS_A_DAY * days, days, activeDays: days };
  const simulator = await startSimulatorProcess([
    { name: TEMPLATE, models: Object.fromEntries(MODELS.map((model) => [model, spec])) },
  ]);
  const fleet = await startFleet(servers, {
    workers: 1,
    settings: { INITIAL_SYNC_RANGE_DAYS: String(days) },
  });
  try {
    await fleet.addUser(simulatedUser(simulator.url, TEMPLATE));
    const batches = fleet.db.collection('odoosyncbatches');
    // The windows before the first day with records may be one phase.
    await untilTrue(
      'every window is made',
      async () => (await batches.countDocuments()) >= MODELS.length * days,
      LIMIT_MS,
    );
    await fleet.end();
    const all = async (name: string) => fleet.db.collection(name).find().sort({ startTime: 1 }).toArray();
    return {
      odoosyncusers: await all('odoosyncusers'),
      odoosyncplans: await all('odoosyncplans'),
      odoosyncschemas: await all('odoosyncschemas'),
      odoosynclanes: await all('odoosynclanes'),
      odoosyncfences: await all('odoosyncfences'),
      odoosyncbatches: (await all('odoosyncbatches')).map(
        state === 'caughtUp' ? whenCaughtUp : inMidBackfill,
      ),
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

/** As a pass of its own leaves it, that of a day past its seal time. */
function whenCaughtUp(batch: Document, n: number): Document {
  const sealable = new Date(batch.endTime.getTime() + DEFAULT_SETTINGS.settleMs);
  const sealed = sealable < new Date();
  const readAt = new Date(Math.min(sealable.getTime() + n * APART_MS, Date.now()));
  return {
    ...batch,
    status: sealed ? 'succeeded' : 'open',
    release: batch.release + 1,
    attempts: 0,
    expiries: 0,
    dueAt: sealable,
    retryAt: null,
    queuedAt: readAt,
    readStartedAt: readAt,
    counts: NOTHING,
    pages: 1,
    durationMs: 50,
    sealedBy: sealed ? 'pass' : null,
    parts: 0,
    lastError: null,
  };
}
