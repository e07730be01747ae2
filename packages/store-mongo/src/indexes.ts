import { MODULES, SyncError } from '@odoo-sync/core';
import type { Collection, Document } from 'mongodb';
import type { BatchDocument } from './collections.js';
import type { StoreContext } from './context.js';
import {
  duplicateOf,
  isDuplicateKey,
  isIndexConflict,
  isIndexUnderAnotherName,
  isNoSuchIndex,
} from './mongoErrors.js';
import { messageOf, refusalOf } from './serverFaults.js';

const TURN_HISTORY_SECONDS = 7 * 86_400;
const RECORD = ['userId', 'odooId'] as const;
const WINDOW = ['userId', 'module', 'startTime'] as const;
/** Batches of an earlier engine have the same fields, but no release. */
const OURS = { release: { $exists: true } } as const;
/** Every status but `succeeded` stands before it in the alphabet. A sealed batch, as nearly all become, is found by its id alone. */
const UNSEALED = { ...OURS, status: { $lt: 'succeeded' } } as const;
/** In the plans of earlier versions, see moveSchemas: with none of them left the index is empty. */
const OLD_PLAN = { 'modules.contacts.retired': 1 } as const;
/** Earlier versions kept what is sealed in them, too. */
const REPLACED = ['odoosync_round', 'odoosync_due', 'odoosync_status'] as const;

/**
 * Makes every index that the engine needs. Those that exist stay as they are.
 * @throws SyncError `configuration` when existing data or another index breaks a unique index, naming an example and the remedy.
 */
export async function ensureIndexes(context: StoreContext): Promise<void> {
  const { batches, plans, resyncs, audits, turns, users } = context;
  for (const { collection } of Object.values(MODULES)) {
    const records = context.mirror(collection);
    await unique(records, RECORD, 'odoosync_record');
    await refuseStricter(records, RECORD);
  }
  await unique(batches, WINDOW, 'odoosync_window', OURS);
  await refuseStricter(batches, WINDOW, OURS);
  const unsealed = { partialFilterExpression: UNSEALED };
  await explained(batches, () =>
    batches.createIndexes([
      {
        key: { userKey: 1, status: 1, startTime: 1, module: 1 },
        name: 'odoosync_unsealed_round',
        ...unsealed,
      },
      { key: { userKey: 1, status: 1, dueAt: 1 }, name: 'odoosync_unsealed_due', ...unsealed },
      { key: { status: 1, _id: 1 }, name: 'odoosync_unsealed_status', ...unsealed },
    ]),
  );
  await dropReplaced(batches);
  await explained(users, () =>
    users.createIndexes([
      { key: { standing: 1, _id: 1 }, name: 'odoosync_standing' },
      { key: { life: 1 }, name: 'odoosync_life' },
    ]),
  );
  await explained(plans, () =>
    plans.createIndexes([
      { key: { nextTurnAt: 1 }, name: 'odoosync_due' },
      { key: { source: 1 }, name: 'odoosync_source' },
      { key: OLD_PLAN, name: 'odoosync_old_plan', sparse: true },
    ]),
  );
  await explained(resyncs, () =>
    resyncs.createIndexes([
      { key: { userKey: 1, status: 1, requestedAt: 1 }, name: 'odoosync_next' },
      { key: { status: 1, _id: 1 }, name: 'odoosync_status' },
    ]),
  );
  await explained(audits, () =>
    audits.createIndexes([
      { key: { userKey: 1 }, name: 'odoosync_user' },
      { key: { status: 1, _id: 1 }, name: 'odoosync_status' },
    ]),
  );
  await explained(turns, () =>
    turns.createIndexes([
      { key: { endedAt: 1 }, name: 'odoosync_history', expireAfterSeconds: TURN_HISTORY_SECONDS },
      { key: { userKey: 1, takenAt: 1 }, name: 'odoosync_user' },
    ]),
  );
}

/** Drops what an earlier version made, once what is used instead stands. */
async function dropReplaced(batches: Collection<BatchDocument>): Promise<void> {
  const there = new Set((await batches.indexes()).map(({ name }) => name));
  for (const name of REPLACED) {
    if (!there.has(name)) continue;
    try {
      await batches.dropIndex(name);
    } catch (error) {
      // Another program that starts has done it.
      if (!isNoSuchIndex(error)) throw error;
    }
  }
}

async function unique<T extends Document>(
  collection: Collection<T>,
  fields: readonly string[],
  name: string,
  partialFilterExpression?: Document,
): Promise<void> {
  const key = Object.fromEntries(fields.map((field) => [field, 1 as const]));
  const options = { unique: true, name, ...(partialFilterExpression ? { partialFilterExpression } : {}) };
  await explained(collection, async () => {
    try {
      await collection.createIndex(key, options);
    } catch (error) {
      // The same unique index under another name, as an earlier engine gave it, does the same work.
      if (isIndexUnderAnotherName(error)) return;
      if (isDuplicateKey(error))
        throw duplicates(collection.collectionName, fields, duplicateOf(error), error);
      throw error;
    }
  });
}

function duplicates(
  collection: string,
  fields: readonly string[],
  duplicate: Document,
  cause: unknown,
): SyncError {
  const example = JSON.stringify(duplicate);
  const id = `{${fields.map((field) => `${field}: "$${field}"`).join(', ')}}`;
  const list = `db.${collection}.aggregate([{$group: {_id: ${id}, n: {$sum: 1}}}, {$match: {n: {$gt: 1}}}])`;
  return new SyncError(
    'configuration',
    `the collection ${collection} must hold one document for each (${fields.join(', ')}), but holds several, for example ${example}: remove the surplus ones, then start again; ${list} lists them all`,
    { cause },
  );
}

/**
 * Under a unique index on fewer fields than ours, one user's record keeps out another's; under one that covers an earlier engine's
 * batches too, those keep out our windows. It would show as a failed commit, or as a window that is never read.
 */
async function refuseStricter<T extends Document>(
  collection: Collection<T>,
  fields: readonly string[],
  filter?: Document,
): Promise<void> {
  const indexes = await collection.indexes();
  const stricter = indexes.find((index) => {
    const keys = Object.keys(index.key);
    const within = index.unique === true && keys.every((field) => fields.includes(field));
    const same = JSON.stringify(index.partialFilterExpression) === JSON.stringify(filter);
    return within && !(keys.length === fields.length && (same || filter === undefined));
  });
  if (!stricter) return;
  const { collectionName: name } = collection;
  throw new SyncError(
    'configuration',
    `the collection ${name} has a unique index "${stricter.name}" on (${Object.keys(stricter.key).join(', ')}), which keeps out what the engine must store: drop it by db.${name}.dropIndex("${stricter.name}"), then start again`,
  );
}

/** Makes an index; where that fails, the error says what an operator must do. */
async function explained(
  { collectionName }: { readonly collectionName: string },
  create: () => Promise<unknown>,
): Promise<void> {
  try {
    await create();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal) throw refusal;
    if (isIndexConflict(error))
      throw new SyncError(
        'configuration',
        `the collection ${collectionName} has another index that isn't the one needed under its name: drop it, then start again (${messageOf(error)})`,
        { cause: error },
      );
    throw error;
  }
}
