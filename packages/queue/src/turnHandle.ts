import { MESSAGE_MOST, plainText, type TurnHandle } from '@odoo-sync/core';
import type { Job } from 'bullmq';

/** Of a job's log: a message, and what is said before it. */
const LINE_MOST = MESSAGE_MOST + 200;

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
