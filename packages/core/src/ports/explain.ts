import type { PassCounts } from '../batch.js';
import type { UserRef } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { StoreTime } from '../time.js';
import type { RoundKind } from '../turns.js';
import type { SyncState } from './syncState.js';

/** A lane's lease, by the store's clock. */
export interface LeaseReport {
  readonly module: ModuleName;
  /** Its kind is a turn's, or `purge` where the user is being removed. */
  readonly holder: { readonly kind: string; readonly turnId: string; readonly release: number };
  readonly takenAt: StoreTime | null;
  /** In the past where its holder died, or can't reach the store: whoever comes next takes the lane. */
  readonly expiresAt: StoreTime;
}

/** A turn in a lane that has ended: one that changed something or met a fault. */
export interface PastTurn {
  readonly kind: string;
  readonly module: ModuleName;
  readonly turnId: string;
  /** Of a window's turn; null of a tail, and of a resync, which has many. */
  readonly windowStart: Date | null;
  readonly outcome: string;
  readonly pages: number;
  readonly counts: PassCounts | null;
  readonly takenAt: StoreTime;
  readonly endedAt: StoreTime;
}

/** How much of a kind waits in a module. */
export interface WaitingTurns {
  readonly kind: RoundKind;
  readonly module: ModuleName;
  readonly due: number;
  /** Sealed or tried again later. */
  readonly later: number;
  /** When the first of those that come later is due. */
  readonly nextDueAt: StoreTime | null;
}

/** By which clocks a user's turns are due. */
export interface SnapshotClocks extends Pick<SyncState, 'skewMs' | 'dbSkewMs'> {
  /** The store's. */
  readonly now: StoreTime;
}

/** What an operator wants to know who asks why a user doesn't move. Nothing that runs turns reads it. */
export interface ExplainStore {
  /** The lanes that somebody holds, or held and didn't give back. */
  leases(user: UserRef): Promise<readonly LeaseReport[]>;
  /** The last turns of a life, newest first. */
  pastTurns(user: UserRef, limit: number): Promise<readonly PastTurn[]>;
  /** What could be released now or later, counted; without what is out, and what there is nothing of. */
  waitingTurns(user: UserRef, clocks: SnapshotClocks): Promise<readonly WaitingTurns[]>;
}
