import type {
  ErrorRecord,
  JobState,
  LeaseReport,
  ModuleName,
  PastTurn,
  Standing,
  StoreTime,
  SyncState,
  TurnKind,
  WaitingTurns,
} from '@odoo-sync/core';
import type { NextTurn, TurnReason } from '../dispatch/explainPlan.js';

/** What would become of a turn if the user was looked at now. */
export interface FateReport {
  readonly fate: 'runs' | 'released' | 'woken' | 'waits';
  /** For programs; null where it doesn't wait. */
  readonly reason: TurnReason['type'] | 'needsAttention' | 'unavailable' | 'laterInLine' | 'justNow' | null;
  /** The same as a sentence. */
  readonly why: string | null;
}

/** Why nothing of a user runs, or ran until now. */
export interface Hold {
  readonly kind: 'throttled' | 'credentials' | 'breaker';
  /** Null where that isn't kept. */
  readonly since: StoreTime | null;
  /** In the past: it is over, and the next turn finds out. */
  readonly until: StoreTime;
  readonly why: string;
}

/** A turn that is out. */
export interface ExplainedTurn extends FateReport {
  readonly kind: TurnKind;
  readonly module: ModuleName | null;
  readonly windowStart: Date | null;
  readonly turnId: string;
  readonly release: number;
  readonly status: 'queued' | 'running';
  readonly readyAt: StoreTime;
  readonly attempts: number;
  /** What the queue says of its job; null while Redis is away. */
  readonly job: JobState | null;
  /** What a look would do about its job, where that isn't as it should be. */
  readonly remedy: string | null;
}

/** Why a user's next turn is what it is. Times are by the store's clock. Every text of an Odoo's in it is bounded, on one line, and without secrets. */
export interface UserExplanation {
  readonly userKey: string;
  readonly at: StoreTime;
  /** The whole in plain sentences. */
  readonly sentences: readonly string[];
  readonly standing: Standing;
  readonly attention: ErrorRecord | null;
  readonly holds: readonly Hold[];
  /** Pause between two pages while its Odoo throttles; 0 when it doesn't. */
  readonly paceMs: number;
  /** The least pause between two requests that was set for it; null: the fleet's. */
  readonly callDelayMs: number | null;
  readonly clock: {
    /** Odoo's minus the store's, as it is believed. */
    readonly aheadMs: number;
    /** Of Odoo's database, beyond that. */
    readonly databaseAheadMs: number;
    /** Why it isn't believed; null where it is. */
    readonly fault: string | null;
  };
  readonly places: { readonly all: number; readonly taken: number };
  readonly tail: Pick<
    SyncState['tail'],
    'status' | 'dueAt' | 'pauseMs' | 'lastEnd' | 'lastChangeAt' | 'lastError'
  > &
    FateReport & {
      readonly missed: readonly ModuleName[];
      /** Workers in a row that died over it. */
      readonly deaths: number;
    };
  readonly inFlight: readonly ExplainedTurn[];
  readonly waiting: readonly (WaitingTurns & FateReport)[];
  /** Modules of which no windows were made yet. */
  readonly withoutHistory: readonly ModuleName[];
  readonly unavailable: readonly {
    readonly module: ModuleName;
    readonly reason: string;
    readonly probeAt: StoreTime | null;
  }[];
  /** What a look would hand out now. */
  readonly next: readonly NextTurn[];
  /** When the user is looked at, unless a turn ends or somebody asks for something before. In the past: it is due. */
  readonly nextTurnAt: StoreTime;
  /** When it would be looked at again after a look now; null for one that is being removed. */
  readonly thenAt: StoreTime | null;
  readonly lanes: readonly (LeaseReport & { readonly expired: boolean })[];
  /** Why the queue could not be asked; null where it answered. */
  readonly queueAway: string | null;
  readonly pastTurns: readonly PastTurn[];
}
