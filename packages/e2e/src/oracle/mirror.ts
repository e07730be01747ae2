import { createHash } from 'node:crypto';
import type { Db } from 'mongodb';

/** What a user's collection holds but for `_sync` and MongoDB's own id: how many documents, and a digest of them all. */
export async function mirrorWithoutSync(
  db: Db,
  collection: string,
  userId: unknown,
): Promise<{ readonly count: number; readonly digest: string }> {
  const hash = createHash('sha256');
  let count = 0;
  const documents = db
    .collection(collection)
    .find({ userId }, { projection: { _id: 0, _sync: 0, userId: 0 } })
    .sort({ odooId: 1 });
  for await (const document of documents) {
    count++;
    hash.update(JSON.stringify(Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1))));
  }
  return { count, digest: hash.digest('hex') };
}
