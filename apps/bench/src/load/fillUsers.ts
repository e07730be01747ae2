import type { Db, Document } from 'mongodb';
import { TEMPLATE, type UserDocuments } from './templateUser.js';

const OF_EVERY_USER = ['odoosyncusers', 'odoosyncplans'];
const CHUNK = 5_000;
const HOUR_MS = 3_600_000;

/**
 * Fills a store with copies of a user: users and plans of all, windows and lanes of the first `busy` of them. Nobody is
 * due yet. Plans of the others are without their lists of fields, which are most of a plan's size: nothing reads them.
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
    let chunk: Document[] = [];
    for (let n = 0; n < count; n++) {
      for (const one of documents) chunk.push(copyFor(n < busy ? one : withoutFields(one), keyOf(n)));
      if (chunk.length < CHUNK && n < count - 1) continue;
      await db.collection(name).insertMany(chunk, { ordered: false });
      chunk = [];
    }
  }
  return Array.from({ length: busy }, (_, n) => keyOf(n));
}

/** Makes users due now, with a window to be handed out. */
export async function makeDue(db: Db, keys: readonly string[]): Promise<void> {
  await db
    .collection('odoosyncbatches')
    .updateMany(
      { userKey: { $in: keys }, status: 'queued' },
      { $set: { status: 'pending', queuedAt: null } },
    );
  await db
    .collection<{ _id: string }>('odoosyncplans')
    .updateMany({ _id: { $in: [...keys] } }, { $set: { nextTurnAt: new Date(Date.now() - 1_000) } });
}

const keyOf = (n: number): string => `user-${String(n).padStart(6, '0')}`;

function copyFor(template: Document, key: string): Document {
  const copy: Document = { ...template, _id: String(template._id).replace(TEMPLATE, key), userId: key };
  if ('userKey' in copy) copy.userKey = key;
  if ('nextTurnAt' in copy) {
    const later = new Date(Date.now() + HOUR_MS);
    copy.nextTurnAt = later;
    copy.tail = { ...copy.tail, status: 'queued', dueAt: later };
  }
  return copy;
}

function withoutFields(template: Document): Document {
  if (!('modules' in template)) return template;
  const modules = Object.entries(template.modules as Document).map(([name, state]) => [
    name,
    { ...state, fields: null },
  ]);
  return { ...template, modules: Object.fromEntries(modules) };
}
