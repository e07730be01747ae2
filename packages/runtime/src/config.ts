import { DEFAULT_SETTINGS, type EngineSettings } from '@odoo-sync/core';
import { EVERYWHERE } from './allow.js';
import { databaseOf } from './databaseOf.js';
import { faultsBetween } from './faultsBetween.js';
import type { CredentialsKey } from './keyRing.js';
import { type Environment, isSet, readSettings } from './readSettings.js';
import type { Role, SettingValues } from './settings.js';

/** What every program is given. Times in milliseconds, sizes in bytes. */
export interface CommonConfig {
  readonly production: boolean;
  readonly log: { readonly level: SettingValues['LOG_LEVEL']; readonly format: SettingValues['LOG_FORMAT'] };
  readonly redisUrl: string;
  readonly mongodbUrl: string;
  /** Named by the URL's path. Apart from it, since adding a path to a URL would also change where it authenticates. */
  readonly mongodbDatabase: string;
  readonly engine: EngineSettings;
  readonly queue: QueueConfig;
}

/** Of those that read and set credentials. */
export interface WithKeyRing {
  readonly credentialsKeys: readonly CredentialsKey[];
  readonly oldSeals: SettingValues['OLD_SEALS'];
}

interface OdooConfig extends WithKeyRing {
  readonly source: SourceConfig;
}

/** Where metrics and probes are answered. */
interface MonitorConfig {
  readonly metrics: { readonly host: string; readonly port: number };
}

export type CliConfig = CommonConfig & OdooConfig;

/** What each program is given: no secret that it has no use for. */
export interface Configs {
  readonly scheduler: CommonConfig & MonitorConfig & { readonly scheduler: { readonly intervalMs: number } };
  readonly worker: CommonConfig &
    MonitorConfig &
    OdooConfig & {
      readonly spool: { readonly directory: string; readonly memoryBytes: number };
      readonly worker: WorkerConfig;
    };
  readonly api: CommonConfig &
    MonitorConfig & {
      readonly api: { readonly host: string; readonly port: number; readonly token: string | null };
    };
  readonly cli: CliConfig;
}

export interface SourceConfig {
  readonly limitPerCall: number;
  readonly limitPerCallMax: number;
  readonly apiCallDelayMs: number;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Null: each login's own. */
  readonly lang: string | null;
  /** Kinds of addresses, ranges and hosts: where an Odoo may be. */
  readonly allow: readonly string[];
  /** Null: every Odoo is asked directly. */
  readonly proxy: { readonly url: string; readonly except: readonly string[] } | null;
}

interface ReadingLimits {
  readonly records: number;
  readonly bytes: number;
  readonly pages: number;
  readonly ms: number;
}

export interface WorkerConfig {
  readonly concurrency: number;
  readonly graceMs: number;
  /** Of a window, and of a tail's pass over a module. */
  readonly limits: { readonly window: ReadingLimits; readonly tail: ReadingLimits };
}

export interface QueueConfig {
  readonly prefix: string;
  readonly backoffMs: number;
  readonly keepCompleted: number;
  readonly keepFailed: number;
}

/**
 * Reads and checks what a program needs; what others need is not even looked at.
 * @throws ConfigError with every fault of the environment at once.
 */
export function loadConfig<R extends Role>(env: Environment, role: R): Configs[R] {
  const onlyLimit = isSet(env, 'LIMIT_PER_CALL') && !isSet(env, 'LIMIT_PER_CALL_MAX');
  // A program's parts are made of the settings that it reads: `config.unit.test.ts` holds the two together.
  const s = readSettings(env, role, (values) => faultsBetween(values, onlyLimit)) as SettingValues;
  const common = commonOf(s);
  const monitor = { metrics: { host: s.METRICS_HOST, port: s.METRICS_PORT } };
  const made: { readonly [K in Role]: () => Configs[K] } = {
    scheduler: () => ({ ...common, ...monitor, scheduler: { intervalMs: s.SCHEDULER_INTERVAL_MS } }),
    worker: () => ({
      ...common,
      ...monitor,
      ...odooOf(s, onlyLimit),
      spool: { directory: s.SPOOL_DIR, memoryBytes: s.SPOOL_MEMORY_BYTES },
      worker: { concurrency: s.WORKER_CONCURRENCY, graceMs: s.SHUTDOWN_GRACE_MS, limits: limitsOf(s) },
    }),
    api: () => ({ ...common, ...monitor, api: { host: s.API_HOST, port: s.API_PORT, token: s.API_TOKEN } }),
    cli: () => ({ ...common, ...odooOf(s, onlyLimit) }),
  };
  return made[role]();
}

const commonOf = (s: SettingValues): CommonConfig => ({
  production: s.NODE_ENV === 'production',
  log: { level: s.LOG_LEVEL, format: s.LOG_FORMAT },
  redisUrl: s.REDIS_URL,
  mongodbUrl: s.MONGODB_URL,
  mongodbDatabase: databaseOf(s.MONGODB_URL),
  engine: engineOf(s),
  queue: {
    prefix: s.QUEUE_PREFIX,
    backoffMs: s.RETRY_BACKOFF_MS,
    keepCompleted: s.KEEP_COMPLETED_JOBS,
    keepFailed: s.KEEP_FAILED_JOBS,
  },
});

const odooOf = (s: SettingValues, onlyLimit: boolean): OdooConfig => ({
  credentialsKeys: s.CREDENTIALS_KEYS,
  oldSeals: s.OLD_SEALS,
  source: {
    limitPerCall: s.LIMIT_PER_CALL,
    limitPerCallMax: onlyLimit ? s.LIMIT_PER_CALL : s.LIMIT_PER_CALL_MAX,
    apiCallDelayMs: s.API_CALL_DELAY_MS,
    timeoutMs: s.ODOO_TIMEOUT_MS,
    maxAnswerBytes: s.ODOO_MAX_ANSWER_BYTES,
    lang: s.ODOO_LANG === '' ? null : s.ODOO_LANG,
    allow: s.ODOO_ALLOW ?? (s.NODE_ENV === 'production' ? ['public'] : EVERYWHERE),
    proxy: s.ODOO_PROXY === null ? null : { url: s.ODOO_PROXY, except: s.ODOO_NO_PROXY },
  },
});

function limitsOf(s: SettingValues): WorkerConfig['limits'] {
  const most = { records: s.TURN_MAX_RECORDS, bytes: s.TURN_MAX_BYTES, pages: s.TURN_MAX_PAGES };
  return { window: { ...most, ms: s.WINDOW_MAX_MS }, tail: { ...most, ms: s.TAIL_MAX_MS } };
}

const engineOf = (s: SettingValues): EngineSettings => ({
  ...DEFAULT_SETTINGS,
  maxAttempts: s.MAX_BATCH_ATTEMPTS,
  backoffMs: s.RETRY_BACKOFF_MS,
  breakerMs: s.BREAKER_PAUSE_MS,
  rangeDays: s.INITIAL_SYNC_RANGE_DAYS,
  settleMs: s.SETTLE_MS,
  lookbackMs: s.LOOKBACK_MS,
  tailIntervalMs: s.TAIL_INTERVAL_MS,
  tailQuietMs: s.TAIL_QUIET_MS,
  tailMax: s.TAIL_MAX,
  leaseMs: s.LEASE_MS,
  userConcurrency: s.USER_CONCURRENCY,
  repairMs: s.REPAIR_MS,
  auditIntervalMs: s.AUDIT_INTERVAL_MS,
  deepDays: s.DEEP_DAYS,
  healMs: s.HEAL_MS,
  clockMaxSkewMs: s.CLOCK_MAX_SKEW_MS,
});
