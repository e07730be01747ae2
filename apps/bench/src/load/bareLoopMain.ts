import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';
import { type BareSource, type BareWindow, createBareReader } from './readWindow.js';

/**
 * The least that a mirror has to do: fetch a page, parse it, insert its rows, a window in one transaction, under the
 * unique index that keeps a mirror free of duplicates. No decoding, no hash, no queue, no ledger.
 * Told its work as JSON in its argument, it begins at the first line on its standard input.
 */
export interface BareLoopWork {
  /** Null: read only, nothing is stored. */
  readonly mongodbUrl: string | null;
  readonly lanes: readonly { readonly source: BareSource; readonly windows: readonly BareWindow[] }[];
}

export interface BareLoopResult {
  readonly records: number;
  readonly pages: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly cpuMs: number;
}

const work = JSON.parse(process.argv[2] ?? '') as BareLoopWork;
const client = work.mongodbUrl === null ? null : await new MongoClient(work.mongodbUrl).connect();
const rows = client?.db().collection('bare');
await rows?.createIndex({ userId: 1, id: 1 }, { unique: true });
let records = 0;
let pages = 0;

async function runLane({ source, windows }: BareLoopWork['lanes'][number]): Promise<void> {
  const read = createBareReader(source);
  for (const window of windows) {
    const session = client?.startSession();
    session?.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } });
    let held = 0;
    for await (const page of read(window)) {
      held += page.length;
      pages++;
      if (rows && session)
        await rows.insertMany(
          page.map((row) => ({ userId: source.db, ...row })),
          { session },
        );
    }
    records += held;
    // A transaction in which nothing was done has nothing to commit.
    if (held > 0) await session?.commitTransaction();
    await session?.endSession();
  }
}

process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
for await (const _ of createInterface({ input: process.stdin })) break;
const startedAt = Date.now();
const cpu = process.cpuUsage();
await Promise.all(work.lanes.map(runLane));
const { user, system } = process.cpuUsage(cpu);
const result: BareLoopResult = {
  records,
  pages,
  startedAt,
  endedAt: Date.now(),
  cpuMs: (user + system) / 1_000,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
await client?.close();
process.exit(0);
