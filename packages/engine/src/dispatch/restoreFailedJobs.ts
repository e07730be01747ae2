import { type Dispatch, failedJobOf, jobIdOfTurn } from './job.js';

const PAGE = 256;

/**
 * Gives every failed turn a failed job again where the queue has lost it (a flush, its own cleaning, a crash), so that
 * Bull Board always has something to press. The job runs, finds its turn failed, and fails at once with the stored error.
 *
 * @returns how many were put.
 */
export async function restoreFailedJobs({ store, jobQueue, settings }: Dispatch): Promise<number> {
  let restored = 0;
  let after: string | null = null;
  for (;;) {
    const turns = await store.failedTurns(after, PAGE);
    for (const turn of turns) {
      const jobId = jobIdOfTurn(turn);
      const state = await jobQueue.state(jobId);
      if (state !== 'absent' && state !== 'completed') continue;
      // A resync whose last window was read, but not all of the others, ended with a job that succeeded.
      if (state === 'completed') await jobQueue.remove(jobId);
      await jobQueue.add(failedJobOf(turn, settings));
      restored++;
    }
    const last = turns.at(-1);
    if (!last || turns.length < PAGE) return restored;
    after = last.turnId;
  }
}
