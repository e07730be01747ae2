import { setTimeout as pause } from 'node:timers/promises';
import type { HttpClient } from './http.js';

export interface PacedHttp extends HttpClient {
  /**
   * The pause from the end of one request to the start of the next, in milliseconds. It is counted from here too: the user's
   * last turn may have been another worker's.
   */
  setPace(ms: number): void;
}

/** Asks one thing after the other, with a pause between, as long as there is one; all at once without. */
export function paced(http: HttpClient, firstMs: number): PacedHttp {
  let paceMs = firstMs;
  let endedAt = Number.NEGATIVE_INFINITY;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    if (paceMs <= 0) return ask();
    const mine = last.then(async () => {
      const left = endedAt + paceMs - performance.now();
      if (left > 0 && !signal.aborted)
        await pause(left, undefined, { signal }).catch(() => {
          throw signal.reason;
        });
      try {
        return await ask();
      } finally {
        endedAt = performance.now();
      }
    });
    last = mine.catch(() => {});
    return mine;
  };
  return {
    ...http,
    post: (path, body, headers, signal, of) =>
      inTurn(() => http.post(path, body, headers, signal, of), signal),
    get: (path, headers, signal) => inTurn(() => http.get(path, headers, signal), signal),
    setPace(ms) {
      paceMs = ms;
      endedAt = performance.now();
    },
  };
}
