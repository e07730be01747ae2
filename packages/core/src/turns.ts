import type { UserRef } from './ids.js';
import type { ModuleName } from './modules.js';
import type { StoreTime } from './time.js';

/** What a kind of turn is: the one place that says so. A new kind is an entry here; the compiler names every other place. */
interface TurnKindRules {
  /** Which document of the ledger its turns are releases of, and what runs them. */
  readonly document: 'batch' | 'resync' | 'audit' | 'tail';
  /** It works on one module in its lane, or on all whose lanes are free. */
  readonly lanes: 'one' | 'all';
  /** The attempts of a fresh release: a tail has one, since the next tail looks further back anyway. */
  readonly attempts: 'maxAttempts' | 1;
  /** It takes its turn in the round, in the order of this table; what doesn't goes before. */
  readonly goesRound: boolean;
}

export const TURN_KINDS = {
  resync: { document: 'resync', lanes: 'one', attempts: 'maxAttempts', goesRound: true },
  seal: { document: 'batch', lanes: 'one', attempts: 'maxAttempts', goesRound: true },
  backfill: { document: 'batch', lanes: 'one', attempts: 'maxAttempts', goesRound: true },
  audit: { document: 'audit', lanes: 'one', attempts: 'maxAttempts', goesRound: true },
  tail: { document: 'tail', lanes: 'all', attempts: 1, goesRound: false },
} as const satisfies Record<string, TurnKindRules>;

export type TurnKind = keyof typeof TURN_KINDS;
export type RoundKind = {
  [K in TurnKind]: (typeof TURN_KINDS)[K]['goesRound'] extends true ? K : never;
}[TurnKind];

export const TURN_KIND_NAMES = Object.keys(TURN_KINDS) as readonly TurnKind[];

/** Whether a text, as another version of this program may have stored it, names a kind. */
export const isTurnKind = (text: string): text is TurnKind => Object.hasOwn(TURN_KINDS, text);

const goesRound = (kind: TurnKind): kind is RoundKind => TURN_KINDS[kind].goesRound;

/** The kinds that go round, in their order. */
export const ROUND_KINDS: readonly RoundKind[] = TURN_KIND_NAMES.filter(goesRound);

/** The attempts that a fresh release of a turn has. */
export const freshAttempts = (kind: TurnKind, { maxAttempts }: { readonly maxAttempts: number }): number => {
  const { attempts } = TURN_KINDS[kind];
  return attempts === 'maxAttempts' ? maxAttempts : attempts;
};

/** For the end of a `switch` or chain over all kinds of something: a new kind is then an error of the compiler. */
export function unreachable(kind: never): never {
  throw new Error(`expected one of the kinds that this program knows, got ${JSON.stringify(kind)}`);
}

/** One release of one turn: what a job carries, and all that is needed to find the truth about it in the ledger. */
export interface TurnRef extends UserRef {
  readonly kind: TurnKind;
  /** The turn's document: a batch, a resync, `audit-<lane>`, or `tail-<user>`. */
  readonly turnId: string;
  readonly release: number;
}

/** A turn and where it works. */
export interface TurnPlace extends TurnRef {
  /** The lane; null for a tail, which goes through all of them. */
  readonly module: ModuleName | null;
  /** The window's start; null for a tail and for an audit. */
  readonly startTime: Date | null;
}

/** A turn that is out: queued, in backoff, or running. */
export interface InFlightTurn extends TurnPlace {
  readonly status: 'queued' | 'running';
  /** When it may run, by the store's clock: in the past, but for a backoff or a tail that isn't due. */
  readonly readyAt: StoreTime;
  readonly attempts: number;
}

/** A turn that could be released now. */
export interface Candidate {
  readonly kind: RoundKind;
  readonly module: ModuleName;
  readonly turnId: string;
  readonly release: number;
  /** The window's start; null for an audit. */
  readonly startTime: Date | null;
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
