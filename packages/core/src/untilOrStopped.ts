/** Asks again and again until there is an answer. @returns null when the signal came first. */
export async function untilOrStopped<T>(
  stop: AbortSignal,
  everyMs: number,
  ask: () => Promise<T | null>,
): Promise<T | null> {
  while (!stop.aborted) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, everyMs);
      function done() {
        clearTimeout(timer);
        stop.removeEventListener('abort', done);
        resolve();
      }
      stop.addEventListener('abort', done, { once: true });
    });
  }
  return null;
}
