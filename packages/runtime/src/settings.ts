import { z } from 'zod';

export interface Setting {
  readonly schema: z.ZodType;
  /** As an operator would write it; null: there is none, and the setting is required. */
  readonly default: string | null;
  readonly unit: string;
  readonly meaning: string;
  /** Its value never stands in a message. */
  readonly secret?: true;
}

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^-?\d+$/, 'expected a whole number')
    .transform(Number)
    .refine(
      (n) => n >= least && n <= most,
      `expected ${least} ${most === Number.MAX_SAFE_INTEGER ? 'or more' : `to ${most}`}`,
    );

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => protocols.some((protocol) => text.startsWith(`${protocol}://`)),
      `expected a URL that begins with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
    );

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Every setting of every process: the one table that code, README and error messages share. */
export const SETTINGS = {
  REDIS_URL: {
    schema: url('redis', 'rediss'),
    default: null,
    unit: 'URL',
    meaning: 'Redis or Valkey with `maxmemory-policy noeviction`',
    secret: true,
  },
  MONGODB_URL: {
    schema: url('mongodb', 'mongodb+srv'),
    default: null,
    unit: 'URL',
    meaning: 'MongoDB replica set; the path names the database',
    secret: true,
  },
  CREDENTIALS_KEYS: {
    schema: z.string(),
    default: null,
    unit: '`id:base64`, …',
    meaning:
      "Keys of 32 bytes that seal the users' Odoo credentials. The first seals, all open: put a new one in front to change it",
    secret: true,
  },
  QUEUE_PREFIX: {
    schema: z.string().regex(/^[^:\s]+$/, 'expected a name without ":" and blanks'),
    default: '{odoo-sync}',
    unit: '',
    meaning: 'Prefix of all keys in Redis; the braces keep them in one slot of a Cluster',
  },
  LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    unit: '',
    meaning: 'Least level that is logged',
  },
  WINDOW_HOURS: {
    schema: whole(0).refine((n) => n === 24, 'expected 24: windows are days of UTC and never change'),
    default: '24',
    unit: 'h',
    meaning: 'Length of a window',
  },
  INITIAL_SYNC_RANGE_DAYS: {
    schema: whole(1, 36_500),
    default: '90',
    unit: 'days',
    meaning: "How far before a user's connection the mirror begins",
  },
  LIMIT_PER_CALL: {
    schema: whole(1, 10_000),
    default: '200',
    unit: 'records',
    meaning: 'Page size at the start',
  },
  LIMIT_PER_CALL_MAX: {
    schema: whole(1, 10_000),
    default: '',
    unit: 'records',
    meaning: 'Page size that full, fast pages grow towards; 1000, or `LIMIT_PER_CALL` where only that is set',
  },
  API_CALL_DELAY_MS: {
    schema: whole(0),
    default: '0',
    unit: 'ms',
    meaning: 'Pause between two pages of a user; rises by itself when Odoo throttles',
  },
  ODOO_TIMEOUT_MS: {
    schema: whole(100),
    default: '120000',
    unit: 'ms',
    meaning: 'Longest that one request to Odoo may take',
  },
  ODOO_MAX_ANSWER_BYTES: {
    schema: whole(1_024),
    default: '67108864',
    unit: 'bytes',
    meaning: 'Largest answer that is taken from Odoo',
  },
  ODOO_LANG: {
    schema: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?(@\w+)?$/, 'expected a language code such as en_US'),
    default: 'en_US',
    unit: '',
    meaning: 'Language in which Odoo is read',
  },
  MAX_BATCH_ATTEMPTS: {
    schema: whole(1, 100),
    default: '4',
    unit: 'attempts',
    meaning: 'Attempts of a window before it is `failed`',
  },
  RETRY_BACKOFF_MS: {
    schema: whole(1),
    default: '10000',
    unit: 'ms',
    meaning: 'Base of the exponential backoff between attempts',
  },
  SCHEDULER_INTERVAL_MS: {
    schema: whole(100),
    default: '10000',
    unit: 'ms',
    meaning: 'Pause between two ticks, of which the fleet runs one',
  },
  WORKER_CONCURRENCY: {
    schema: whole(1, 1_000),
    default: '4',
    unit: 'turns',
    meaning: 'Turns that one worker process runs at once',
  },
  USER_CONCURRENCY: {
    schema: whole(1, 4),
    default: '1',
    unit: 'turns',
    meaning: 'Turns of one user at once, each in another module',
  },
  SETTLE_MS: {
    schema: whole(0),
    default: '900000',
    unit: 'ms',
    meaning: 'How long after its end a window may be sealed: late commits',
  },
  LOOKBACK_MS: {
    schema: whole(0),
    default: '600000',
    unit: 'ms',
    meaning: 'How far a tail looks back behind the last one',
  },
  TAIL_INTERVAL_MS: {
    schema: whole(100),
    default: '10000',
    unit: 'ms',
    meaning: 'Pause between tails of a user with changes in the last day',
  },
  TAIL_QUIET_MS: {
    schema: whole(100),
    default: '60000',
    unit: 'ms',
    meaning: 'Pause between tails of a quiet user',
  },
  TAIL_MAX: {
    schema: whole(1),
    default: '5000',
    unit: 'records',
    meaning: 'More changed records than this are left to the windows',
  },
  LEASE_MS: {
    schema: whole(1_000),
    default: '15000',
    unit: 'ms',
    meaning: 'Lease on a lane: a dead worker holds it up no longer',
  },
  REPAIR_MS: {
    schema: whole(100),
    default: '10000',
    unit: 'ms',
    meaning: 'How long a turn may be out before its job is looked for',
  },
  HEAL_MS: {
    schema: whole(1_000),
    default: '21600000',
    unit: 'ms',
    meaning: 'After this a failed window is tried again by itself',
  },
  SPOOL_MEMORY_BYTES: {
    schema: whole(0),
    default: '16777216',
    unit: 'bytes',
    meaning: 'Records (as Odoo sent them) that a turn holds in memory; more go to disk',
  },
  SPOOL_DIR: {
    schema: z.string(),
    default: '',
    unit: 'folder',
    meaning: "Where they go; the system's temporary folder if not set",
  },
  SHUTDOWN_GRACE_MS: {
    schema: whole(0),
    default: '25000',
    unit: 'ms',
    meaning: 'How long SIGTERM lets running turns finish before their jobs are given back',
  },
  API_HOST: {
    schema: z
      .string()
      .refine(
        (host) => LOOPBACK.includes(host),
        `expected one of ${LOOPBACK.join(', ')}: there is no access control yet`,
      ),
    default: '127.0.0.1',
    unit: 'address',
    meaning: 'Where the API listens; loopback only',
  },
  API_PORT: {
    schema: whole(0, 65_535),
    default: '3000',
    unit: 'port',
    meaning: 'Where the API listens; 0 takes a free one',
  },
  KEEP_COMPLETED_JOBS: {
    schema: whole(0),
    default: '1000',
    unit: 'jobs',
    meaning: 'Done jobs kept for Bull Board',
  },
  KEEP_FAILED_JOBS: {
    schema: whole(0),
    default: '5000',
    unit: 'jobs',
    meaning: 'Failed jobs kept for Bull Board',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
