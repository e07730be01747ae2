import type { ApiContext } from './context.js';

/**
 * Gives a failed batch or resync fresh attempts, takes its failed job out of the queue, and hands out what is due.
 * @returns null when nothing has failed under this document.
 */
export async function retryTurn(
  { store, jobQueue, handOut, log }: ApiContext,
  turnId: string,
): Promise<{ readonly userKey: string; readonly handedOut: boolean } | null> {
  const found = await store.requestRetry(turnId);
  if (!found) return null;
  const removed = await jobQueue.remove(found.jobId).then(
    () => true,
    (error: unknown) => {
      log.warn(
        { err: error, jobId: found.jobId },
        'the failed job stays in the queue; pressing it does no harm',
      );
      return false;
    },
  );
  return { userKey: found.userKey, handedOut: (await handOut(found.userKey)) && removed };
}
