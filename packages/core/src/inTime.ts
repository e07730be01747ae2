import { setTimeout as after } from 'node:timers/promises';

/**
 * A promise's result, if it comes in time. What was begun goes on unheard.
 * @throws what the promise throws, or an error that names what was late.
 */
export async function inTime<T>(limitMs: number, what: string, promise: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const late = after(limitMs, undefined, { signal: settled.signal }).then(() => {
    throw new Error(`${what} did not answer within ${limitMs} ms`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
    late.catch(() => {});
  }
}
