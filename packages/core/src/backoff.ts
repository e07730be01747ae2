/**
 * The longest that a job's backoff can last, in milliseconds: by then it is in the queue again. The ledger notes it to show
 * and to repair; the pause itself is the queue's.
 * @param attemptsMade failed attempts, the one that just failed among them: 1 or more.
 */
export const maxBackoffMs = (baseMs: number, attemptsMade: number): number =>
  Math.round(2 ** (Math.max(1, attemptsMade) - 1) * baseMs);
