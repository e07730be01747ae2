import {
  type ErrorRecord,
  type ModuleName,
  noop,
  type StoreTime,
  SyncError,
  type TurnOutcome,
} from '@odoo-sync/core';
import type { Engine } from './turnContext.js';

/**
 * What a turn in one lane works on, as the ledger had it when it was read: a batch, a resync at its position, a slice of an audit. A
 * change gives the work as it is then; null answers mean that the ledger has moved on.
 */
export interface LaneWork<W> {
  readonly of: 'batch' | 'resync' | 'audit';
  readonly turnId: string;
  readonly module: ModuleName;
  readonly attempts: number;
  readonly expiries: number;
  /** What each line of the log tells of it. */
  readonly about: object;
  /** Not to be run: how its job ends instead. */
  readonly settled: TurnOutcome | null;
  /** Where it says that it runs, its worker died: that counts, and may fail it. */
  expire(): Promise<W | null>;
  start(): Promise<W | null>;
  handBack(until: StoreTime | null, error?: ErrorRecord): Promise<void>;
  /** It waits for its module. A resync can't where the module is `unavailable`: this window of it is over. */
  withdraw(error: ErrorRecord, unavailable: boolean): Promise<void>;
  /** Uses an attempt, all of them where it is `final`. @returns whether there is another; null where the ledger has moved on (a resync, to its next window). */
  fail(error: ErrorRecord, retryAt: StoreTime, final: boolean): Promise<'again' | 'over' | null>;
}

/** What of the engine such work needs. */
export type Ledger = Pick<Engine, 'store' | 'jobQueue' | 'settings'>;

/** How the job of work ends that is over, or not to be done now. */
export const doneBefore = (result: string): TurnOutcome => noop({ type: 'done', result });

/** The same of work that has failed before. */
export const failedBefore = (error: ErrorRecord | null): TurnOutcome =>
  noop({ type: 'fail', error: new SyncError('bug', error?.message ?? 'failed without an error') });
