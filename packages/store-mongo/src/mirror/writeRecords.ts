import { moduleOf, type SourceRecord, SyncError, type UserId, type WriteScope } from '@odoo-sync/core';
import { type ClientSession, ObjectId, type UpdateFilter } from 'mongodb';
import type { MirrorDocument, MirrorSync } from '../collections.js';
import type { StoreContext } from '../context.js';
import { bsonTyped } from './bsonTyped.js';
import { orRefused } from './refusedRecords.js';
import { isReserved, namesChecked } from './storedNames.js';

export interface WriteCounts {
  read: number;
  inserted: number;
  updated: number;
  unchanged: number;
}

export const noCounts = (): WriteCounts => ({ read: 0, inserted: 0, updated: 0, unchanged: 0 });

export const addCounts = (a: WriteCounts, b: WriteCounts): WriteCounts => ({
  read: a.read + b.read,
  inserted: a.inserted + b.inserted,
  updated: a.updated + b.updated,
  unchanged: a.unchanged + b.unchanged,
});

const STORED = {
  odooId: 1,
  '_sync.hash': 1,
  '_sync.deletedAt': 1,
  '_sync.firstSeen': 1,
  '_sync.unread': 1,
} as const;
type Stored = Pick<MirrorDocument, '_id' | 'odooId' | '_sync'>;

/** A range of ids is read as a whole when it spans at most this many ids for each one asked for. */
const DENSE = 3;

/**
 * Writes one chunk of records inside a transaction: reads the stored hashes, inserts what is new, updates what changed,
 * leaves the rest untouched. An update sets the engine's fields and unsets those no longer mirrored; what another program
 * keeps in the same document stays. A document without `_sync` (an earlier engine's) is taken over.
 * @throws RecordsRefusedError when MongoDB refuses records for what they are.
 */
export async function writeRecords(
  context: StoreContext,
  scope: WriteScope,
  records: readonly SourceRecord[],
  session: ClientSession,
): Promise<WriteCounts> {
  const mirror = context.mirror(moduleOf(scope.module).collection);
  const { userId } = scope.user;
  const stored = new Map<number, Stored>();
  const wanted = idFilter(records.map((record) => record.odooId));
  const found = mirror.find({ userId, odooId: wanted }, { session, projection: STORED });
  for await (const document of found) stored.set(document.odooId, document);

  const now = new Date();
  const inserts: MirrorDocument[] = [];
  const updates: Rewrite[] = [];
  const check = namesChecked(scope.fields);
  const typed = bsonTyped(scope.fields);
  for (const record of records) {
    check(record);
    const old = stored.get(record.odooId);
    if (!old) {
      const sync = {
        batch: scope.origin,
        firstSeen: now,
        lastChanged: now,
        hash: record.hash,
        deletedAt: null,
        ...(record.unread ? { unread: record.unread } : {}),
      };
      inserts.push(documentOf(typed(record), userId, sync));
    } else if (old._sync?.hash !== record.hash || old._sync.deletedAt) {
      const update = rewriteOf(scope, typed(record), old, now);
      updates.push({ odooId: record.odooId, filter: { _id: old._id, userId }, document: update });
    }
  }
  if (inserts.length > 0) {
    await orRefused(
      () => mirror.insertMany(inserts, { session }),
      () => inserts.map((document) => ({ odooId: document.odooId, document })),
    );
  }
  if (updates.length > 0) {
    const operations = updates.map(({ filter, document: update }) => ({ updateOne: { filter, update } }));
    const { matchedCount } = await orRefused(
      () => mirror.bulkWrite(operations, { session, ordered: false }),
      () => updates,
    );
    if (matchedCount !== updates.length)
      throw new SyncError('bug', `${updates.length} documents were to be updated, and ${matchedCount} were`);
  }
  return {
    read: records.length,
    inserted: inserts.length,
    updated: updates.length,
    unchanged: records.length - inserts.length - updates.length,
  };
}

/** The fields object becomes the document: copying fifty fields would cost more than everything else that is done to a record here. */
function documentOf({ odooId, fields }: SourceRecord, userId: UserId, _sync: MirrorSync): MirrorDocument {
  return Object.assign(fields as MirrorDocument, { _id: new ObjectId(), userId, odooId, _sync });
}

/** @param ids in rising order. */
function idFilter(ids: readonly number[]) {
  const first = ids[0] ?? 0;
  const last = ids.at(-1) ?? 0;
  return last - first < ids.length * DENSE ? { $gte: first, $lte: last } : { $in: [...ids] };
}

interface Rewrite {
  readonly odooId: number;
  readonly filter: { readonly _id: ObjectId; readonly userId: UserId };
  readonly document: UpdateFilter<MirrorDocument>;
}

function rewriteOf(
  scope: WriteScope,
  record: SourceRecord,
  old: Stored,
  now: Date,
): UpdateFilter<MirrorDocument> {
  const $set: Record<string, unknown> = {
    ...record.fields,
    '_sync.batch': scope.origin,
    '_sync.lastChanged': now,
    '_sync.hash': record.hash,
    '_sync.deletedAt': null,
  };
  if (!old._sync?.firstSeen) $set['_sync.firstSeen'] = now;
  if (record.unread) $set['_sync.unread'] = record.unread;
  const gone = [
    ...scope.retired.filter((name) => !isReserved(name)),
    ...(old._sync?.unread && !record.unread ? ['_sync.unread'] : []),
  ];
  if (gone.length === 0) return { $set };
  return { $set, $unset: Object.fromEntries(gone.map((field) => [field, true as const])) };
}
