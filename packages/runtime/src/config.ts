import { tmpdir } from 'node:os';
import { DEFAULT_SETTINGS, type EngineSettings } from '@odoo-sync/core';
import type { z } from 'zod';
import { type NamedKey, parseKeyRing } from './keyRing.js';
import { SETTINGS, type Setting, type SettingName } from './settings.js';

export interface Config {
  readonly redisUrl: string;
  readonly mongodbUrl: string;
  readonly credentialsKeys: readonly NamedKey[];
  readonly queuePrefix: string;
  readonly logLevel: string;
  readonly engine: EngineSettings;
  readonly source: {
    readonly limitPerCall: number;
    readonly limitPerCallMax: number;
    readonly apiCallDelayMs: number;
    readonly requestTimeoutMs: number;
    readonly maxAnswerBytes: number;
    readonly lang: string;
  };
  readonly schedulerIntervalMs: number;
  readonly workerConcurrency: number;
  readonly shutdownGraceMs: number;
  readonly spool: { readonly directory: string; readonly memoryBytes: number };
  readonly api: { readonly host: string; readonly port: number };
  readonly keepCompleted: number;
  readonly keepFailed: number;
}

/** The environment can't be worked with: one line for each fault. */
export class ConfigError extends Error {
  /** EX_CONFIG */
  readonly exitCode = 78;
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

type Values = { readonly [K in SettingName]: z.output<(typeof SETTINGS)[K]['schema']> };

const USUAL_LIMIT_MAX = 1_000;

/**
 * Reads every setting from an environment; an empty text counts as not set.
 * @throws ConfigError with all faults at once.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting][]) {
    const given = env[name] || setting.default;
    if (given === null) {
      faults.push(`${name}: expected ${setting.unit} (${setting.meaning}), but it is not set`);
      continue;
    }
    if (given === '') continue;
    const read = setting.schema.safeParse(given);
    if (read.success) values[name] = read.data;
    else
      for (const { message } of read.error.issues)
        faults.push(`${name}: ${message}${setting.secret ? '' : `, got "${given}"`}`);
  }
  const ring =
    typeof values.CREDENTIALS_KEYS === 'string'
      ? parseKeyRing(values.CREDENTIALS_KEYS)
      : { keys: [], faults: [] };
  faults.push(...ring.faults.map((fault) => `CREDENTIALS_KEYS: ${fault}`));
  const v = values as Values;
  const limitMax = limitPerCallMax(v, env);
  if (limitMax < v.LIMIT_PER_CALL)
    faults.push(
      `LIMIT_PER_CALL_MAX: expected no less than LIMIT_PER_CALL (${v.LIMIT_PER_CALL}), got "${limitMax}"`,
    );
  if (v.TAIL_QUIET_MS < v.TAIL_INTERVAL_MS && env.TAIL_QUIET_MS)
    faults.push(
      `TAIL_QUIET_MS: expected no less than TAIL_INTERVAL_MS (${v.TAIL_INTERVAL_MS}), got "${v.TAIL_QUIET_MS}"`,
    );
  if (faults.length > 0) throw new ConfigError(faults);
  return configOf(v, ring.keys, limitMax);
}

function limitPerCallMax(values: Values, env: Readonly<Record<string, string | undefined>>): number {
  if (env.LIMIT_PER_CALL_MAX) return values.LIMIT_PER_CALL_MAX;
  return env.LIMIT_PER_CALL ? values.LIMIT_PER_CALL : USUAL_LIMIT_MAX;
}

const configOf = (v: Values, credentialsKeys: readonly NamedKey[], limitMax: number): Config => ({
  redisUrl: v.REDIS_URL,
  mongodbUrl: v.MONGODB_URL,
  credentialsKeys,
  queuePrefix: v.QUEUE_PREFIX,
  logLevel: v.LOG_LEVEL,
  engine: {
    ...DEFAULT_SETTINGS,
    maxAttempts: v.MAX_BATCH_ATTEMPTS,
    backoffMs: v.RETRY_BACKOFF_MS,
    rangeDays: v.INITIAL_SYNC_RANGE_DAYS,
    settleMs: v.SETTLE_MS,
    lookbackMs: v.LOOKBACK_MS,
    tailIntervalMs: v.TAIL_INTERVAL_MS,
    tailQuietMs: v.TAIL_QUIET_MS,
    tailMax: v.TAIL_MAX,
    leaseMs: v.LEASE_MS,
    userConcurrency: v.USER_CONCURRENCY,
    repairMs: v.REPAIR_MS,
    healMs: v.HEAL_MS,
  },
  source: {
    limitPerCall: v.LIMIT_PER_CALL,
    limitPerCallMax: limitMax,
    apiCallDelayMs: v.API_CALL_DELAY_MS,
    requestTimeoutMs: v.ODOO_TIMEOUT_MS,
    maxAnswerBytes: v.ODOO_MAX_ANSWER_BYTES,
    lang: v.ODOO_LANG,
  },
  schedulerIntervalMs: v.SCHEDULER_INTERVAL_MS,
  workerConcurrency: v.WORKER_CONCURRENCY,
  shutdownGraceMs: v.SHUTDOWN_GRACE_MS,
  spool: { directory: v.SPOOL_DIR ?? tmpdir(), memoryBytes: v.SPOOL_MEMORY_BYTES },
  api: { host: v.API_HOST, port: v.API_PORT },
  keepCompleted: v.KEEP_COMPLETED_JOBS,
  keepFailed: v.KEEP_FAILED_JOBS,
});
