import type {
  ContextLog,
  Lane,
  ModuleName,
  Source,
  SyncState,
  TurnHandle,
  TurnPlace,
  TurnRef,
  TurnStore,
  User,
} from '@odoo-sync/core';
import type { Dispatch } from '../dispatch/job.js';
import type { AloneGate } from './aloneGate.js';
import type { SourcePool } from './sourcePool.js';
import type { Spool } from './spool.js';
import type { TurnLimits } from './turnLimits.js';
import type { TurnMetrics } from './turnMetrics.js';

/** What a process runs all of its turns with. */
export interface Engine extends Dispatch {
  readonly store: TurnStore;
  readonly sources: SourcePool;
  readonly gate: AloneGate;
  openSpool(): Spool;
  /** Of a window, and of a tail's pass over a module. */
  readonly limits: { readonly window: TurnLimits; readonly tail: TurnLimits };
  /** `API_CALL_DELAY_MS` */
  readonly apiCallDelayMs: number;
  readonly metrics: TurnMetrics;
  readonly log: ContextLog;
}

/** A turn as its job tells it, with the module where it says that. */
export type JobTurn = TurnRef & Partial<Pick<TurnPlace, 'module'>>;

/** What a turn is run with. Functions of a turn take it, and what is particular to them. */
export interface TurnContext extends Engine {
  readonly turn: JobTurn;
  /** Its job. */
  readonly handle: TurnHandle;
  /** Each line tells whose turn it is, and where and in which attempt. */
  readonly log: ContextLog;
}

/** The same at a module, be it under its lane or not. */
export interface PlaceContext extends TurnContext {
  readonly user: User;
  /** As it was when the turn began. */
  readonly state: SyncState;
  readonly module: ModuleName;
  /** Null where nothing is written. */
  readonly lane: Lane | null;
  /** Ends when the job must be given back, and when the lane is lost. */
  readonly signal: AbortSignal;
}

/** The same under its lane. */
export interface ModuleContext extends PlaceContext {
  readonly lane: Lane;
}

/** With a session with the user's Odoo. */
export interface WithSource {
  readonly source: Source;
}

export type SourceContext = ModuleContext & WithSource;

/** The context of a turn that begins. */
export const turnContext = (engine: Engine, turn: JobTurn, handle: TurnHandle): TurnContext => ({
  ...engine,
  turn,
  handle,
  log: engine.log.child({ user: turn.userKey, turn: turn.kind }),
});

/** The context of a turn's work on a module. @param about what else each line of the log tells. */
export const moduleContext = (
  context: TurnContext,
  { user, state, lane }: Pick<ModuleContext, 'user' | 'state' | 'lane'>,
  about: object = {},
): ModuleContext => ({
  ...context,
  user,
  state,
  module: lane.module,
  lane,
  signal: AbortSignal.any([context.handle.signal, lane.lost]),
  log: context.log.child({ module: lane.module, ...about }),
});
