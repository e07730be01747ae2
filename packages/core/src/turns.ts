import type { UserRef } from './ids.js';
import type { ModuleName } from './modules.js';

/** The kinds that go round; the tail goes before them. */
export const ROUND_KINDS = ['resync', 'seal', 'backfill'] as const;
export type RoundKind = (typeof ROUND_KINDS)[number];
export type TurnKind = RoundKind | 'tail';

/** One release of one turn: what a job carries, and all that is needed to find the truth about it in the ledger. */
export interface TurnRef extends UserRef {
  readonly kind: TurnKind;
  /** The turn's document: a batch, a resync, or `tail-<user>`. */
  readonly turnId: string;
  readonly release: number;
}

/** A turn and where it works. */
export interface TurnPlace extends TurnRef {
  /** The lane; null for a tail, which goes through all of them. */
  readonly module: ModuleName | null;
  /** The window's start; null for a tail. */
  readonly startTime: Date | null;
}

/** A turn that is out: queued, in backoff, or running. */
export interface InFlightTurn extends TurnPlace {
  readonly status: 'queued' | 'running';
  /** When it may run, by the store's clock: in the past, but for a backoff or a tail that isn't due. */
  readonly readyAt: Date;
  readonly attempts: number;
}

/** A turn that could be released now. */
export interface Candidate {
  readonly kind: RoundKind;
  readonly module: ModuleName;
  readonly turnId: string;
  readonly release: number;
  readonly startTime: Date;
}

/** What went last, so that kinds, and the modules of each kind, alternate across processes. */
export interface Rota {
  readonly tailWasLast: boolean;
  readonly kind: RoundKind | null;
  /**
   * The last module of each kind. One for all kinds would let a module's seals, say, reset the round of the backfills at
   * every turn, so that always the same module were next.
   */
  readonly modules: Readonly<Partial<Record<RoundKind, ModuleName>>>;
}

export const FIRST_ROTA: Rota = { tailWasLast: false, kind: null, modules: {} };
