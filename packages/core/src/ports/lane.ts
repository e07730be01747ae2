import type { PassCounts } from '../batch.js';
import type { ModuleName } from '../modules.js';
import type { TurnRef } from '../turns.js';

/** The right to work on one (user, module), held with a lease and a token. */
export interface Lane {
  readonly userKey: string;
  readonly module: ModuleName;
  readonly token: number;
  /** Aborts when the lease was lost or its renewals failed for its whole length. */
  readonly lost: AbortSignal;
  /** Gives the lane back and writes the turn's history. Never throws: a lane not given back expires. */
  release(summary: TurnSummary): Promise<void>;
}

export interface TurnSummary {
  readonly outcome: 'succeeded' | 'open' | 'failed' | 'retried' | 'handedBack' | 'withdrawn' | 'noop';
  readonly pages: number;
  readonly counts: PassCounts | null;
}

/** Who holds, or held, a lane. */
export interface TurnHolder {
  readonly kind: string;
  readonly doc: string;
  readonly release: number;
}

export type LaneGrant =
  | {
      readonly lane: Lane;
      /** The turn whose lease had expired, when there was one: its expiry must be told to the ledger. */
      readonly expired: TurnHolder | null;
    }
  | { readonly busyForMs: number };

export interface LaneStore {
  /**
   * Takes a lane: one conditional update that needs it free (or its lease expired) and a place for this user, a raised
   * token, the dead holder's session killed, the fence written within a second.
   */
  takeLane(userKey: string, module: ModuleName, turn: TurnRef): Promise<LaneGrant>;
}
