import type { JobQueue } from '@odoo-sync/core';
import { tick } from '@odoo-sync/engine';
import { createJobQueue, openConnection, openQueue } from '@odoo-sync/queue';
import { KeyRing, loadConfig } from '@odoo-sync/runtime';
import { openStore } from '@odoo-sync/store-mongo';
import type { Db } from 'mongodb';
import type { Servers } from '../system/servers.js';

/** What handing out turns took. */
export interface Ticked {
  /** The first tick, in milliseconds. */
  readonly firstMs: number;
  /** All ticks until nobody was due any more, one right after the other, in milliseconds. */
  readonly allMs: number;
  readonly ticks: number;
}

/** A ledger and a queue on which this process is the scheduler. */
export interface TickWorld {
  readonly db: Db;
  readonly jobQueue: JobQueue;
  readonly keyRing: KeyRing;
  /** The setting that opens what `keyRing` seals. */
  readonly credentialsKeys: string;
  /** Makes users due, and ticks until all of them were handed out. @throws when the first tick doesn't hand out what it should. */
  ticked(keys: readonly string[]): Promise<Ticked>;
}

/** @param makeDue makes users due, each with a window to be handed out. */
export async function openTickWorld(
  servers: Servers,
  name: string,
  makeDue: (db: Db, keys: readonly string[]) => Promise<void>,
): Promise<TickWorld> {
  const credentialsKeys = `k1:${Buffer.alloc(32).toString('base64')}`;
  const config = loadConfig(
    {
      REDIS_URL: servers.redis.url,
      MONGODB_URL: servers.mongodbUrl(name),
      QUEUE_PREFIX: `{${name}}`,
      CREDENTIALS_KEYS: credentialsKeys,
    },
    'cli',
  );
  const log = { info() {}, warn() {} };
  const keyRing = new KeyRing(config.credentialsKeys);
  const store = await openStore({ url: config.mongodbUrl, settings: config.engine, sealer: keyRing, log });
  servers.onClose(() => store.close());
  const connection = await openConnection(config.redisUrl, { role: 'worker' });
  servers.onClose(() => connection.disconnect());
  const queue = openQueue(connection, config.queue.prefix);
  servers.onClose(() => queue.close());
  const dispatch = { store, jobQueue: createJobQueue(queue, config.queue), settings: config.engine };
  const db = servers.client.db(name);
  const timed = async () => {
    const began = performance.now();
    return { report: await tick(dispatch), ms: performance.now() - began };
  };
  return {
    db,
    jobQueue: dispatch.jobQueue,
    keyRing,
    credentialsKeys,
    async ticked(keys) {
      await makeDue(db, keys);
      const { report, ms: firstMs } = await timed();
      const out = await db
        .collection('odoosyncbatches')
        .countDocuments({ userKey: { $in: keys }, status: 'queued' });
      if (report.faults.length > 0 || report.users === 0 || out !== report.users)
        throw new Error(
          `a tick handed out ${out} turns to ${report.users} users: ${report.faults[0]?.error ?? 'no faults'}`,
        );
      // The rest of a crowd isn't to be met by the next round.
      let allMs = firstMs;
      for (let ticks = 1; ; ticks++) {
        const next = await timed();
        if (next.report.users === 0) return { firstMs, allMs, ticks };
        allMs += next.ms;
      }
    },
  };
}
