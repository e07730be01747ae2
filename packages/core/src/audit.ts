import type { AuditShare, AuditShares } from './auditShares.js';
import type { Cliff } from './cliff.js';
import type { ErrorRecord } from './errors.js';
import type { UserRef } from './ids.js';
import type { ModuleName } from './modules.js';
import type { OdooTime, StoreTime } from './time.js';

/**
 * An audit compares a module's mirror with its source, record by record, by id and `write_date`. It is one document for each
 * (user, module), which is there as long as the user's life. A run of it is cut into slices, each a turn in the lane:
 *
 * `compare`: goes through the ids of the source, upwards. What is missing in the mirror or stale there is read in full and written
 *   within the slice. What only the mirror holds is kept as gone, by its id.
 * `bury`: asks for each of these once more, and makes it a tombstone where it is still gone.
 *
 * `idle`: the next slice, or the next run, is due at `dueAt`. `queued`, `running`: as a batch's. `failed`: the attempts of a slice
 * are used up; a new run is due at `dueAt`. `stopped`: so much is gone that somebody has to say that this is right: {@link Cliff}.
 */
export type AuditStatus = 'idle' | 'queued' | 'running' | 'stopped' | 'failed';

export const AUDIT_TRANSITIONS = {
  release: { from: ['idle', 'failed'], to: ['queued'] },
  start: { from: ['queued'], to: ['running'] },
  slice: { from: ['running'], to: ['idle'] },
  end: { from: ['running'], to: ['idle'] },
  stop: { from: ['running'], to: ['stopped'] },
  postpone: { from: ['running'], to: ['idle'] },
  fail: { from: ['running'], to: ['queued', 'failed'] },
  handBack: { from: ['running'], to: ['queued'] },
  expire: { from: ['running'], to: ['queued', 'failed'] },
  reissue: { from: ['queued'], to: ['queued'] },
  withdraw: { from: ['queued', 'running'], to: ['idle'] },
  ask: { from: ['idle', 'queued', 'running', 'stopped', 'failed'], to: ['idle', 'queued', 'running'] },
  accept: { from: ['stopped'], to: ['idle'] },
} as const satisfies Record<string, { from: readonly AuditStatus[]; to: readonly AuditStatus[] }>;

/** So many ids of a kind of difference are named; all are counted. */
export const NAMED_MOST = 1_000;
/** So many gone records one run buries; where there are more, another follows at once. */
export const GONE_MOST = 100_000;

/** Differences that a run found. */
export interface Differences {
  /** Of the same date, and with other content. */
  readonly content: number;
  /** In the source, and not in the mirror. */
  readonly missing: number;
  /** In both, with another `write_date`, or a tombstone that is no more gone. */
  readonly stale: number;
  /** In the mirror alone. */
  readonly gone: number;
  /** The ids of the first ones of each. */
  readonly ids: Readonly<Record<'missing' | 'stale' | 'gone', readonly number[]>>;
}

export const NO_DIFFERENCES: Differences = {
  content: 0,
  missing: 0,
  stale: 0,
  gone: 0,
  ids: { missing: [], stale: [], gone: [] },
};

/** How far a run is. */
export interface AuditRun {
  /** By Odoo's clock, of an answer that had ended before the first question: what the run proves, it proves as of then. */
  readonly asOf: OdooTime;
  /** By the store's clock. */
  readonly startedAt: StoreTime;
  readonly phase: 'compare' | 'bury';
  /** Records of this share are read in full, though their dates are the same. */
  readonly share: AuditShare;
  /** The version of the schema by which they are. */
  readonly schema: string | null;
  /** Every id up to this one is compared, or buried. */
  readonly afterId: number;
  /** Records of the source that were compared. */
  readonly records: number;
  /** Records of the mirror that were. */
  readonly mirrored: number;
  readonly found: Differences;
  /** Written since: what was missing or stale, and tombstones. */
  readonly healed: number;
  /** What could not be read: it differs still. */
  readonly unreadable: readonly number[];
  /** The ids of gone records, rising. */
  readonly gone: readonly number[];
}

/** What a run proved. */
export interface AuditResult {
  /** As of then, by Odoo's clock, the mirror equals the source, where nothing is `open`. */
  readonly asOf: OdooTime;
  readonly endedAt: StoreTime;
  readonly records: number;
  readonly found: Differences;
  readonly healed: number;
  /** As of then each record that is older has been read in full since; null where not all of them were yet. */
  readonly contentAsOf: OdooTime | null;
  /** Differences that are left: records that can't be read, and gone ones that the next run buries. */
  readonly open: number;
  readonly unreadable: readonly number[];
}

export interface Audit extends UserRef {
  readonly _id: string;
  readonly module: ModuleName;
  readonly status: AuditStatus;
  readonly release: number;
  readonly attempts: number;
  readonly expiries: number;
  readonly retryAt: StoreTime | null;
  readonly queuedAt: StoreTime | null;
  readonly dueAt: StoreTime;
  /** Null between two runs. */
  readonly run: AuditRun | null;
  /** Of the last run that came to its end. */
  readonly result: AuditResult | null;
  readonly cliff: Cliff | null;
  readonly lastError: ErrorRecord | null;
  readonly shares: AuditShares;
  /** The schema by which every record was read; null before the first run's end. Where it is another than the module's, a run reads them all. */
  readonly filledBy: string | null;
  /** The next run reads every record in full. */
  readonly deep: boolean;
}

export type AuditEvent =
  | { readonly type: 'release' | 'reissue'; readonly at: StoreTime }
  | { readonly type: 'start' }
  | { readonly type: 'slice'; readonly run: AuditRun; readonly at: StoreTime }
  | {
      readonly type: 'end';
      readonly run: AuditRun;
      readonly result: AuditResult;
      readonly shares: AuditShares;
      readonly dueAt: StoreTime;
    }
  | { readonly type: 'stop'; readonly run: AuditRun; readonly cliff: Cliff }
  | { readonly type: 'postpone'; readonly until: StoreTime }
  | {
      readonly type: 'fail';
      readonly error: ErrorRecord;
      readonly retryAt: StoreTime;
      readonly healAt: StoreTime;
      /** No further attempt can help. */
      readonly final: boolean;
    }
  | { readonly type: 'handBack'; readonly until: StoreTime | null; readonly error?: ErrorRecord }
  | { readonly type: 'expire'; readonly at: StoreTime; readonly healAt: StoreTime }
  | { readonly type: 'withdraw'; readonly error: ErrorRecord; readonly until: StoreTime }
  | { readonly type: 'ask'; readonly at: StoreTime; readonly deep: boolean }
  | { readonly type: 'accept'; readonly at: StoreTime };

export const AUDIT_STATUSES: readonly AuditStatus[] = ['idle', 'queued', 'running', 'stopped', 'failed'];

/** The document that a module's audit turns belong to. No key of a user has a point in it. */
export const auditIdOf = (userKey: string, module: ModuleName): string => `audit-${userKey}.${module}`;

/** @param release the number before its first. */
export const newAudit = (
  { userKey, life }: UserRef,
  module: ModuleName,
  release: number,
  dueAt: StoreTime,
): Audit => ({
  _id: auditIdOf(userKey, module),
  userKey,
  life,
  module,
  status: 'idle',
  release,
  attempts: 0,
  expiries: 0,
  retryAt: null,
  queuedAt: null,
  dueAt,
  run: null,
  result: null,
  cliff: null,
  lastError: null,
  shares: [],
  filledBy: null,
  deep: false,
});

/** When a module's audits are due within the interval: users and modules are spread over it. @returns a share of it, below 1. */
export function auditPlace(userKey: string, module: ModuleName): number {
  let hash = 0;
  for (const char of `${userKey}.${module}`) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0) / 2 ** 32;
}

/** Whether the table allows the event now. */
export const auditAllows = (audit: Pick<Audit, 'status'>, type: AuditEvent['type']): boolean =>
  (AUDIT_TRANSITIONS[type].from as readonly AuditStatus[]).includes(audit.status);

/**
 * What an audit becomes by an event; pure, as {@link applyBatchEvent}.
 * @returns undefined when the table refuses.
 */
export function applyAuditEvent(
  audit: Audit,
  event: AuditEvent,
  limits: { readonly maxAttempts: number; readonly maxExpiries: number },
): Audit | undefined {
  if (!auditAllows(audit, event.type)) return undefined;
  return { ...audit, ...patchOf(audit, event, limits) };
}

const FRESH = { attempts: 0, expiries: 0, retryAt: null } as const;

/** What changes of an audit by its release; told apart, since the store releases what it hasn't read. */
export const releasedAudit = (release: number, at: StoreTime) =>
  ({ ...FRESH, status: 'queued', release: release + 1, queuedAt: at }) as const;

/** What runs, or is half done, goes on; what stopped begins anew. */
function asked({ status, run }: Audit, at: StoreTime): Partial<Audit> {
  if (status === 'queued' || status === 'running') return {};
  const anew = { ...FRESH, status: 'idle', dueAt: at } as const;
  return status === 'idle' && run ? anew : { ...anew, run: null, cliff: null };
}

function patchOf(
  audit: Audit,
  event: AuditEvent,
  { maxAttempts, maxExpiries }: { readonly maxAttempts: number; readonly maxExpiries: number },
): Partial<Audit> {
  const failed = (error: ErrorRecord, healAt: StoreTime): Partial<Audit> => ({
    ...FRESH,
    status: 'failed',
    run: null,
    dueAt: healAt,
    lastError: error,
  });
  switch (event.type) {
    case 'release':
      return releasedAudit(audit.release, event.at);
    case 'reissue':
      return { release: audit.release + 1, queuedAt: event.at };
    case 'start':
      return { status: 'running', retryAt: null };
    case 'slice':
      return { ...FRESH, status: 'idle', run: event.run, dueAt: event.at };
    case 'end': {
      const { run, result, shares, dueAt } = event;
      const isWhole = run.share === 'all';
      return {
        ...FRESH,
        status: 'idle',
        run: null,
        result,
        shares,
        filledBy: isWhole || audit.filledBy === null ? run.schema : audit.filledBy,
        deep: audit.deep && !isWhole,
        dueAt,
        cliff: null,
        lastError: null,
      };
    }
    case 'stop':
      return { ...FRESH, status: 'stopped', run: event.run, cliff: event.cliff, lastError: null };
    case 'postpone':
      return { ...FRESH, status: 'idle', dueAt: event.until };
    case 'fail': {
      const { error, final, retryAt, healAt } = event;
      const attempts = audit.attempts + 1;
      return attempts < maxAttempts && !final
        ? { status: 'queued', attempts, expiries: 0, retryAt, lastError: error }
        : failed(error, healAt);
    }
    case 'handBack':
      return { status: 'queued', retryAt: event.until, ...(event.error ? { lastError: event.error } : {}) };
    case 'expire': {
      const expiries = audit.expiries + 1;
      if (expiries < maxExpiries) return { status: 'queued', expiries, retryAt: null };
      const message = `its worker died ${expiries} times in a row while it ran this audit, alone from the third on`;
      return failed({ kind: 'crashed', message, at: event.at }, event.healAt);
    }
    case 'withdraw':
      return { ...FRESH, status: 'idle', dueAt: event.until, lastError: event.error };
    case 'ask':
      return { ...asked(audit, event.at), deep: audit.deep || event.deep };
    case 'accept':
      return { ...FRESH, status: 'idle', dueAt: event.at, cliff: null };
  }
}
