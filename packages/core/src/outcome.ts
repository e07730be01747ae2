/** How a turn's job ends. */
export type TurnOutcome =
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
