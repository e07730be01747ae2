import {
  type ErrorRecord,
  errorRecordOf,
  FencedOutError,
  HandedBackError,
  isBroken,
  SyncError,
  type SyncState,
  type User,
} from '@odoo-sync/core';
import type { Engine } from './engine.js';

const SECOND_LOOK_MS = 60_000;
/** A user whose credentials are rejected is tried once an hour. */
export const PROBE_MS = 3_600_000;
const UNAVAILABLE_PROBE_MS = 86_400_000;
const LEAST_PACE_MS = 1_000;
const MOST_PACE_MS = 60_000;
const THROTTLE_WAIT_MS = 30_000;

/** What an error means to the turn that met it. Each is the same for windows and tails; what they do about it differs. */
export type Verdict =
  /** The process stops: the job goes back. */
  | { readonly type: 'handBack' }
  /** The lane is another's: nothing is told to the ledger. */
  | { readonly type: 'fencedOut' }
  /** Not to be tried before so many milliseconds; no attempt is used. */
  | { readonly type: 'wait'; readonly ms: number; readonly error: ErrorRecord }
  /** The user's credentials are wrong, seen twice: everything of the user waits. */
  | { readonly type: 'needsAttention'; readonly probeAt: Date; readonly error: ErrorRecord }
  /** The module can't be read: the others go on. */
  | { readonly type: 'unavailable'; readonly probeAt: Date; readonly error: ErrorRecord }
  /** The field list is out of date. */
  | { readonly type: 'fields'; readonly error: ErrorRecord }
  /** An attempt is used. */
  | { readonly type: 'attempt'; readonly error: ErrorRecord };

/**
 * Judges an error by the engine's table, and writes down what it says about the user: its pace under throttling, the
 * first sight of a rejected credential. The second look at a credential comes a minute after the first.
 */
export async function classifyFault(
  engine: Engine,
  user: User,
  error: unknown,
  stop: AbortSignal,
  lost: AbortSignal | null,
): Promise<Verdict> {
  const fencedOut = () => error instanceof FencedOutError || lost?.aborted === true;
  if (stop.aborted) return { type: 'handBack' };
  if (fencedOut()) return { type: 'fencedOut' };
  if (error instanceof HandedBackError) return { type: 'handBack' };
  const verdict = await meaningOf(engine, user, error);
  // The lane may have been taken while the store was asked.
  return fencedOut() ? { type: 'fencedOut' } : verdict;
}

async function meaningOf(engine: Engine, user: User, error: unknown): Promise<Verdict> {
  const now = await engine.store.now();
  const record = errorRecordOf(error, now);
  const kind = error instanceof SyncError ? error.kind : 'bug';
  switch (kind) {
    case 'throttled': {
      const pace = (await engine.store.syncState(user))?.paceMs ?? 0;
      const paceMs = Math.min(MOST_PACE_MS, Math.max(LEAST_PACE_MS, pace * 2));
      const ms = (error instanceof SyncError ? error.retryAfterMs : undefined) ?? THROTTLE_WAIT_MS;
      await engine.store.noteSource(user, { paceMs, holdUntil: new Date(now.getTime() + ms) });
      return { type: 'wait', ms, error: record };
    }
    case 'credentials': {
      engine.sources.drop(user);
      const suspectUntil = (await engine.store.syncState(user))?.suspectUntil ?? null;
      if (suspectUntil === null) {
        const secondLook = new Date(now.getTime() + SECOND_LOOK_MS);
        await engine.store.noteSyncState(user, { suspectUntil: secondLook, holdUntil: secondLook });
        return { type: 'wait', ms: SECOND_LOOK_MS, error: record };
      }
      const left = suspectUntil.getTime() - now.getTime();
      if (left > 0) return { type: 'wait', ms: left, error: record };
      return { type: 'needsAttention', probeAt: new Date(now.getTime() + PROBE_MS), error: record };
    }
    case 'access':
      return { type: 'unavailable', probeAt: new Date(now.getTime() + UNAVAILABLE_PROBE_MS), error: record };
    case 'fields':
      return { type: 'fields', error: record };
    default: {
      const unreachable = error instanceof SyncError && error.unreachable;
      const waitMs = unreachable ? await noteUnreachable(engine, user, now) : null;
      return waitMs === null
        ? { type: 'attempt', error: record }
        : { type: 'wait', ms: waitMs, error: record };
    }
  }
}

/** Counts a connection fault. @returns how long to leave Odoo alone, when its breaker is open. */
async function noteUnreachable(engine: Engine, user: User, now: Date): Promise<number | null> {
  engine.sources.drop(user);
  const noted = await engine.store.noteFault(user);
  if (!noted?.outage.openUntil) return null;
  const { since, openUntil, pauseMs } = noted.outage;
  if (noted.opened) {
    engine.log.warn(
      { odoo: user.address.url, db: user.address.db, since, pauseMs },
      "Odoo can't be reached: the breaker is open, and nothing is asked of it but a probe now and then",
    );
  }
  return Math.max(1, openUntil.getTime() - now.getTime());
}

/**
 * After a turn without a fault: credentials are above suspicion, Odoo is within reach, the pace recovers by halves.
 * @param plan as it was when the turn began.
 */
export async function noteHealthy(engine: Engine, user: User, plan: SyncState): Promise<void> {
  if (user.standing === 'needs_attention') await engine.store.restoreUser(user);
  if (plan.outage !== null) await noteReachable(engine, user);
  const paceMs = plan.paceMs < LEAST_PACE_MS / 2 ? 0 : Math.floor(plan.paceMs / 2);
  if (plan.suspectUntil !== null || plan.paceMs !== paceMs) {
    await engine.store.noteSyncState(user, { suspectUntil: null, paceMs });
  }
}

async function noteReachable(engine: Engine, user: User): Promise<void> {
  const ended = await engine.store.noteAnswer(user);
  if (!isBroken(ended)) return;
  engine.log.info(
    { odoo: user.address.url, db: user.address.db, since: ended?.since },
    'Odoo answers again: the breaker is closed',
  );
}
