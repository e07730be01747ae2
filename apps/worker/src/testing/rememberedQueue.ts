import { type JobQueue, jobIdOf, type TurnJob, type TurnRef } from '@odoo-sync/core';

/** A queue that only remembers. */
export function rememberedQueue(jobs: Map<string, TurnJob>): JobQueue {
  const idOf = ({ turnId, release }: TurnRef) => jobIdOf(turnId, release);
  return {
    add: async (job) => {
      if (!jobs.has(idOf(job))) jobs.set(idOf(job), job);
    },
    state: async (jobId) => {
      const job = jobs.get(jobId);
      if (!job) return 'absent';
      return job.delayMs > 0 ? 'delayed' : 'waiting';
    },
    wake: async (jobId) => {
      const job = jobs.get(jobId);
      if (job) jobs.set(jobId, { ...job, delayMs: 0 });
    },
    remove: async (jobId) => {
      jobs.delete(jobId);
    },
  };
}
