import { jobIdOf } from '@odoo-sync/core';
import { describeQueueContract } from './testing/contract/describeQueueContract.js';
import { driven } from './testing/driven.js';
import { MemoryQueue } from './testing/memoryQueue.js';

describeQueueContract('in memory', async (backoffMs) => {
  let now = 0;
  const { actors, actor, end } = driven();
  const queue = new MemoryQueue(actors, () => now, backoffMs);
  return {
    jobQueue: queue.port(actor),
    async take() {
      const [next] = queue.waiting;
      if (!next) return null;
      queue.take(next, actor);
      return jobIdOf(next.job.turnId, next.job.release);
    },
    async end(jobId, how) {
      const taken = queue.jobs.get(jobId);
      if (!taken) throw new Error(`there is no job ${jobId}`);
      const error = new Error('no');
      queue.settle(
        actor,
        taken.job,
        how === 'failed' ? { type: 'retry', error } : { type: 'done', result: null },
      );
    },
    async pass(ms) {
      now += ms;
      queue.clockMoved();
    },
    close: async () => end(),
  };
});
