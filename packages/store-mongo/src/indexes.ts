import { MODULES, SyncError } from '@odoo-sync/core';
import { MongoServerError } from 'mongodb';
import type { StoreContext } from './context.js';

const TURN_HISTORY_SECONDS = 7 * 86_400;

/**
 * Makes every index that the engine needs; nothing happens where they exist.
 * @throws SyncError `configuration` when existing data breaks a unique index, naming an example and the remedy.
 */
export async function ensureIndexes(context: StoreContext): Promise<void> {
  const { batches, plans, resyncs, turns } = context;
  for (const { collection } of Object.values(MODULES)) {
    const records = context.mirror(collection);
    await explained(collection, 'userId, odooId', () =>
      records.createIndex({ userId: 1, odooId: 1 }, { unique: true, name: 'odoosync_record' }),
    );
  }
  // Partial: an older engine's batches have the same fields and no release.
  await explained('odoosyncbatches', 'userId, module, startTime', () =>
    batches.createIndex(
      { userId: 1, module: 1, startTime: 1 },
      { unique: true, name: 'odoosync_window', partialFilterExpression: { release: { $exists: true } } },
    ),
  );
  const ours = { partialFilterExpression: { release: { $exists: true } } };
  await batches.createIndexes([
    { key: { userKey: 1, status: 1, startTime: 1 }, name: 'odoosync_next', ...ours },
    { key: { userKey: 1, status: 1, dueAt: 1 }, name: 'odoosync_due', ...ours },
    { key: { status: 1, _id: 1 }, name: 'odoosync_status', ...ours },
  ]);
  await plans.createIndex({ nextTurnAt: 1 }, { name: 'odoosync_due' });
  await resyncs.createIndexes([
    { key: { userKey: 1, status: 1, requestedAt: 1 }, name: 'odoosync_next' },
    { key: { status: 1, _id: 1 }, name: 'odoosync_status' },
  ]);
  await turns.createIndexes([
    { key: { endedAt: 1 }, name: 'odoosync_history', expireAfterSeconds: TURN_HISTORY_SECONDS },
    { key: { userKey: 1, takenAt: 1 }, name: 'odoosync_user' },
  ]);
}

const DUPLICATE_KEY = 11000;
const OPTIONS_CONFLICT = 85;
const SPECS_CONFLICT = 86;

async function explained(collection: string, key: string, create: () => Promise<string>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    if (error.code === DUPLICATE_KEY) {
      const example = JSON.stringify(error.keyValue ?? {});
      throw new SyncError(
        'configuration',
        `the collection ${collection} must hold one document for each (${key}), but holds several, for example ${example}: remove the surplus ones, then start again`,
        { cause: error },
      );
    }
    // The same unique index under a name of an earlier engine does the same work.
    if (error.code === OPTIONS_CONFLICT && isUnderAnotherName(error)) return;
    if (error.code === OPTIONS_CONFLICT || error.code === SPECS_CONFLICT) {
      throw new SyncError(
        'configuration',
        `the collection ${collection} has another index on (${key}) that isn't the unique one needed: drop it, then start again (${error.message})`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** The server says "already exists with a different name" only when everything but the name is equal. */
const isUnderAnotherName = (error: MongoServerError): boolean =>
  /already exists with a different name/.test(error.message);
