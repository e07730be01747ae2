import type { JobEnd } from '@odoo-sync/core';
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import { keptError } from './keptError.js';

/** Tells BullMQ: by what a processor returns or throws, the job having been moved where BullMQ wants that done before. */
export async function settle(job: Job, token: string | undefined, outcome: JobEnd): Promise<unknown> {
  switch (outcome.type) {
    case 'done':
      return outcome.result;
    case 'delay':
      await job.moveToDelayed(Date.now() + outcome.ms, token);
      throw new DelayedError(outcome.reason);
    case 'handBack':
      await job.moveToWait(token);
      throw new WaitingError('handed back');
    case 'retry':
      throw keptError(outcome.error);
    case 'fail':
      throw unrecoverable(outcome.error);
  }
}

/** BullMQ's word for "no more attempts", with the stack of what happened. */
export function unrecoverable(error: Error): UnrecoverableError {
  const { message, stack } = keptError(error);
  const last = new UnrecoverableError(message);
  if (stack) last.stack = stack;
  return last;
}
