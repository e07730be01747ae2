import { createJobQueue, openConnection, openQueue } from '@odoo-sync/queue';
import { type KeyRing, loadConfig } from '@odoo-sync/runtime';
import type { Db } from 'mongodb';
import { type Fleet, type FleetUser, simulatedUser, startFleet } from '../system/fleet.js';
import { type RedisUse, redisUse } from '../system/redisUse.js';
import type { Servers } from '../system/servers.js';
import type { SimulatorProcess } from '../system/simulator.js';
import { connectUsers } from './connectUsers.js';
import { followUsers } from './followUsers.js';

/** The simulator's database that every quiet user is mirrored from: it holds nothing, so that no tail finds a change. */
export const QUIET = 'quiet';
/** From here to the first tail: starting the fleet doesn't count. */
const LEAD_MS = 2_000;
const LEAD_MS_A_USER = 1;

/** A filled ledger whose users are caught up. */
export interface FilledLedger {
  readonly database: string;
  readonly db: Db;
  readonly keyRing: KeyRing;
  readonly credentialsKeys: string;
  readonly keys: readonly string[];
  /** Holds a database {@link QUIET}, and one of the name of each user who may be active. */
  readonly simulator: SimulatedOdoos;
}

type SimulatedOdoos = Pick<SimulatorProcess, 'client' | 'url' | 'pid'>;

const quietUser = ({ url }: SimulatedOdoos, userId: string): FleetUser => ({
  ...simulatedUser(url, QUIET),
  userId,
});

/** Every user of the ledger is mirrored from the quiet database. */
export const quieten = ({ db, keyRing, keys, simulator }: FilledLedger): Promise<void> =>
  connectUsers(
    db,
    keyRing,
    keys.map((key) => quietUser(simulator, key)),
  );

export interface Followed {
  readonly fleet: Fleet;
  /** When the first tail is due, by this process's clock in milliseconds since 1970. */
  readonly from: number;
  /** What the tails' jobs take in Redis. */
  readonly jobs: RedisUse;
  /** Ends the processes, and gives the active users back to the quiet database. */
  end(): Promise<void>;
}

/** Starts processes as shipped on a filled ledger, and has the first `users` followed, the first `active` of them as active. */
export async function startFollowed(
  servers: Servers,
  ledger: FilledLedger,
  options: {
    readonly users: number;
    readonly active: number;
    readonly workers: number;
    readonly settings?: Readonly<Record<string, string>>;
  },
): Promise<Followed> {
  const { db, keyRing, simulator } = ledger;
  const keys = ledger.keys.slice(0, options.users);
  const active = keys.slice(0, options.active);
  const own = active.map((key) => simulatedUser(simulator.url, key));
  await connectUsers(db, keyRing, own);
  const fleet = await startFleet(servers, {
    workers: options.workers,
    database: ledger.database,
    settings: {
      SCHEDULER_INTERVAL_MS: '10000',
      CREDENTIALS_KEYS: ledger.credentialsKeys,
      ...options.settings,
    },
  });
  const { queue, redisUrl } = loadConfig(fleet.env, 'scheduler');
  const connection = await openConnection(redisUrl, { role: 'worker' });
  const turns = openQueue(connection, queue.prefix);
  try {
    const before = await redisUse(redisUrl);
    const from = Date.now() + LEAD_MS + keys.length * LEAD_MS_A_USER;
    await followUsers(db, createJobQueue(turns, queue), keys, active.length, new Date(from));
    const after = await redisUse(redisUrl);
    const jobs = { bytes: after.bytes - before.bytes, keys: after.keys - before.keys };
    return {
      fleet,
      from,
      jobs,
      async end() {
        await fleet.end();
        await connectUsers(
          db,
          keyRing,
          active.map((key) => quietUser(simulator, key)),
        );
      },
    };
  } finally {
    await turns.close();
    await connection.disconnect();
  }
}
