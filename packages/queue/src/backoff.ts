import type { BackoffOptions } from 'bullmq';

/** Between a half and the whole of the exponential pause, so that what failed together doesn't come back together. */
const JITTER = 0.5;

/** BullMQ's own exponential backoff. @param baseMs `RETRY_BACKOFF_MS` */
export const backoffOptions = (baseMs: number): BackoffOptions => ({
  type: 'exponential',
  delay: baseMs,
  jitter: JITTER,
});

/**
 * The longest that a job's backoff can last, in milliseconds: by then it is in the queue again. The ledger notes it to show
 * and to repair; the pause itself is BullMQ's.
 * @param attemptsMade failed attempts, the one that just failed among them: 1 or more.
 */
export const maxBackoffMs = (baseMs: number, attemptsMade: number): number =>
  Math.round(2 ** (Math.max(1, attemptsMade) - 1) * baseMs);
