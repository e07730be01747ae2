import { moduleOf, type SourceRecord, SyncError, type WriteScope } from '@odoo-sync/core';
import { BSON, type ClientSession, ObjectId } from 'mongodb';
import type { MirrorSync } from '../collections.js';
import type { StoreContext } from '../context.js';
import { documentOf, elementOf, elementsIn, elementsOf, type RawStatement, writeRaw } from './rawWrites.js';
import { refuseStrangers } from './refuseStrangers.js';
import { isReserved, namesChecked } from './storedNames.js';
import { STORED, type StoredDocument, type StoredRecord, storedRecord } from './storedRecord.js';

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

/** As many letters as an MD5 in base64url has. */
const HASH_PLACE = '0123456789012345678901';

/** The elements of two numbers, with the places of both: made by the driver, they cost as much as all else of a document here. */
const IDENTITY = elementsOf({ _id: new ObjectId(), odooId: 0 });
/** Behind its type, its name and a zero. */
const ID_AT = 5;
const ODOO_ID_AT = IDENTITY.length - 4;
const isInt32 = (value: number): boolean => value === (value | 0);

/** A range of ids is read as a whole when it spans at most this many ids for each one asked for. */
const DENSE = 3;

/**
 * Writes one chunk of records inside a transaction: reads the stored hashes, inserts what is new, updates what changed,
 * leaves the rest untouched. An update sets the engine's fields and unsets those no longer mirrored; what another program
 * keeps in the same document stays. A document without `_sync` (an earlier engine's) is taken over.
 * @throws SyncError `identity` where they are another database's; RecordsRefusedError when MongoDB refuses records for what they are.
 */
export async function writeRecords(
  context: StoreContext,
  scope: WriteScope,
  records: readonly SourceRecord[],
  session: ClientSession,
): Promise<WriteCounts> {
  const { collection } = moduleOf(scope.module);
  const { userId } = scope.user;
  const stored = new Map<number, StoredRecord>();
  const wanted = idFilter(records.map((record) => record.odooId));
  const found = context
    .mirror(collection)
    .find(
      { userId, odooId: wanted },
      { session, projection: STORED, batchSize: records.length + 1, raw: true },
    );
  for await (const raw of found) {
    const one = storedRecord(raw as unknown as Uint8Array);
    stored.set(one.odooId, one);
  }

  const now = new Date();
  const inserts: RawStatement[] = [];
  const updates: RawStatement[] = [];
  const changed: SourceRecord[] = [];
  const check = namesChecked(scope.fields);
  const made = newDocuments(scope, now);
  for (const record of records) {
    const { odooId } = record;
    const old = stored.get(odooId);
    if (old?.hash === record.hash) continue;
    check(record);
    if (old) changed.push(record);
    if (old) updates.push({ odooId, bytes: rewriteOf(scope, record, old.document(), now) });
    else inserts.push({ odooId, bytes: made(record) });
  }
  if (changed.length > 0) await refuseStrangers(context, scope, changed, session);
  const target = { db: context.db, collection, session };
  if (inserts.length > 0) await writeRaw(target, 'insert', inserts);
  if (updates.length > 0) {
    const matched = await writeRaw(target, 'update', updates);
    if (matched !== updates.length)
      throw new SyncError('bug', `${updates.length} documents were to be updated, and ${matched} were`);
  }
  return {
    read: records.length,
    inserted: inserts.length,
    updated: updates.length,
    unchanged: records.length - inserts.length - updates.length,
  };
}

interface NewSync {
  readonly hash: string;
  readonly unread?: readonly string[] | undefined;
}

/** Makes the documents of records that aren't stored yet. But for the hash, what the engine adds is the same in most of them. */
function newDocuments({ user: { userId }, origin }: WriteScope, now: Date): (record: SourceRecord) => Buffer {
  const owner = elementsOf({ userId });
  const syncOf = ({ hash, unread }: NewSync): Uint8Array =>
    elementsOf({
      _sync: {
        batch: origin,
        firstSeen: now,
        lastChanged: now,
        hash,
        deletedAt: null,
        ...(unread ? { unread } : {}),
      } satisfies MirrorSync,
    });
  const template = Buffer.from(syncOf({ hash: HASH_PLACE }));
  // The last one: the id of a batch holds what somebody called a user.
  const hashAt = template.lastIndexOf(HASH_PLACE);
  return ({ odooId, hash, unread, document }) => {
    const isPlain = !unread && hash.length === HASH_PLACE.length;
    const _id = new ObjectId();
    const identity = isInt32(odooId) ? IDENTITY : elementsOf({ _id, odooId });
    const made = documentOf(
      identity,
      owner,
      elementsIn(document),
      isPlain ? template : syncOf({ hash, unread }),
    );
    if (identity === IDENTITY) {
      made.set(_id.id, 4 + ID_AT);
      made.writeInt32LE(odooId, 4 + ODOO_ID_AT);
    }
    if (isPlain) made.write(hash, made.length - 1 - template.length + hashAt, 'latin1');
    return made;
  };
}

/** @param ids in rising order. */
function idFilter(ids: readonly number[]) {
  const first = ids[0] ?? 0;
  const last = ids.at(-1) ?? 0;
  return last - first < ids.length * DENSE ? { $gte: first, $lte: last } : { $in: [...ids] };
}

/** The statement that makes a stored document the record's. */
function rewriteOf(scope: WriteScope, record: SourceRecord, old: StoredDocument, now: Date): Buffer {
  const sync = elementsOf({
    '_sync.batch': scope.origin,
    '_sync.lastChanged': now,
    '_sync.hash': record.hash,
    '_sync.deletedAt': null,
    ...(old._sync?.firstSeen ? {} : { '_sync.firstSeen': now }),
    ...(record.unread ? { '_sync.unread': record.unread } : {}),
  });
  const gone = [
    ...scope.retired.filter((name) => !isReserved(name)),
    ...(old._sync?.unread && !record.unread ? ['_sync.unread'] : []),
  ];
  const update = [elementOf('$set', documentOf(elementsIn(record.document), sync))];
  if (gone.length > 0)
    update.push(elementOf('$unset', BSON.serialize(Object.fromEntries(gone.map((field) => [field, true])))));
  const filter = BSON.serialize({ _id: old._id, userId: scope.user.userId });
  return documentOf(elementOf('q', filter), elementOf('u', documentOf(...update)));
}
