/** Time for a work that may take any: what is spent on it in several goes is added up. */
export interface Budget {
  isSpent(): boolean;
  /** Counts the time that a work takes. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

const MOST_MS = 60_000;

/** @param now in milliseconds, from any moment on. */
export function createBudget(mostMs = MOST_MS, now: () => number = () => performance.now()): Budget {
  let spentMs = 0;
  let since: number | null = null;
  return {
    isSpent: () => spentMs + (since === null ? 0 : now() - since) >= mostMs,
    async during(work) {
      since = now();
      try {
        return await work();
      } finally {
        spentMs += now() - since;
        since = null;
      }
    },
  };
}
