import { type LocalMongo, type LocalRedis, startMongo, startRedis } from '@odoo-sync/local-servers';
import { MongoClient } from 'mongodb';

/** A private Redis and MongoDB, for one row. */
export interface Servers {
  readonly redis: LocalRedis;
  readonly mongo: LocalMongo;
  readonly mongoPid: number;
  readonly client: MongoClient;
  /** The URL of a database of that name. */
  mongodbUrl(database: string): string;
  /** Ends something with the servers, before them: the last told first. */
  onClose(close: () => Promise<unknown>): void;
}

/** Starts servers, lets `work` use them, and ends everything. */
export async function withServers<T>(work: (servers: Servers) => Promise<T>): Promise<T> {
  const closers: (() => Promise<unknown>)[] = [];
  const log = () => {};
  try {
    const redis = await startRedis({ log });
    closers.push(() => redis.stop());
    const mongo = await startMongo({ log, wiredTigerCacheSizeGB: 2 });
    closers.push(() => mongo.stop());
    const client = new MongoClient(mongo.url);
    closers.push(() => client.close());
    return await work({
      redis,
      mongo,
      mongoPid: mongo.members[0]?.pid ?? 0,
      client,
      mongodbUrl(database) {
        const url = new URL(mongo.url);
        url.pathname = `/${database}`;
        return url.toString();
      },
      onClose: (close) => void closers.push(close),
    });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}
