import { Redis } from 'ioredis';
import { startHostileOdoo, type Twist } from '../harness/hostileOdoo.js';
import type { AppProcess } from '../harness/process.js';
import { until } from '../harness/until.js';
import { createWorld, type World } from '../harness/world.js';
import { type Entry, poisoned } from './entry.js';

export const NEIGHBOURS = ['north', 'south'];
export const HOSTILE = 'hostile';
/** Written otherwise in a URL and in base64, and not the same in capital letters. */
export const SECRET = 'k3y+of/the=hostile&user0123456789abcdef';
const PARTNER = 'res.partner';
const EMPLOYEE = 'hr.employee';
const HOURS_AGO = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const FIFTY = 50;
const STIR_MS = 500;

/** The image's, and what the chart gives to the other two. */
const HEAP = { worker: 384, scheduler: 192, api: 192 } as const;

const SETTINGS: Readonly<Record<string, string>> = {
  INITIAL_SYNC_RANGE_DAYS: '2',
  MAX_BATCH_ATTEMPTS: '2',
  RETRY_BACKOFF_MS: '100',
  BREAKER_PAUSE_MS: '1000',
  TAIL_QUIET_MS: '1000',
  ODOO_TIMEOUT_MS: '2000',
  WINDOW_MAX_MS: '6000',
  TAIL_MAX_MS: '6000',
  TURN_MAX_RECORDS: '20000',
  KEEP_COMPLETED_JOBS: '20',
  API_PORT: '0',
};

/** A hostile user that is being mirrored. */
export interface Guest {
  readonly userKey: string;
  strikes(): number;
  close(): Promise<void>;
}

/** What may not grow, in bytes. */
export interface Sizes {
  readonly redis: number;
  readonly log: number;
}

/** The fleet, once for the whole table: two neighbours on an honest Odoo, and a hostile user after the other. */
export interface Fleet {
  readonly world: World;
  readonly processes: Readonly<Record<string, AppProcess>>;
  /** Connects a user whose Odoo does as an entry says. */
  invite(entry: Entry, n: number): Promise<Guest>;
  /** What the API shows of a user: its JSON, as a reader gets it. @throws when it doesn't answer well. */
  shown(userKey: string): Promise<unknown>;
  sizes(): Promise<Sizes>;
  close(): Promise<void>;
}

export async function startFleet(): Promise<Fleet> {
  const models = {
    'res.partner': { count: 20, days: 2, activeDays: 2 },
    'sale.order': { count: 4, days: 2, activeDays: 2 },
    'hr.employee': { count: 2, days: 2, activeDays: 2 },
  };
  const world = await createWorld({
    databases: [
      ...NEIGHBOURS.map((name, n) => ({ name, seed: n + 1, models })),
      {
        name: HOSTILE,
        seed: 9,
        models: { ...models, 'res.partner': { count: 0 } },
        users: [
          { login: 'admin', password: SECRET, apiKey: SECRET },
          { login: 'oracle', password: 'oracle' },
        ],
      },
    ],
    settings: SETTINGS,
  });
  const guests: Guest[] = [];
  const redis = new Redis(world.redis.url);
  const close = async () => {
    for (const guest of guests) await guest.close();
    redis.disconnect();
    await world.close();
  };
  try {
    const { ids } = await world.simulator.call('create', {
      db: HOSTILE,
      model: PARTNER,
      count: 80,
      at: HOURS_AGO(30),
    });
    // What a whole history has before it: months in which nothing was written.
    await world.simulator.call('create', { db: HOSTILE, model: EMPLOYEE, count: 1, at: HOURS_AGO(1_000) });
    poisoned.one = ids[7] ?? 0;
    poisoned.fifty = new Set(ids.slice(0, FIFTY));
    const started = await Promise.all(
      (['worker', 'scheduler', 'api'] as const).map(
        async (app) =>
          [app, await world.start(app, { NODE_OPTIONS: `--max-old-space-size=${HEAP[app]}` })] as const,
      ),
    );
    const processes = Object.fromEntries(started);
    for (const name of NEIGHBOURS) await world.addUser(name);
    await world.caughtUp(NEIGHBOURS);
    const address = String(processes.api?.logged('ready')[0]?.url);
    return {
      world,
      processes,
      async invite(entry, n) {
        const guest = await connect(world, entry, n);
        guests.push(guest);
        return guest;
      },
      async shown(userKey) {
        const answer = await fetch(`${address}/users/${encodeURIComponent(userKey)}`);
        const text = await answer.text();
        if (answer.status !== 200) throw new Error(`/users/${userKey} answered ${answer.status}: ${text}`);
        return JSON.parse(text);
      },
      async sizes() {
        const told = await redis.info('memory');
        const [, dataset] = /used_memory_dataset:(\d+)/.exec(told) ?? [];
        const log = Object.values(processes).reduce((sum, { written }) => sum + written(), 0);
        return { redis: Number(dataset), log };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connect(world: World, entry: Entry, n: number): Promise<Guest> {
  const twist: Twist = entry.does;
  const odoo = await startHostileOdoo(world.simulatorUrl, twist);
  const userKey = `guest${n}`;
  await world.store.addUser({
    userId: userKey,
    address: { url: odoo.url, db: HOSTILE },
    credentials: { kind: entry.password ? 'password' : 'apiKey', login: 'admin', secret: SECRET },
    ...(entry.range ? { rangeDays: entry.range } : {}),
  });
  const stirring = entry.stirred ? setInterval(() => stir(world).catch(() => {}), STIR_MS) : undefined;
  return {
    userKey,
    strikes: odoo.strikes,
    async close() {
      clearInterval(stirring);
      await odoo.close();
    },
  };
}

/** The poisoned contact and some healthy ones are written once more: their dates are now. */
async function stir(world: World): Promise<void> {
  const { ids } = await world.simulator.call('ids', { db: HOSTILE, model: PARTNER });
  const some = [poisoned.one, ...ids.slice(-4)];
  await world.simulator.call('write', {
    db: HOSTILE,
    model: PARTNER,
    ids: some,
    values: { name: 'Stirred' },
  });
}

/** Changes a contact of each neighbour, and waits until the mirror has it. @returns how long that took, in milliseconds. */
export async function neighboursChange({ world }: Fleet, name: string, limitMs: number): Promise<number> {
  const began = performance.now();
  const written = await Promise.all(
    NEIGHBOURS.map(async (db) => {
      const { ids } = await world.simulator.call('ids', { db, model: PARTNER });
      const id = ids[0] as number;
      await world.simulator.call('write', { db, model: PARTNER, ids: [id], values: { name } });
      return { userId: db, odooId: id, name };
    }),
  );
  for (const document of written)
    await until(
      `${document.userId}'s change is mirrored`,
      async () => (await world.db.collection('odoocontacts').countDocuments(document)) === 1,
      limitMs,
    );
  return performance.now() - began;
}
