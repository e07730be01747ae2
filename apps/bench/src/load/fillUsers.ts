import { DEFAULT_SETTINGS } from '@odoo-sync/core';
import type { Db, Document } from 'mongodb';
import { TEMPLATE, type UserDocuments } from './templateUser.js';

const OF_EVERY_USER = ['odoosyncusers', 'odoosyncplans'];
const CHUNK = 5_000;
/** Chunks on their way at once. */
const CHUNKS = 4;
const HOUR_MS = 3_600_000;
/** Times that are each user's own. */
const OWN_TIMES = ['queuedAt', 'readStartedAt', 'connectedAt'];
const APART_MS = 7_919;

/**
 * Fills a store with copies of a user: users and plans of all, windows, lanes and schemas of the first `busy` of them. Nobody is
 * due yet.
 * @returns the keys of the busy ones.
 */
export async function fillUsers(
  db: Db,
  template: UserDocuments,
  users: number,
  busy: number,
): Promise<readonly string[]> {
  for (const [name, documents] of Object.entries(template)) {
    const count = OF_EVERY_USER.includes(name) ? users : busy;
    let chunks: Document[][] = [[]];
    for (let n = 0; n < count; n++) {
      const chunk = chunks.at(-1) ?? [];
      for (const one of documents) chunk.push(copyFor(one, n));
      if (chunk.length >= CHUNK) chunks.push([]);
      if (chunks.length <= CHUNKS && n < count - 1) continue;
      const some = chunks.filter(({ length }) => length > 0);
      await Promise.all(some.map((one) => db.collection(name).insertMany(one, { ordered: false })));
      chunks = [[]];
    }
  }
  return Array.from({ length: busy }, (_, n) => keyOf(n));
}

/** Makes users due now, each with a window to be read for the first time. */
export async function makeBackfillDue(db: Db, keys: readonly string[]): Promise<void> {
  await db
    .collection('odoosyncbatches')
    .updateMany(
      { userKey: { $in: keys }, status: 'queued' },
      { $set: { status: 'pending', queuedAt: null } },
    );
  await lookAt(db, keys);
}

/** Makes users who are caught up due now, each with a window to be sealed; nobody else is. */
export async function makeSealDue(db: Db, keys: readonly string[]): Promise<void> {
  await sealLater(db);
  await db
    .collection('odoosyncbatches')
    .updateMany(
      { userKey: { $in: keys }, status: 'open', module: 'contacts' },
      { $set: { dueAt: new Date(Date.now() - HOUR_MS) } },
    );
  await lookAt(db, keys);
}

/** Takes back every seal that was made due, or handed out. */
export async function sealLater(db: Db): Promise<void> {
  const now = Date.now();
  await db
    .collection('odoosyncbatches')
    .updateMany(
      { status: { $in: ['open', 'queued'] }, dueAt: { $lt: new Date(now) }, release: { $exists: true } },
      [{ $set: { status: 'open', dueAt: { $add: ['$endTime', DEFAULT_SETTINGS.settleMs] } } }],
    );
  await db
    .collection('odoosyncplans')
    .updateMany(
      { nextTurnAt: { $lt: new Date(now + HOUR_MS / 2) } },
      { $set: { nextTurnAt: new Date(now + HOUR_MS) } },
    );
}

const lookAt = (db: Db, keys: readonly string[]) =>
  db
    .collection<{ _id: string }>('odoosyncplans')
    .updateMany({ _id: { $in: [...keys] } }, { $set: { nextTurnAt: new Date(Date.now() - 1_000) } });

const keyOf = (n: number): string => `user-${String(n).padStart(6, '0')}`;

function copyFor(template: Document, n: number): Document {
  const key = keyOf(n);
  const copy: Document = { ...template, _id: String(template._id).replace(TEMPLATE, key), userId: key };
  if ('userKey' in copy) copy.userKey = key;
  // Equal times would take hardly any room on disk.
  for (const name of OWN_TIMES)
    if (copy[name] instanceof Date) copy[name] = new Date(copy[name].getTime() - ((n * APART_MS) % HOUR_MS));
  if ('nextTurnAt' in copy) {
    const later = new Date(Date.now() + HOUR_MS);
    copy.nextTurnAt = later;
    copy.tail = { ...copy.tail, status: 'queued', dueAt: later };
  }
  return copy;
}
