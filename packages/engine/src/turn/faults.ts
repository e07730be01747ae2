import {
  type ErrorRecord,
  errorRecordOf,
  FencedOutError,
  HandedBackError,
  isBroken,
  type JobEnd,
  later,
  type StoreTime,
  SyncError,
  type TurnEnd,
} from '@odoo-sync/core';
import type { ModuleContext } from './turnContext.js';

export const SECOND_LOOK_MS = 60_000;
/** A user whose credentials are rejected is tried once an hour. */
export const PROBE_MS = 3_600_000;
/** A module that can't be read is tried once a day. */
export const UNAVAILABLE_PROBE_MS = 86_400_000;
const LEAST_PACE_MS = 1_000;
const MOST_PACE_MS = 60_000;
const THROTTLE_WAIT_MS = 30_000;

interface VerdictRules {
  /** What the ledger is told of a window; `none` where another turn's word holds. */
  readonly event: 'handBack' | 'withdraw' | 'fail' | 'none';
  /** How the window's job ends; of a `fail`, by whether an attempt is left. How long a delay is, the verdict says. */
  readonly job:
    | Extract<JobEnd, { readonly type: 'done' | 'handBack' }>
    | { readonly type: 'delay' | 'byAttempts' };
  /** What is counted of the window, and kept in its lane's history. */
  readonly end: TurnEnd | 'byAttempts';
  /** What a tail does that met it in a module: goes on with the others, ends, or goes back. */
  readonly tail: 'goesOn' | 'ends' | 'handBack';
  /** What is counted of that module: the tail's one attempt is over, or nothing was tried. */
  readonly tailEnd: TurnEnd;
}

/**
 * What an error can mean to the turn that met it, and what follows for the ledger, for the job, for what is counted, and for
 * the rest of a tail.
 */
export const VERDICTS = {
  /** The process stops: the job goes back. */
  handBack: {
    event: 'handBack',
    job: { type: 'handBack' },
    end: 'handedBack',
    tail: 'handBack',
    tailEnd: 'handedBack',
  },
  /** The lane is another's: nothing is told to the ledger. */
  fencedOut: {
    event: 'none',
    job: { type: 'delay' },
    end: 'noop',
    tail: 'ends',
    tailEnd: 'noop',
  },
  /** Not to be tried for a while; no attempt is used. */
  wait: { event: 'handBack', job: { type: 'delay' }, end: 'handedBack', tail: 'ends', tailEnd: 'handedBack' },
  /** The user's credentials are wrong, seen twice: everything of the user waits. */
  needsAttention: {
    event: 'withdraw',
    job: { type: 'done', result: 'withdrawn: the user needs attention' },
    end: 'withdrawn',
    tail: 'ends',
    tailEnd: 'withdrawn',
  },
  /** The module can't be read: the others go on. */
  unavailable: {
    event: 'withdraw',
    job: { type: 'done', result: 'withdrawn: the module is unavailable' },
    end: 'withdrawn',
    tail: 'goesOn',
    tailEnd: 'withdrawn',
  },
  /** The field list is out of date: it is asked for again, once. */
  fields: {
    event: 'fail',
    job: { type: 'byAttempts' },
    end: 'byAttempts',
    tail: 'goesOn',
    tailEnd: 'failed',
  },
  /** An attempt is used. */
  attempt: {
    event: 'fail',
    job: { type: 'byAttempts' },
    end: 'byAttempts',
    tail: 'goesOn',
    tailEnd: 'failed',
  },
} as const satisfies Record<string, VerdictRules>;

export interface FaultVerdict {
  readonly type: keyof typeof VERDICTS;
  readonly error: ErrorRecord;
  /** Before so many milliseconds nothing of what it stands in the way of is tried again; 0: at once. */
  readonly waitMs: number;
}

/**
 * What an error means, by the engine's table; and writes down what it says about the user: its pace under throttling, the
 * first sight of a rejected credential. The second look at a credential comes a minute after the first.
 */
export async function classifyFault(context: ModuleContext, error: unknown): Promise<FaultVerdict> {
  const { lane, handle } = context;
  const fencedOut = () => error instanceof FencedOutError || lane.lost.aborted;
  // Of what isn't told to the ledger the time is that of the lane: the store need not be asked.
  const record = errorRecordOf(error, lane.takenAt);
  if (handle.signal.aborted) return { type: 'handBack', error: record, waitMs: 0 };
  if (fencedOut()) return { type: 'fencedOut', error: record, waitMs: 0 };
  if (error instanceof HandedBackError) return { type: 'handBack', error: record, waitMs: 0 };
  const verdict = await meaningOf(context, error);
  // The lane may have been taken while the store was asked.
  return fencedOut() ? { type: 'fencedOut', error: record, waitMs: 0 } : verdict;
}

async function meaningOf(context: ModuleContext, error: unknown): Promise<FaultVerdict> {
  const { store, user, sources } = context;
  const now = await store.now();
  const record = errorRecordOf(error, now);
  const kind = error instanceof SyncError ? error.kind : 'bug';
  switch (kind) {
    case 'throttled': {
      const pace = (await store.syncState(user))?.paceMs ?? 0;
      const paceMs = Math.min(MOST_PACE_MS, Math.max(LEAST_PACE_MS, pace * 2));
      const ms = (error instanceof SyncError ? error.retryAfterMs : undefined) ?? THROTTLE_WAIT_MS;
      await store.noteSource(user, { paceMs, holdUntil: later(now, ms) });
      return { type: 'wait', error: record, waitMs: ms };
    }
    case 'credentials': {
      sources.drop(user);
      const suspectUntil = (await store.syncState(user))?.suspectUntil ?? null;
      if (suspectUntil === null) {
        const secondLook = later(now, SECOND_LOOK_MS);
        await store.noteSyncState(user, { suspectUntil: secondLook, holdUntil: secondLook });
        return { type: 'wait', error: record, waitMs: SECOND_LOOK_MS };
      }
      const left = suspectUntil.getTime() - now.getTime();
      if (left > 0) return { type: 'wait', error: record, waitMs: left };
      return { type: 'needsAttention', error: record, waitMs: PROBE_MS };
    }
    case 'access':
      return { type: 'unavailable', error: record, waitMs: UNAVAILABLE_PROBE_MS };
    case 'identity':
      return { type: 'needsAttention', error: record, waitMs: PROBE_MS };
    case 'fields':
      return { type: 'fields', error: record, waitMs: 0 };
    case 'transient':
    case 'limit':
    case 'configuration':
    case 'odoo':
    case 'bug':
    case 'invalid':
    case 'notFound':
    case 'conflict': {
      const unreachable = error instanceof SyncError && error.unreachable;
      const waitMs = unreachable ? await noteUnreachable(context, now) : null;
      return waitMs === null
        ? { type: 'attempt', error: record, waitMs: 0 }
        : { type: 'wait', error: record, waitMs };
    }
  }
}

/** Counts a connection fault. @returns how long to leave Odoo alone, when its breaker is open. */
async function noteUnreachable(
  { store, user, sources, log }: ModuleContext,
  now: StoreTime,
): Promise<number | null> {
  sources.drop(user);
  const noted = await store.noteFault(user);
  if (!noted?.outage.openUntil) return null;
  const { since, openUntil, pauseMs } = noted.outage;
  if (noted.opened) {
    log.warn(
      { odoo: user.address.url, db: user.address.db, since, pauseMs },
      "Odoo can't be reached: the breaker is open, and nothing is asked of it but a probe now and then",
    );
  }
  return Math.max(1, openUntil.getTime() - now.getTime());
}

/** After a turn without a fault: credentials are above suspicion, Odoo is within reach, the pace recovers by halves. */
export async function noteHealthy({
  store,
  user,
  state,
  log,
}: Pick<ModuleContext, 'store' | 'user' | 'state' | 'log'>): Promise<void> {
  // That Odoo answers says nothing of whose records it holds: an operator does.
  if (user.standing === 'needs_attention' && user.attention?.kind !== 'identity')
    await store.restoreUser(user);
  if (state.outage !== null) {
    const ended = await store.noteAnswer(user);
    if (isBroken(ended)) {
      const { url: odoo, db } = user.address;
      log.info({ odoo, db, since: ended?.since }, 'Odoo answers again: the breaker is closed');
    }
  }
  const paceMs = state.paceMs < LEAST_PACE_MS / 2 ? 0 : Math.floor(state.paceMs / 2);
  if (state.suspectUntil !== null || state.paceMs !== paceMs)
    await store.noteSyncState(user, { suspectUntil: null, paceMs });
}
