import type { PassCounts } from './batch.js';

/** What becomes of a turn's job: the queue knows what each means to BullMQ. */
export type JobEnd =
  /** The job is done; the result is kept with it. */
  | { readonly type: 'done'; readonly result: unknown }
  /** It runs again after a while; no attempt is used. */
  | { readonly type: 'delay'; readonly ms: number; readonly reason: string }
  /** It waits again, first in line; no attempt is used. */
  | { readonly type: 'handBack' }
  /** The attempt is used; the queue's backoff, and after the last attempt the job is failed. */
  | { readonly type: 'retry'; readonly error: Error }
  /** The job is failed, whatever attempts it has left. */
  | { readonly type: 'fail'; readonly error: Error };

/** `failed`: no attempt is left; `noop`: there was nothing to do, or not now (superseded, the lane taken, Odoo out of reach). */
export const TURN_ENDS = [
  'succeeded',
  'open',
  'failed',
  'retried',
  'handedBack',
  'withdrawn',
  'noop',
] as const;
export type TurnEnd = (typeof TURN_ENDS)[number];

/** What a lane's history keeps of a turn, and what is counted. */
export interface TurnSummary {
  readonly end: TurnEnd;
  readonly pages: number;
  readonly counts: PassCounts | null;
}

/** How a turn ended, for all who ask: its job, its lane's history, and the metrics. */
export type TurnOutcome = JobEnd &
  TurnSummary & {
    /** The ledger says that nothing else is to be done for the user by now: nobody need look. */
    readonly alone?: true;
  };

/** A turn that ended so without reading anything. */
export const outcomeOf = (end: TurnEnd, job: JobEnd): TurnOutcome => ({
  ...job,
  end,
  pages: 0,
  counts: null,
});

/** It had nothing to do, or not now. */
export const noop = (job: JobEnd): TurnOutcome => outcomeOf('noop', job);

/** The ledger has moved on: another turn's word holds. */
export const SUPERSEDED: TurnOutcome = noop({ type: 'done', result: 'superseded' });

/** What a running turn can do with its job. */
export interface TurnHandle {
  /** Failed attempts before this one. */
  readonly attemptsMade: number;
  /** Aborted when the worker must give the job back: the turn then ends soon, with `handBack`. */
  readonly signal: AbortSignal;
  /** Adds a line to the job's log. Never throws, nor waits: a log line is not worth a turn. */
  log(line: string): void;
  /** Shows how far the turn is. Never throws, nor waits. */
  progress(state: object): void;
}
