import type { BackoffOptions } from 'bullmq';

/** Between a half and the whole of the exponential pause, so that what failed together doesn't come back together. */
const JITTER = 0.5;

/** BullMQ's own exponential backoff. @param baseMs `RETRY_BACKOFF_MS` */
export const backoffOptions = (baseMs: number): BackoffOptions => ({
  type: 'exponential',
  delay: baseMs,
  jitter: JITTER,
});
