import type { ErrorRecord } from './errors.js';
import { batchIdOf, type UserRef } from './ids.js';
import type { ModuleName } from './modules.js';
import type { UnreadableRecord } from './ports/source.js';
import { type OdooTime, odooTime, type StoreTime } from './time.js';
import type { Window, WindowRange } from './windows.js';

/**
 * A batch is the ledger's record of one window of one (user, module). Its life:
 *
 * `pending`: known, waiting for its turn. Made so when its window starts, or put back so when the user's credentials or
 *   the module's access failed (`withdraw`), or by an operator's retry of a failed one.
 * `queued`: released (the release number was raised and a job carries it), or waiting out a backoff (`retryAt`).
 * `running`: a worker holds its lane and reads.
 * `committing`: its records become visible in several transactions, because one can't hold them.
 * `open`: read once, but the reading began before the window could be sealed; `dueAt` says when its seal turn comes.
 * `succeeded`: sealed: read in full by a pass that began when no late commit was to be expected any more. Final. A
 *   range of windows of which a survey proved as much, and that they hold nothing, is one batch, made in this state.
 * `failed`: attempts used up, or it killed its worker four times. Due again at `dueAt` (it heals by itself, slowly).
 *
 * `release` raises the number and takes it from `pending`, `open` or `failed` to `queued`; `start` to `running`;
 * `commitPart` to `committing`; `commit` to `open` or `succeeded`. `fail` uses an attempt: back to `queued`, or to
 * `failed` after the last. `handBack` returns it to `queued` for free (shutdown, throttling, a credential's second
 * look). `expire` is the lease of a dead worker: back to `queued`; the third
 * time in a row it ran alone in that worker, so that the death was its own, and the fourth time it is `failed`. `reissue` is a
 * queued release whose job ended without telling the ledger: a new number, same attempts. `withdraw` takes it out of
 * the queue. `makeDue` asks for another reading (of what was read already, or failed) as soon as its turn comes.
 * `makeGood` is a resync that read a failed window.
 */
export type BatchStatus = 'pending' | 'queued' | 'running' | 'committing' | 'open' | 'succeeded' | 'failed';

export const BATCH_STATUSES: readonly BatchStatus[] = [
  'pending',
  'queued',
  'running',
  'committing',
  'open',
  'succeeded',
  'failed',
];

/** Statuses in which a release is out: a job exists, or the repair makes it exist again. */
export const IN_FLIGHT: readonly BatchStatus[] = ['queued', 'running', 'committing'];

/** From which statuses each event may happen, and to which it may lead. Everything else is refused. */
export const BATCH_TRANSITIONS = {
  release: { from: ['pending', 'open', 'failed'], to: ['queued'] },
  start: { from: ['queued'], to: ['running'] },
  commitPart: { from: ['running', 'committing'], to: ['committing'] },
  commit: { from: ['running', 'committing'], to: ['open', 'succeeded'] },
  fail: { from: ['running', 'committing'], to: ['queued', 'failed'] },
  handBack: { from: ['running', 'committing'], to: ['queued'] },
  expire: { from: ['running', 'committing'], to: ['queued', 'failed'] },
  reissue: { from: ['queued'], to: ['queued'] },
  withdraw: { from: ['queued', 'running', 'committing'], to: ['pending', 'open'] },
  makeDue: { from: ['open', 'failed'], to: ['open', 'pending'] },
  makeGood: { from: ['failed'], to: ['open', 'succeeded'] },
} as const satisfies Record<string, { from: readonly BatchStatus[]; to: readonly BatchStatus[] }>;

/** Of a window's unreadable records, so many are kept by name; there are rarely any. */
export const UNREADABLE_KEPT = 1_000;

export interface PassCounts {
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** The part of a batch that events read and change. Times `dueAt` and `readStartedAt` are by Odoo's clock, others by the store's. */
export interface Batch extends UserRef {
  readonly _id: string;
  readonly module: ModuleName;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly status: BatchStatus;
  readonly release: number;
  /** Attempts used of this series; a release starts a new series. */
  readonly attempts: number;
  /** Leases in a row that expired without an outcome. */
  readonly expiries: number;
  /** When its next turn is due, by Odoo's clock. */
  readonly dueAt: OdooTime;
  /** Not to be run before this, by the store's clock: backoff. */
  readonly retryAt: StoreTime | null;
  readonly queuedAt: StoreTime | null;
  /** When the last complete pass began, by Odoo's clock. */
  readonly readStartedAt: OdooTime | null;
  readonly counts: PassCounts | null;
  /** Records of the window that its last pass could not read. */
  readonly unreadable: readonly UnreadableRecord[];
  readonly pages: number;
  /** Attempts that failed, over its whole life. */
  readonly retries: number;
  /** How long the last complete pass took, from the lane to the commit, in milliseconds. */
  readonly durationMs: number;
  /** What sealed it: a pass of its own, or the survey that found nothing in it. */
  readonly sealedBy: 'pass' | 'survey' | null;
  /** Transactions of a commit in parts that are visible so far. */
  readonly parts: number;
  readonly lastError: ErrorRecord | null;
}

/** The batch of a window that was just made. @param release the number before its first release. */
export const newBatch = (
  { userKey, life }: UserRef,
  module: ModuleName,
  { start, end }: Window,
  release: number,
): Batch => ({
  _id: batchIdOf(userKey, module, start),
  userKey,
  life,
  module,
  startTime: start,
  endTime: end,
  status: 'pending',
  release,
  attempts: 0,
  expiries: 0,
  dueAt: odooTime(start),
  retryAt: null,
  queuedAt: null,
  readStartedAt: null,
  counts: null,
  unreadable: [],
  pages: 0,
  retries: 0,
  durationMs: 0,
  sealedBy: null,
  parts: 0,
  lastError: null,
});

/**
 * The batch of a range of windows that a survey found empty, asked when they could be sealed: one document however many
 * windows it holds, so that ten quiet years take no more room in the ledger than a quiet day.
 */
export const emptyBatch = (
  user: UserRef,
  module: ModuleName,
  range: WindowRange,
  surveyedAt: OdooTime,
  release: number,
): Batch => ({
  ...newBatch(user, module, range, release),
  status: 'succeeded',
  readStartedAt: surveyedAt,
  counts: { read: 0, inserted: 0, updated: 0, unchanged: 0 },
  sealedBy: 'survey',
});

export interface PassResult {
  readonly readStartedAt: OdooTime;
  /** Whether the pass began late enough to seal the window. */
  readonly seals: boolean;
  /** When a window that is not sealed by this pass is due again, by Odoo's clock. */
  readonly sealDueAt: OdooTime;
  readonly counts: PassCounts;
  readonly unreadable: readonly UnreadableRecord[];
  readonly pages: number;
  readonly durationMs: number;
}

export type BatchEvent =
  | { readonly type: 'release'; readonly at: StoreTime }
  | { readonly type: 'start' }
  | { readonly type: 'commitPart' }
  | { readonly type: 'commit'; readonly pass: PassResult }
  | {
      readonly type: 'fail';
      readonly error: ErrorRecord;
      readonly retryAt: StoreTime;
      readonly healAt: OdooTime;
      /** Another attempt soon would meet the same. */
      readonly final?: boolean;
    }
  | { readonly type: 'handBack'; readonly until: StoreTime | null; readonly error?: ErrorRecord }
  | { readonly type: 'expire'; readonly at: StoreTime; readonly healAt: OdooTime }
  | { readonly type: 'reissue'; readonly at: StoreTime }
  | { readonly type: 'withdraw'; readonly error: ErrorRecord }
  | { readonly type: 'makeDue'; readonly at: OdooTime }
  | { readonly type: 'makeGood'; readonly pass: PassResult };

export interface AttemptLimits {
  /** `MAX_BATCH_ATTEMPTS` */
  readonly maxAttempts: number;
  /** Expired leases in a row that fail a batch as `crashed`. */
  readonly maxExpiries: number;
}

/**
 * A window with this many expired leases in a row runs alone in its worker. Up to here they may be a neighbour's doing, and
 * fail nothing.
 */
export const ALONE_AFTER_EXPIRIES = 2;

const refused = (batch: Batch, event: BatchEvent): never => {
  throw new IllegalTransitionError(batch, event);
};

/** An event came at a status that the table doesn't allow: somebody else was faster, or the caller is wrong. */
export class IllegalTransitionError extends Error {
  constructor(batch: Batch, event: BatchEvent) {
    super(
      `batch ${batch._id} is ${batch.status}: "${event.type}" needs ${BATCH_TRANSITIONS[event.type].from.join(' or ')}`,
    );
    this.name = 'IllegalTransitionError';
  }
}

/** Whether the table allows the event now. */
export const allows = (batch: Pick<Batch, 'status'>, type: BatchEvent['type']): boolean =>
  (BATCH_TRANSITIONS[type].from as readonly BatchStatus[]).includes(batch.status);

/**
 * What a batch becomes by an event. Pure: the store applies it under a compare-and-set on (status, release, attempts, expiries).
 * @throws IllegalTransitionError when the table refuses.
 */
export function applyBatchEvent(batch: Batch, event: BatchEvent, limits: AttemptLimits): Batch {
  if (!allows(batch, event.type)) refused(batch, event);
  const next = { ...batch, ...patchOf(batch, event, limits) };
  if (!(BATCH_TRANSITIONS[event.type].to as readonly BatchStatus[]).includes(next.status))
    refused(batch, event);
  return next;
}

/** What a release changes, which is all that it needs to know of the batch. @param release the number before it. */
export const releasedBatch = (release: number, at: StoreTime) =>
  ({
    status: 'queued',
    release: release + 1,
    attempts: 0,
    expiries: 0,
    retryAt: null,
    queuedAt: at,
  }) as const satisfies Partial<Batch>;

function patchOf(batch: Batch, event: BatchEvent, limits: AttemptLimits): Partial<Batch> {
  switch (event.type) {
    case 'release':
      return releasedBatch(batch.release, event.at);
    case 'start':
      return { status: 'running', retryAt: null, parts: 0 };
    case 'commitPart':
      return { status: 'committing', parts: batch.parts + 1 };
    case 'commit':
    case 'makeGood':
      return passed(event.pass);
    case 'fail': {
      const attempts = batch.attempts + 1;
      const used = { attempts, expiries: 0, retries: batch.retries + 1, lastError: event.error };
      return attempts < limits.maxAttempts && !event.final
        ? { ...used, status: 'queued', retryAt: event.retryAt }
        : { ...used, status: 'failed', retryAt: null, dueAt: event.healAt };
    }
    case 'handBack':
      return { status: 'queued', retryAt: event.until, ...(event.error ? { lastError: event.error } : {}) };
    case 'expire': {
      const expiries = batch.expiries + 1;
      if (expiries < limits.maxExpiries) return { status: 'queued', expiries, retryAt: null };
      const message = `its worker died ${expiries} times in a row while it ran this window, alone from the third on`;
      const lastError: ErrorRecord = { kind: 'crashed', message, at: event.at };
      return { status: 'failed', expiries, retryAt: null, dueAt: event.healAt, lastError };
    }
    case 'reissue':
      return { release: batch.release + 1, queuedAt: event.at };
    case 'withdraw':
      return { status: batch.readStartedAt ? 'open' : 'pending', retryAt: null, lastError: event.error };
    case 'makeDue':
      return { status: batch.readStartedAt ? 'open' : 'pending', dueAt: event.at };
  }
}

const passed = (pass: PassResult): Partial<Batch> => ({
  status: pass.seals ? 'succeeded' : 'open',
  dueAt: pass.sealDueAt,
  readStartedAt: pass.readStartedAt,
  counts: pass.counts,
  unreadable: pass.unreadable,
  pages: pass.pages,
  durationMs: pass.durationMs,
  sealedBy: pass.seals ? 'pass' : null,
  retryAt: null,
  expiries: 0,
  lastError: null,
});
