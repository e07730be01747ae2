import { setTimeout as after } from 'node:timers/promises';

/** Waits for a promise, but not longer. Its rejection is the caller's to see; lateness is not an error. */
export async function within(limitMs: number, promise: Promise<unknown>): Promise<void> {
  const settled = new AbortController();
  try {
    await Promise.race([promise, after(limitMs, undefined, { signal: settled.signal }).catch(() => {})]);
  } finally {
    settled.abort();
  }
}
