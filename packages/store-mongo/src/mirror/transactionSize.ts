import type { Collection } from 'mongodb';
import type { ServerDocument } from '../collections.js';
import { isNoSuchTransaction, isTooMuchForServer } from '../mongoErrors.js';

const START_BYTES = 32 * 1024 * 1024;
const MOST_BYTES = 256 * 1024 * 1024;
export const LEAST_BYTES = 256 * 1024;
const GROW_AFTER = 10;
const FRESH_MS = 15_000;
/** When a transaction of that age is gone, the server has ended it: for its age, or to free its cache. */
const AGED_MS = 20_000;

/**
 * How many bytes of records (as Odoo sent them) one transaction of this server is given. How much fits depends on the server's
 * cache and on what else uses it, so the size is found by trying: halved by a refusal, doubled after a number of commits that
 * filled it. It is kept in the store, for the whole fleet.
 */
export interface TransactionSize {
  bytes(): Promise<number>;
  /** A transaction of so many bytes was refused. */
  refused(bytes: number): Promise<number>;
  /** A transaction that filled the size went through. */
  fitted(): Promise<void>;
}

/** @param server the deployment's name: its replica set. */
export function createTransactionSize(servers: Collection<ServerDocument>, server: string): TransactionSize {
  let known = START_BYTES;
  let readAt = Number.NEGATIVE_INFINITY;
  const remember = (bytes: number) => {
    known = bytes;
    readAt = performance.now();
    return bytes;
  };
  return {
    async bytes() {
      if (performance.now() - readAt < FRESH_MS) return known;
      const found = await servers.findOne({ _id: server });
      return remember(found?.transactionBytes ?? START_BYTES);
    },
    async refused(bytes) {
      const halved = Math.max(LEAST_BYTES, Math.floor(bytes / 2));
      // $min: several workers may be refused at once, and the smallest of their answers holds.
      const update = { $min: { transactionBytes: halved }, $set: { fitted: 0 } };
      const now = await servers.findOneAndUpdate({ _id: server }, update, {
        upsert: true,
        returnDocument: 'after',
      });
      return remember(now?.transactionBytes ?? halved);
    },
    async fitted() {
      const now = await servers.findOneAndUpdate(
        { _id: server },
        { $inc: { fitted: 1 } },
        { returnDocument: 'after' },
      );
      if (!now || now.fitted < GROW_AFTER || now.transactionBytes >= MOST_BYTES) return;
      const grown = Math.min(MOST_BYTES, now.transactionBytes * 2);
      const update = { $set: { transactionBytes: grown, fitted: 0 } };
      const raised = await servers.updateOne({ _id: server, fitted: now.fitted }, update);
      if (raised.modifiedCount === 1) remember(grown);
    },
  };
}

/** Whether the server told, by an error's code or by ending it, that a transaction was too much for it. */
export const isRefusal = (error: unknown, ranForMs: number): boolean =>
  isTooMuchForServer(error) || (isNoSuchTransaction(error) && ranForMs > AGED_MS);
