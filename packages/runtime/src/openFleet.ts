import type { JobQueue } from '@odoo-sync/core';
import { createJobQueue, openConnection, openQueue, type QueueConnection } from '@odoo-sync/queue';
import { type MongoStore, openStore } from '@odoo-sync/store-mongo';
import type { Configs, WithKeyRing } from './config.js';
import { KeyRing } from './keyRing.js';
import type { Logger } from './logger.js';
import type { Main } from './runMain.js';
import type { Role } from './settings.js';

/** What every program of the fleet holds open. */
export interface Fleet {
  readonly store: MongoStore;
  /** Shared by the program's queues and workers. */
  readonly connection: QueueConnection;
  /** BullMQ's queue of turns itself. */
  readonly turns: ReturnType<typeof openQueue>;
  /** The job queue port on it. */
  readonly jobQueue: JobQueue;
}

type FleetConfig = Configs[Role] & Partial<WithKeyRing>;

/**
 * Opens MongoDB and Redis for a program, each under the name of its role, and has `onClose` close them in the reverse order.
 * An outage of either, and its end, is written to the log.
 * @throws SyncError or QueueConfigurationError for a server that isn't fit or refuses its user (exit code 78), SyncError
 *   `transient` or QueueUnreachableError for one that doesn't answer. What was opened before is closed by `onClose`.
 */
export async function openFleet(
  config: FleetConfig,
  role: Role,
  { log, onClose }: { readonly log: Logger } & Pick<Main, 'onClose'>,
): Promise<Fleet> {
  const store = await openFleetStore(config, role, log);
  onClose('the store', () => store.close());
  return { store, ...(await openFleetQueue(config, role, { log, onClose })) };
}

/**
 * The queue alone, for who works on the store without it too.
 * @param startLimitMs how long Redis may take to answer. @throws as {@link openFleet} does.
 */
export async function openFleetQueue(
  config: FleetConfig,
  role: Role,
  {
    log,
    onClose,
    ...limit
  }: { readonly log: Logger; readonly startLimitMs?: number } & Pick<Main, 'onClose'>,
): Promise<Omit<Fleet, 'store'>> {
  const connection = await openConnection(config.redisUrl, { role, log, ...limit });
  onClose('the connection to Redis', () => connection.disconnect());
  const turns = openQueue(connection, config.queue.prefix);
  onClose('the queue of turns', () => turns.close());
  return { connection, turns, jobQueue: createJobQueue(turns, config.queue) };
}

/** The store alone, for commands that need no Redis. The caller closes it. @throws as {@link openFleet} does. */
export const openFleetStore = (config: FleetConfig, role: Role, log: Logger): Promise<MongoStore> =>
  openStore({
    url: config.mongodbUrl,
    database: config.mongodbDatabase,
    settings: config.engine,
    log,
    appName: `odoo-sync-${role}`,
    ...(config.credentialsKeys ? { sealer: new KeyRing(config.credentialsKeys) } : {}),
    ...(config.oldSeals ? { oldSeals: config.oldSeals } : {}),
  });
