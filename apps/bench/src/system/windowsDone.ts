import type { Db } from 'mongodb';

const WINDOW_MS = 86_400_000;

/** How many windows were read or sealed, of all users: a batch may stand for a phase of several. */
export async function windowsDone(db: Db): Promise<number> {
  const [sum] = await db
    .collection('odoosyncbatches')
    .aggregate<{ ms: number }>([
      { $match: { status: { $in: ['open', 'succeeded'] } } },
      { $group: { _id: null, ms: { $sum: { $subtract: ['$endTime', '$startTime'] } } } },
    ])
    .toArray();
  return Math.round(Number(sum?.ms ?? 0) / WINDOW_MS);
}
