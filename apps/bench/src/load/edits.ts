import { MODULE_NAMES, moduleOf } from '@odoo-sync/core';
import type { ModelName, SimulatorClient } from '@odoo-sync/simulator';
import type { Db } from 'mongodb';
import { untilTrue } from '../system/progress.js';

/** A record to be edited in a simulated Odoo. */
export interface Edit {
  readonly db: string;
  readonly model: ModelName;
  readonly id: number;
}

/** Every mirrored record, by its document. A user's database has the user's name. */
export async function mirroredRecords(db: Db): Promise<ReadonlyMap<string, Edit>> {
  const all = new Map<string, Edit>();
  for (const name of MODULE_NAMES) {
    const { collection, model } = moduleOf(name);
    const found = db.collection(collection).find({}, { projection: { userId: 1, odooId: 1 } });
    for await (const { _id, userId, odooId } of found)
      all.set(String(_id), { db: userId, model: model as ModelName, id: odooId });
  }
  return all;
}

/** So many of them, each once, spread over users and modules by the order of their documents' ids. */
export function editsOf(all: ReadonlyMap<string, Edit>, count: number): ReadonlyMap<string, Edit> {
  const entries = [...all];
  const step = Math.max(1, Math.floor(entries.length / count));
  const chosen = entries.filter((_, n) => n % step === 0).slice(0, count);
  // Not in the order of users: their edits would come in bursts.
  return new Map(
    chosen
      .map((entry, n) => ({ entry, at: (n * 7_919) % chosen.length }))
      .sort((a, b) => a.at - b.at)
      .map(({ entry }) => entry),
  );
}

/** How long each edit took, from the simulator's answer to its event in a change stream of the mirror, in milliseconds. */
export interface EditLags {
  readonly lags: readonly number[];
  /** Waits for those that are on their way. @throws when they don't come in time. */
  drain(limitMs: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Edits records, so many a second, and sees them come into the mirror. To be closed by the caller. */
export async function editRecords(
  db: Db,
  client: SimulatorClient,
  edits: ReadonlyMap<string, Edit>,
  perSecond: number,
): Promise<EditLags> {
  const answeredAt = new Map<string, number>();
  const lags: number[] = [];
  const collections = MODULE_NAMES.map((name) => moduleOf(name).collection);
  const stream = db.watch([{ $match: { 'ns.coll': { $in: collections } } }], { maxAwaitTimeMS: 50 });
  stream.on('change', (change) => {
    if (!('documentKey' in change)) return;
    const key = String(change.documentKey._id);
    const at = answeredAt.get(key);
    if (at === undefined) return;
    answeredAt.delete(key);
    lags.push(performance.now() - at);
  });
  stream.on('error', () => {});
  const close = () => stream.close();
  try {
    const began = performance.now();
    let n = 0;
    for (const [key, edit] of edits) {
      const due = began + (n++ * 1_000) / perSecond;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      await client.call('write', { db: edit.db, model: edit.model, ids: [edit.id] });
      answeredAt.set(key, performance.now());
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    lags,
    close,
    async drain(limitMs) {
      await untilTrue('every edit is mirrored', async () => lags.length >= edits.size, limitMs);
      return lags;
    },
  };
}
