import { MESSAGE_MOST, plainText } from '@odoo-sync/core';
import type { Job } from 'bullmq';

/** Of a job's log: a message, and what is said before it. */
const LINE_MOST = MESSAGE_MOST + 200;

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

/** A handle, and a way to wait until what was said through it has arrived (or couldn't). */
export function createHandle(
  job: Job,
  signal: AbortSignal,
): { readonly handle: TurnHandle; flush(): Promise<void> } {
  let said: Promise<unknown> = Promise.resolve();
  const say = (what: Promise<unknown>) => {
    const quiet = what.catch(() => {});
    said = said.then(() => quiet);
  };
  return {
    handle: {
      attemptsMade: job.attemptsMade,
      signal,
      log: (line) => say(job.log(`${new Date().toISOString()} ${plainText(line, LINE_MOST)}`)),
      progress: (state) => say(job.updateProgress(state)),
    },
    flush: async () => {
      await said;
    },
  };
}
