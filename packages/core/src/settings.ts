import type { RangeDays } from './windows.js';

/** The engine's settings: what core, store and worker share. Times in milliseconds. Read from the environment by `runtime`. */
export interface EngineSettings {
  /** `MAX_BATCH_ATTEMPTS` */
  readonly maxAttempts: number;
  /** Expired leases in a row that fail a window as `crashed`. */
  readonly maxExpiries: number;
  /** `RETRY_BACKOFF_MS`: base of the exponential backoff. */
  readonly backoffMs: number;
  /** `BREAKER_PAUSE_MS`: how long an Odoo that can't be reached is left alone at first. */
  readonly breakerMs: number;
  /** `INITIAL_SYNC_RANGE_DAYS` */
  readonly rangeDays: RangeDays;
  /** `SETTLE_MS`: how long after its end a window may be sealed. */
  readonly settleMs: number;
  /** `LOOKBACK_MS`: how far a tail looks back behind its last pass. */
  readonly lookbackMs: number;
  /** `TAIL_INTERVAL_MS` and `TAIL_QUIET_MS` */
  readonly tailIntervalMs: number;
  readonly tailQuietMs: number;
  /** `TAIL_MAX`: more differing records than this in a module are left to the windows. */
  readonly tailMax: number;
  /** `LEASE_MS`: a lane's lease. */
  readonly leaseMs: number;
  /** `USER_CONCURRENCY` */
  readonly userConcurrency: number;
  /** `REPAIR_MS`: how long a turn may be out before its job is looked for. */
  readonly repairMs: number;
  /** `AUDIT_INTERVAL_MS`: from the start of an audit to that of the next. */
  readonly auditIntervalMs: number;
  /** `DEEP_DAYS`: within so many days each record is read in full once, though its date is the same. */
  readonly deepDays: number;
  /** `HEAL_MS`: after how long a failed window is tried again by itself. */
  readonly healMs: number;
  /** `CLOCK_MAX_SKEW_MS`: an Odoo's clock that is further off than this is not believed. */
  readonly clockMaxSkewMs: number;
}

export const DEFAULT_SETTINGS: EngineSettings = {
  maxAttempts: 4,
  maxExpiries: 4,
  backoffMs: 10_000,
  breakerMs: 15_000,
  rangeDays: 90,
  settleMs: 900_000,
  lookbackMs: 600_000,
  tailIntervalMs: 5_000,
  tailQuietMs: 60_000,
  tailMax: 5_000,
  leaseMs: 15_000,
  userConcurrency: 1,
  repairMs: 10_000,
  auditIntervalMs: 86_400_000,
  deepDays: 30,
  healMs: 21_600_000,
  clockMaxSkewMs: 3_600_000,
};
