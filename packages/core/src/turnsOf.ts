import type { Audit } from './audit.js';
import type { Batch } from './batch.js';
import { tailIdOf, type UserRef } from './ids.js';
import type { ReleasedTurn } from './ports/dispatchStore.js';
import type { SyncState } from './ports/syncState.js';
import { type Resync, resyncWindowAt } from './resync.js';
import { storeTime } from './time.js';
import type { Candidate, InFlightTurn, TurnPlace } from './turns.js';

/** What of a batch says which turn it is, or could be. */
type BatchPlace = Pick<Batch, '_id' | 'module' | 'release' | 'startTime'>;

/** What of an audit says which turn it is. */
type AuditPlace = Omit<Audit, 'run' | 'result' | 'cliff' | 'lastError' | 'expiries'>;

/** A tail's release, as it is handed out. */
export const tailRelease = ({ userKey, life }: UserRef, release: number, delayMs = 0): ReleasedTurn => ({
  kind: 'tail',
  userKey,
  life,
  turnId: tailIdOf(userKey),
  release,
  module: null,
  startTime: null,
  delayMs,
  replaces: null,
});

/** The user's tail, where it is out. */
export function tailInFlight(user: UserRef, tail: SyncState['tail']): readonly InFlightTurn[] {
  const { status, release, dueAt, startedAt } = tail;
  if (status === 'idle') return [];
  const readyAt = status === 'running' ? (startedAt ?? dueAt) : dueAt;
  const { delayMs, replaces, ...place } = tailRelease(user, release);
  return [{ ...place, status, readyAt, attempts: 0 }];
}

/** The turn of a batch that is out. @param life of its user: an engine without lives made some batches. */
export const batchInFlight = (batch: Batch, life: string): InFlightTurn => ({
  kind: batch.readStartedAt ? 'seal' : 'backfill',
  userKey: batch.userKey,
  life,
  turnId: batch._id,
  release: batch.release,
  module: batch.module,
  startTime: batch.startTime,
  status: batch.status === 'queued' ? 'queued' : 'running',
  readyAt: batch.retryAt ?? batch.queuedAt ?? storeTime(batch.startTime),
  attempts: batch.attempts,
});

/** The turn that a batch could be released as. */
export const batchCandidate =
  (kind: 'seal' | 'backfill') =>
  ({ _id: turnId, module, release, startTime }: BatchPlace): Candidate => ({
    kind,
    module,
    turnId,
    release,
    startTime,
  });

/** The turn of a resync's window, where it is out. @param life as of {@link batchInFlight}. */
export function resyncInFlight(resync: Resync, life: string): readonly InFlightTurn[] {
  const place = resyncWindowAt(resync, resync.position);
  if (!place || resync.status === 'pending') return [];
  const { _id: turnId, userKey, release, attempts, retryAt, queuedAt, requestedAt } = resync;
  const status = resync.status === 'queued' ? 'queued' : 'running';
  const readyAt = retryAt ?? queuedAt ?? requestedAt;
  return [{ kind: 'resync', userKey, life, turnId, release, ...place, status, readyAt, attempts }];
}

/** The turn that a resync's next window could be released as. */
export function resyncCandidate(resync: Resync): readonly Candidate[] {
  const place = resyncWindowAt(resync, resync.position);
  if (!place || resync.status !== 'pending') return [];
  return [{ kind: 'resync', turnId: resync._id, release: resync.release, ...place }];
}

/** The turn of an audit's slice, where it is out. @param life as of {@link batchInFlight}. */
export function auditInFlight(audit: AuditPlace): readonly InFlightTurn[] {
  const { status, attempts, retryAt, queuedAt, dueAt } = audit;
  if (status !== 'queued' && status !== 'running') return [];
  return [{ ...auditTurn(audit), status, readyAt: retryAt ?? queuedAt ?? dueAt, attempts }];
}

/** The turn that an audit's next slice is released as, once it is due. */
export const auditCandidate = ({ _id: turnId, module, release }: AuditPlace): Candidate => ({
  kind: 'audit',
  module,
  turnId,
  release,
  startTime: null,
});

/** The turn of an audit; a failed job is that of its last release. */
export const auditTurn = ({ _id: turnId, userKey, life, module, release }: AuditPlace): TurnPlace => ({
  kind: 'audit',
  userKey,
  life,
  turnId,
  release,
  module,
  startTime: null,
});

/** The turn whose failed job belongs to a failed batch: whatever it was, it heals as a backfill. */
export const failedBatchTurn = ({
  userKey,
  life,
  ...batch
}: BatchPlace & Pick<Batch, 'userKey' | 'life'>): TurnPlace => ({
  ...batchCandidate('backfill')(batch),
  userKey,
  life,
});

/** The turn whose failed job belongs to a failed resync: that of its last window. */
export function failedResyncTurn(resync: Resync): TurnPlace {
  const last = resyncWindowAt(resync, resync.total - 1);
  const { _id: turnId, userKey, life, release } = resync;
  const { module, startTime } = last ?? { module: null, startTime: null };
  return { kind: 'resync', userKey, life, turnId, release, module, startTime };
}
