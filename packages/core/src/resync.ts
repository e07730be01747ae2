import type { ErrorRecord } from './errors.js';
import type { UserRef } from './ids.js';
import type { ModuleName } from './modules.js';
import type { StoreTime } from './time.js';
import { WINDOW_MS } from './windows.js';

/**
 * A resync is a request, kept in the ledger, to read a range of windows again. It is one document with a position; each
 * position is one turn, so its release number rises with every window.
 *
 * `pending`: the window at `position` waits for its turn.
 * `queued`, `running`: as a batch's.
 * `succeeded`: every window was read. `failed`: every window was tried and at least one used up its attempts; those are
 * in `failures`, and a retry reads just them. Where there are too many to keep, it reads all of them again.
 *
 * Its windows are the tiling's, read and committed as any other. It never takes a batch back from `succeeded`, and makes
 * a `failed` one good.
 */
export type ResyncStatus = 'pending' | 'queued' | 'running' | 'succeeded' | 'failed';

export const RESYNC_TRANSITIONS = {
  release: { from: ['pending'], to: ['queued'] },
  start: { from: ['queued'], to: ['running'] },
  windowDone: { from: ['running'], to: ['pending', 'succeeded', 'failed'] },
  fail: { from: ['running'], to: ['queued', 'pending', 'failed'] },
  handBack: { from: ['running'], to: ['queued'] },
  expire: { from: ['running'], to: ['queued', 'pending', 'failed'] },
  reissue: { from: ['queued'], to: ['queued'] },
  withdraw: { from: ['queued', 'running'], to: ['pending'] },
  retry: { from: ['failed'], to: ['pending'] },
} as const satisfies Record<string, { from: readonly ResyncStatus[]; to: readonly ResyncStatus[] }>;

export interface ResyncWindow {
  readonly module: ModuleName;
  readonly startTime: Date;
}

export interface ResyncFailure extends ResyncWindow {
  readonly error: ErrorRecord;
}

/** A document must not grow with a range: twenty thousand windows may fail one after the other. */
export const RESYNC_FAILURES_KEPT = 200;

export interface Resync extends UserRef {
  readonly _id: string;
  readonly modules: readonly ModuleName[];
  /** First window's start and last window's end. */
  readonly from: Date;
  readonly to: Date;
  /** After a retry: just these windows, instead of the range's. */
  readonly only: readonly ResyncWindow[] | null;
  readonly position: number;
  readonly total: number;
  readonly status: ResyncStatus;
  readonly release: number;
  readonly attempts: number;
  readonly expiries: number;
  readonly retryAt: StoreTime | null;
  readonly queuedAt: StoreTime | null;
  readonly requestedAt: StoreTime;
  readonly failures: readonly ResyncFailure[];
  /** How many more failed than `failures` keeps. */
  readonly failuresLeftOut?: number;
  readonly lastError: ErrorRecord | null;
}

export type ResyncEvent =
  | { readonly type: 'release' | 'reissue'; readonly at: StoreTime }
  | { readonly type: 'start' | 'windowDone' | 'retry' }
  | {
      readonly type: 'fail';
      readonly error: ErrorRecord;
      readonly retryAt: StoreTime;
      /** No further attempt can help (the module is unavailable). */
      readonly final: boolean;
    }
  | { readonly type: 'handBack'; readonly until: StoreTime | null; readonly error?: ErrorRecord }
  | { readonly type: 'expire'; readonly at: StoreTime }
  | { readonly type: 'withdraw'; readonly error: ErrorRecord };

/** How many windows a range of whole windows holds for a number of modules. */
export const resyncTotal = (from: Date, to: Date, modules: number): number =>
  Math.max(0, Math.round((to.getTime() - from.getTime()) / WINDOW_MS)) * modules;

/** The window at a position: oldest first, modules alternating. Undefined past the end. */
export function resyncWindowAt(
  resync: Pick<Resync, 'only' | 'from' | 'modules' | 'total'>,
  position: number,
): ResyncWindow | undefined {
  if (resync.only) return resync.only[position];
  const module = resync.modules[position % resync.modules.length];
  if (position >= resync.total || module === undefined) return undefined;
  const start = resync.from.getTime() + Math.floor(position / resync.modules.length) * WINDOW_MS;
  return { module, startTime: new Date(start) };
}

/** Whether the table allows the event now. */
export const resyncAllows = (resync: Pick<Resync, 'status'>, type: ResyncEvent['type']): boolean =>
  (RESYNC_TRANSITIONS[type].from as readonly ResyncStatus[]).includes(resync.status);

/**
 * What a resync becomes by an event; pure, as {@link applyBatchEvent}.
 * @returns undefined when the table refuses.
 */
export function applyResyncEvent(
  resync: Resync,
  event: ResyncEvent,
  limits: { readonly maxAttempts: number; readonly maxExpiries: number },
): Resync | undefined {
  if (!resyncAllows(resync, event.type)) return undefined;
  return { ...resync, ...patchOf(resync, event, limits) };
}

function patchOf(
  resync: Resync,
  event: ResyncEvent,
  limits: { readonly maxAttempts: number; readonly maxExpiries: number },
): Partial<Resync> {
  switch (event.type) {
    case 'release':
      return { status: 'queued', release: resync.release + 1, retryAt: null, queuedAt: event.at };
    case 'reissue':
      return { release: resync.release + 1, queuedAt: event.at };
    case 'start':
      return { status: 'running', retryAt: null };
    case 'windowDone':
      return nextPosition(resync, {});
    case 'fail': {
      const attempts = resync.attempts + 1;
      if (attempts < limits.maxAttempts && !event.final)
        return { status: 'queued', attempts, expiries: 0, retryAt: event.retryAt, lastError: event.error };
      return nextPosition(resync, withFailure(resync, event.error));
    }
    case 'handBack':
      return { status: 'queued', retryAt: event.until, ...(event.error ? { lastError: event.error } : {}) };
    case 'expire': {
      const expiries = resync.expiries + 1;
      if (expiries < limits.maxExpiries) return { status: 'queued', expiries, retryAt: null };
      const error: ErrorRecord = {
        kind: 'crashed',
        message: `its worker died ${expiries} times in a row while it ran this window, alone from the third on`,
        at: event.at,
      };
      return nextPosition(resync, withFailure(resync, error));
    }
    case 'withdraw':
      return { status: 'pending', retryAt: null, lastError: event.error };
    case 'retry': {
      const again = {
        status: 'pending',
        position: 0,
        attempts: 0,
        expiries: 0,
        failures: [],
        failuresLeftOut: 0,
        lastError: null,
      } as const;
      if (resync.failuresLeftOut) return again;
      const only = resync.failures.map(({ module, startTime }) => ({ module, startTime }));
      return { ...again, only, total: only.length };
    }
  }
}

/** How many of its windows used up their attempts. */
export const failedWindows = ({ failures, failuresLeftOut = 0 }: Resync): number =>
  failures.length + failuresLeftOut;

type Failures = Partial<Pick<Resync, 'failures' | 'failuresLeftOut' | 'lastError'>>;

function withFailure(resync: Resync, error: ErrorRecord): Failures {
  const window = resyncWindowAt(resync, resync.position);
  if (!window) return { lastError: error };
  const { failures, failuresLeftOut = 0 } = resync;
  return failures.length < RESYNC_FAILURES_KEPT
    ? { failures: [...failures, { ...window, error }], lastError: error }
    : { failuresLeftOut: failuresLeftOut + 1, lastError: error };
}

function nextPosition(resync: Resync, failed: Failures): Partial<Resync> {
  const next = { ...failed, position: resync.position + 1, attempts: 0, expiries: 0, retryAt: null };
  if (next.position < resync.total) return { ...next, status: 'pending' };
  return { ...next, status: failedWindows({ ...resync, ...failed }) > 0 ? 'failed' : 'succeeded' };
}
