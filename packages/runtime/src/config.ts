import { DEFAULT_SETTINGS, type EngineSettings } from '@odoo-sync/core';
import { EVERYWHERE } from './allow.js';
import { databaseOf } from './databaseOf.js';
import { faultsBetween } from './faultsBetween.js';
import type { CredentialsKey } from './keyRing.js';
import { type Environment, isSet, readSettings } from './readSettings.js';
import type { SettingValues } from './settings.js';

/** What every role is given. Times in milliseconds, sizes in bytes. */
export interface Config {
  readonly production: boolean;
  readonly log: { readonly level: SettingValues['LOG_LEVEL']; readonly format: SettingValues['LOG_FORMAT'] };
  readonly redisUrl: string;
  readonly mongodbUrl: string;
  /** Named by the URL's path. Apart from it, since adding a path to a URL would also change where it authenticates. */
  readonly mongodbDatabase: string;
  readonly credentialsKeys: readonly CredentialsKey[];
  readonly oldSeals: SettingValues['OLD_SEALS'];
  readonly engine: EngineSettings;
  readonly source: SourceConfig;
  readonly queue: QueueConfig;
  readonly spool: { readonly directory: string; readonly memoryBytes: number };
  readonly worker: WorkerConfig;
  readonly scheduler: { readonly intervalMs: number };
  readonly api: { readonly host: string; readonly port: number; readonly token: string | null };
  /** Where metrics and probes are answered. */
  readonly metrics: { readonly host: string; readonly port: number };
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

/** @throws ConfigError with every fault of the environment at once. */
export function loadConfig(env: Environment): Config {
  const onlyLimit = isSet(env, 'LIMIT_PER_CALL') && !isSet(env, 'LIMIT_PER_CALL_MAX');
  const s = readSettings(env, (values) => faultsBetween(values, onlyLimit));
  const production = s.NODE_ENV === 'production';
  return {
    production,
    log: { level: s.LOG_LEVEL, format: s.LOG_FORMAT },
    redisUrl: s.REDIS_URL,
    mongodbUrl: s.MONGODB_URL,
    mongodbDatabase: databaseOf(s.MONGODB_URL),
    credentialsKeys: s.CREDENTIALS_KEYS,
    oldSeals: s.OLD_SEALS,
    engine: engineOf(s),
    source: {
      limitPerCall: s.LIMIT_PER_CALL,
      limitPerCallMax: onlyLimit ? s.LIMIT_PER_CALL : s.LIMIT_PER_CALL_MAX,
      apiCallDelayMs: s.API_CALL_DELAY_MS,
      timeoutMs: s.ODOO_TIMEOUT_MS,
      maxAnswerBytes: s.ODOO_MAX_ANSWER_BYTES,
      lang: s.ODOO_LANG === '' ? null : s.ODOO_LANG,
      allow: s.ODOO_ALLOW ?? (production ? ['public'] : EVERYWHERE),
      proxy: s.ODOO_PROXY === null ? null : { url: s.ODOO_PROXY, except: s.ODOO_NO_PROXY },
    },
    queue: {
      prefix: s.QUEUE_PREFIX,
      backoffMs: s.RETRY_BACKOFF_MS,
      keepCompleted: s.KEEP_COMPLETED_JOBS,
      keepFailed: s.KEEP_FAILED_JOBS,
    },
    spool: { directory: s.SPOOL_DIR, memoryBytes: s.SPOOL_MEMORY_BYTES },
    worker: { concurrency: s.WORKER_CONCURRENCY, graceMs: s.SHUTDOWN_GRACE_MS, limits: limitsOf(s) },
    scheduler: { intervalMs: s.SCHEDULER_INTERVAL_MS },
    api: { host: s.API_HOST, port: s.API_PORT, token: s.API_TOKEN },
    metrics: { host: s.METRICS_HOST, port: s.METRICS_PORT },
  };
}

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
  healMs: s.HEAL_MS,
  clockMaxSkewMs: s.CLOCK_MAX_SKEW_MS,
});
