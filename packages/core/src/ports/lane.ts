import type { UserRef } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { TurnSummary } from '../outcome.js';
import type { StoreTime } from '../time.js';
import type { TurnKind, TurnRef } from '../turns.js';

/** The right to work on one (user, module), held with a lease and a token. */
export interface Lane extends UserRef {
  readonly module: ModuleName;
  readonly token: number;
  /** By the store's clock. */
  readonly takenAt: StoreTime;
  /** The store's clock, told without asking it: when the lane was taken, and how long this process has had it since. */
  now(): StoreTime;
  /** Aborts when the lease was lost or its renewals failed for its whole length. */
  readonly lost: AbortSignal;
}

/** A lane that a turn holds alone. */
export interface OwnLane extends Lane {
  /** Gives the lane back and writes the turn's history. Never throws: a lane not given back expires. */
  giveBack(summary: TurnSummary): Promise<void>;
}

/** Who holds, or held, a lane. */
export interface TurnHolder {
  readonly kind: TurnKind;
  readonly turnId: string;
  readonly release: number;
}

export type LaneGrant =
  | {
      readonly lane: OwnLane;
      /** The turn whose lease had expired, when there was one: its expiry must be told to the ledger. */
      readonly expired: TurnHolder | null;
    }
  | { readonly busyForMs: number };

export type LanesGrant =
  | {
      /** Those of the wanted lanes that were free: one at least. */
      readonly lanes: readonly Lane[];
      /** The turns whose leases had expired. */
      readonly expired: readonly TurnHolder[];
      /** Gives all back, and writes the history of those for which there is something to tell. Never throws, as a lane's. */
      giveBack(summaries: ReadonlyMap<ModuleName, TurnSummary>): Promise<void>;
    }
  | { readonly busyForMs: number };

export interface LaneStore {
  /**
   * Takes a lane for a turn of a user who lives: one conditional update that needs it free (or its lease expired) and a place for this user, a raised
   * token, the dead holder's session killed, the fence written within a second.
   */
  takeLane(turn: TurnRef, module: ModuleName): Promise<LaneGrant>;
  /** The same for those of several lanes that are free, in one place. When the lease on one is lost, all are. */
  takeLanes(turn: TurnRef, modules: readonly ModuleName[]): Promise<LanesGrant>;
}
