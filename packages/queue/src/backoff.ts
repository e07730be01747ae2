import type { BackoffOptions } from 'bullmq';

const JITTER = 0.5;

/** BullMQ's own exponential backoff: base, twice the base, four times it, each less up to half by chance. */
export const backoffOptions = (baseMs: number): BackoffOptions => ({
  type: 'exponential',
  delay: baseMs,
  jitter: JITTER,
});

/** The longest that BullMQ may wait after so many failed attempts, in milliseconds: what the ledger notes. */
export const maxBackoffMs = (baseMs: number, attemptsMade: number): number =>
  baseMs * 2 ** (attemptsMade - 1);
