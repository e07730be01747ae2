import type { Db } from 'mongodb';

/** What collections take, in bytes. */
export interface MongoSize {
  readonly documents: number;
  /** The documents as they are, without compression. */
  readonly plain: number;
  /** On disk. */
  readonly stored: number;
  readonly indexes: number;
}

/** The size of every collection whose name the pattern meets, all of it written to disk. */
export async function mongoSize(db: Db, names: RegExp): Promise<MongoSize> {
  await db.admin().command({ fsync: 1 });
  const sum = { documents: 0, plain: 0, stored: 0, indexes: 0 };
  for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
    if (!names.test(name)) continue;
    const { count, size, storageSize, totalIndexSize } = await db.command({ collStats: name });
    sum.documents += count;
    sum.plain += size;
    sum.stored += storageSize;
    sum.indexes += totalIndexSize;
  }
  return sum;
}
