import { tmpdir } from 'node:os';
import { DEFAULT_SETTINGS as ENGINE } from '@odoo-sync/core';
import { z } from 'zod';
import { allow } from './allow.js';
import { databaseFault } from './databaseOf.js';
import { type CredentialsKey, KeyRingError, parseKeyRing } from './keyRing.js';
import {
  accessToken,
  callDelay,
  host,
  hosts,
  type Kind,
  language,
  oneOf,
  proxy,
  rangeDays,
  text,
  url,
  wholeNumber,
} from './kinds.js';

/** One setting: its environment variable is its key in {@link SETTINGS}. */
export interface Setting<T> {
  readonly kind: Kind<T>;
  /** As it would stand in the environment. Null: it must be set. A function: found on the machine. */
  readonly fallback: string | null | (() => string);
  /** Stands in the table where the fallback can't. */
  readonly fallbackText?: string;
  readonly unit: string;
  readonly meaning: string;
  /** What it holds is never shown. */
  readonly secret?: boolean;
  /** The programs that read it; every one where it doesn't say. */
  readonly by?: readonly Role[];
}

/** The programs that are started with an environment; `cli` is the command line. */
export type Role = 'scheduler' | 'worker' | 'api' | 'cli';

const setting = <T>(
  kind: Kind<T>,
  fallback: Setting<T>['fallback'] | number,
  unit: string,
  meaning: string,
  more: Pick<Setting<T>, 'secret' | 'fallbackText' | 'by'> = {},
): Setting<T> => ({
  kind,
  fallback: typeof fallback === 'number' ? String(fallback) : fallback,
  unit,
  meaning,
  ...more,
});

const DAY_MS = 86_400_000;
const GIB = 1_073_741_824;

/** Those that ask users' Odoos, and so open credentials. */
const ASKS_ODOO = { by: ['worker', 'cli'] } as const;
const WORKER = { by: ['worker'] } as const;
const API = { by: ['api'] } as const;
const SERVICES = { by: ['scheduler', 'worker', 'api'] } as const;

const keyRing: Kind<readonly CredentialsKey[]> = {
  expected: 'a comma-separated list of id:key, each key 32 bytes in base64 (openssl rand -base64 32)',
  schema: z.string().transform((value, context) => {
    try {
      return parseKeyRing(value);
    } catch (error) {
      if (!(error instanceof KeyRingError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  }),
};

/** Every setting of every role. The table in the README is made from this one. */
export const SETTINGS = {
  NODE_ENV: setting(
    oneOf('production', 'development', 'test'),
    'development',
    '',
    'Under `production` the embedded servers are refused, and `ODOO_ALLOW` is `public` unless it is set',
  ),
  REDIS_URL: setting(
    url(['redis', 'rediss', 'redis+sentinel', 'rediss+sentinel', 'redis+cluster', 'rediss+cluster']),
    null,
    'URL',
    'The queue: `redis://user:password@host:port/db`; `redis+sentinel://:password@host:port,host:port/master/db?sentinelPassword=...` (the latter where the Sentinels want one); `redis+cluster://password@host:port,host:port`; `rediss` for TLS. Its `maxmemory-policy` must be `noeviction`',
    { secret: true },
  ),
  MONGODB_URL: setting(
    url(['mongodb', 'mongodb+srv'], databaseFault),
    null,
    'URL',
    'The store, a replica set; its path names the database, `odoo_sync` where it names none',
    { secret: true },
  ),
  QUEUE_PREFIX: setting(
    text('1 to 64 letters, digits, _ . - with braces allowed around', /^(?:[\w.-]{1,62}|\{[\w.-]{1,62}\})$/),
    '{odoo-sync}',
    '',
    'Before every key in Redis; in braces, so that a Cluster keeps a queue on one node',
  ),
  CREDENTIALS_KEYS: setting(
    keyRing,
    null,
    '',
    "Key ring for users' credentials: `id:key,id:key`, each key 32 bytes in base64; the first one seals, all of them open",
    { ...ASKS_ODOO, secret: true },
  ),
  OLD_SEALS: setting(
    oneOf('accept', 'refuse'),
    'accept',
    '',
    "What becomes of credentials that earlier versions sealed without a user's address: `refuse` once `odoo-sync keys reseal` has made all of them anew",
    ASKS_ODOO,
  ),
  LOG_LEVEL: setting(
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'info',
    '',
    'Least level that is logged',
  ),
  LOG_FORMAT: setting(
    oneOf('json', 'pretty'),
    'json',
    '',
    '`json`: a line of JSON for each event; `pretty`: for people',
  ),

  WINDOW_HOURS: setting(wholeNumber(24, 24), 24, 'h', 'Length of a window; nothing but 24 is possible'),
  INITIAL_SYNC_RANGE_DAYS: setting(
    rangeDays,
    String(ENGINE.rangeDays),
    'days',
    "How far back a new user is mirrored; `all`: from each module's oldest record on",
  ),
  MAX_BATCH_ATTEMPTS: setting(
    wholeNumber(1, 20),
    ENGINE.maxAttempts,
    'attempts',
    'Attempts at a window before it is `failed`',
  ),
  RETRY_BACKOFF_MS: setting(
    wholeNumber(1, DAY_MS),
    ENGINE.backoffMs,
    'ms',
    'Pause after the first failed attempt at most; doubled after each further one',
  ),
  BREAKER_PAUSE_MS: setting(
    wholeNumber(100, DAY_MS),
    ENGINE.breakerMs,
    'ms',
    'How long an Odoo is left alone after three connection faults in a row; doubled after each probe that fails, up to twenty times as long',
  ),
  SETTLE_MS: setting(
    wholeNumber(0, DAY_MS),
    ENGINE.settleMs,
    'ms',
    'How long after its end a window may be sealed: longer than the longest transaction in Odoo',
  ),
  LOOKBACK_MS: setting(
    wholeNumber(0, DAY_MS),
    ENGINE.lookbackMs,
    'ms',
    'How far a tail looks back behind its last pass',
  ),
  TAIL_INTERVAL_MS: setting(
    wholeNumber(100, DAY_MS),
    ENGINE.tailIntervalMs,
    'ms',
    'From the start of one tail to the next, for a user with changes in the last day',
  ),
  TAIL_QUIET_MS: setting(
    wholeNumber(100, DAY_MS),
    ENGINE.tailQuietMs,
    'ms',
    'The same for a quiet user; not less than `TAIL_INTERVAL_MS`',
  ),
  TAIL_MAX: setting(
    wholeNumber(1, 1_000_000),
    ENGINE.tailMax,
    'records',
    'More changes than this in a module are left to the windows',
  ),
  LEASE_MS: setting(
    // Taking a lane may wait a second for its fence: a lease must outlast that.
    wholeNumber(2_000, 600_000),
    ENGINE.leaseMs,
    'ms',
    "Lease of a lane: a killed worker's turn can go on after so long",
  ),
  USER_CONCURRENCY: setting(
    wholeNumber(1, 4),
    ENGINE.userConcurrency,
    'turns',
    'Modules of one user worked on at once',
  ),
  REPAIR_MS: setting(
    wholeNumber(100, DAY_MS),
    ENGINE.repairMs,
    'ms',
    'How long a turn may be out before its job is looked for',
  ),
  AUDIT_INTERVAL_MS: setting(
    wholeNumber(60_000, 30 * DAY_MS),
    ENGINE.auditIntervalMs,
    'ms',
    'From one audit of a module to the next, each of which compares all its ids and dates with Odoo',
  ),
  DEEP_DAYS: setting(
    wholeNumber(1, 3_650),
    ENGINE.deepDays,
    'days',
    'Within so many days audits read each record in full once, though its date is the same',
  ),
  HEAL_MS: setting(
    wholeNumber(1_000, 30 * DAY_MS),
    ENGINE.healMs,
    'ms',
    'After how long a failed window is tried again by itself',
  ),
  CLOCK_MAX_SKEW_MS: setting(
    wholeNumber(60_000, 36_500 * DAY_MS),
    ENGINE.clockMaxSkewMs,
    'ms',
    "An Odoo's clock that is further off than this is not believed: the user's status says so, and the store's clock serves",
  ),
  SCHEDULER_INTERVAL_MS: setting(
    wholeNumber(100, 600_000),
    10_000,
    'ms',
    'Pause between two ticks of the fleet',
    { by: ['scheduler'] },
  ),

  LIMIT_PER_CALL: setting(wholeNumber(1, 10_000), 200, 'records', 'Page size to begin with', ASKS_ODOO),
  LIMIT_PER_CALL_MAX: setting(wholeNumber(1, 10_000), 1_000, 'records', 'Largest page size', {
    ...ASKS_ODOO,
    fallbackText: '1000, or `LIMIT_PER_CALL` where only that is set',
  }),
  API_CALL_DELAY_MS: setting(
    callDelay,
    0,
    'ms',
    "Least pause from the end of one request to a user's Odoo to the start of the next, where a user has none of its own (`user set --call-delay`); each of several turns at once (`USER_CONCURRENCY`) keeps its own",
    ASKS_ODOO,
  ),
  ODOO_TIMEOUT_MS: setting(
    wholeNumber(100, 3_600_000),
    120_000,
    'ms',
    'Longest wait for an answer of Odoo',
    ASKS_ODOO,
  ),
  ODOO_MAX_ANSWER_BYTES: setting(
    wholeNumber(65_536, GIB),
    67_108_864,
    'bytes',
    'Largest answer of Odoo that is taken',
    ASKS_ODOO,
  ),
  ODOO_LANG: setting(
    { ...language, schema: z.union([z.literal(''), language.schema]) },
    '',
    '',
    'Language of translated texts, where a user has none of its own (`user set --language`); it must be active in its Odoo',
    { ...ASKS_ODOO, fallbackText: "the login's own" },
  ),
  ODOO_ALLOW: setting(
    allow,
    '',
    '',
    "Where users' Odoos may be: some of `public`, `private`, `loopback` and `link-local`, ranges such as `10.2.0.0/16`, hosts such as `erp.internal.example.com`. Addresses of clouds' metadata and reserved ones never",
    { fallbackText: '`public` under `NODE_ENV=production`, else all four' },
  ),
  ODOO_PROXY: setting(
    proxy,
    '',
    '',
    "The proxy by which users' Odoos are asked: `http://user:password@host:port`, or `https://`; TLS to an Odoo goes through it",
    { ...ASKS_ODOO, secret: true, fallbackText: 'none' },
  ),
  ODOO_NO_PROXY: setting(
    hosts,
    '',
    '',
    'Hosts that are asked without it: `erp.example.com,.internal.example.com,10.0.0.7:8069`; `*` for all',
    { ...ASKS_ODOO, fallbackText: 'none' },
  ),

  WORKER_CONCURRENCY: setting(wholeNumber(1, 64), 4, 'turns', 'Turns that one worker runs at once', WORKER),
  TURN_MAX_RECORDS: setting(
    wholeNumber(1, 1_000_000_000),
    2_000_000,
    'records',
    'Most that a window, or a tail of a module, may read: past it, its Odoo is taken for one without an end',
    WORKER,
  ),
  TURN_MAX_BYTES: setting(
    wholeNumber(65_536, 1_024 * GIB),
    4 * GIB,
    'bytes',
    'The same for the bytes of their records',
    WORKER,
  ),
  TURN_MAX_PAGES: setting(
    wholeNumber(10, 100_000_000),
    100_000,
    'pages',
    'The same for their pages, however few records these hold',
    WORKER,
  ),
  WINDOW_MAX_MS: setting(
    wholeNumber(1_000, 7 * DAY_MS),
    12 * 3_600_000,
    'ms',
    'Longest time that the reading of a window may take: at 20 records a second, 864,000 of them',
    WORKER,
  ),
  TAIL_MAX_MS: setting(
    wholeNumber(1_000, DAY_MS),
    3_600_000,
    'ms',
    'Longest time that the reading of a module may take in a tail',
    WORKER,
  ),
  SPOOL_MEMORY_BYTES: setting(
    wholeNumber(65_536, 64 * GIB),
    8_388_608,
    'bytes',
    'What one turn keeps in memory; further pages go to disk',
    WORKER,
  ),
  SPOOL_DIR: setting(text('a folder', /^[^\0]+$/), () => tmpdir(), '', 'Where they go', {
    ...WORKER,
    fallbackText: "the system's folder for temporary files",
  }),
  SHUTDOWN_GRACE_MS: setting(
    wholeNumber(0, 3_600_000),
    25_000,
    'ms',
    'How long running turns may go on after SIGTERM before their jobs are given back',
    WORKER,
  ),
  KEEP_COMPLETED_JOBS: setting(wholeNumber(0, 1_000_000), 1_000, 'jobs', 'Done jobs kept to be looked at'),
  KEEP_FAILED_JOBS: setting(
    wholeNumber(1, 1_000_000),
    5_000,
    'jobs',
    'Failed jobs kept to be looked at and pressed',
  ),

  API_HOST: setting(host, '127.0.0.1', '', 'Where the API listens; `0.0.0.0`: everywhere', API),
  API_PORT: setting(wholeNumber(0, 65_535), 3_000, '', 'Its port; 0 takes a free one', API),
  API_TOKEN: setting(
    accessToken,
    '',
    '',
    'Whoever asks the API must show it, as a bearer token or as the password of basic authentication. Must be set where `API_HOST` is not this machine alone',
    { ...API, secret: true, fallbackText: 'none' },
  ),
  METRICS_HOST: setting(
    host,
    '127.0.0.1',
    '',
    'Where every program answers `/metrics`, `/healthz` and `/readyz`, without a token',
    SERVICES,
  ),
  METRICS_PORT: setting(
    wholeNumber(0, 65_535),
    0,
    '',
    'Its port; 0 takes a free one, which the log names',
    SERVICES,
  ),
} as const;

export type SettingName = keyof typeof SETTINGS;
export type SettingValues = {
  readonly [N in SettingName]: (typeof SETTINGS)[N] extends Setting<infer T> ? T : never;
};
