import { type JobQueue, type JobState, jobIdOf, type TurnJob } from '@odoo-sync/core';
import type { JobsOptions, Queue } from 'bullmq';
import { backoffOptions } from './backoff.js';
import { payloadOf } from './payload.js';

const LOG_LINES_KEPT = 200;
const STACKS_KEPT = 4;

export interface JobQueueOptions {
  /** `RETRY_BACKOFF_MS` */
  readonly backoffMs: number;
  readonly keepCompleted: number;
  readonly keepFailed: number;
}

/** The jobQueue port on BullMQ: one job for each release of a turn. @param queue of turns; closed by its owner. */
export function createJobQueue(queue: Queue, options: JobQueueOptions): JobQueue {
  return {
    async add(job) {
      await queue.add(job.kind, payloadOf(job), jobOptions(job, options));
    },
    state: (jobId) => stateOf(queue, jobId),
    wake: (jobId) => wake(queue, jobId),
    async remove(jobId) {
      // 0 where it is running; an absent one counts as removed.
      await queue.remove(jobId);
    },
  };
}

const jobOptions = (job: TurnJob, options: JobQueueOptions): JobsOptions => ({
  jobId: jobIdOf(job.turnId, job.release),
  attempts: job.attempts,
  backoff: backoffOptions(options.backoffMs),
  delay: job.delayMs,
  removeOnComplete: { count: options.keepCompleted },
  removeOnFail: { count: options.keepFailed },
  keepLogs: LOG_LINES_KEPT,
  stackTraceLimit: STACKS_KEPT,
});

async function stateOf(queue: Queue, jobId: string): Promise<JobState> {
  const state = await queue.getJobState(jobId);
  switch (state) {
    case 'completed':
    case 'failed':
    case 'delayed':
    case 'active':
      return state;
    case 'unknown':
      await removeRemains(queue, jobId);
      return 'absent';
    default:
      return 'waiting';
  }
}

/** A job that lost its place in every list but not its data (keys deleted by hand) would block its id for ever. */
async function removeRemains(queue: Queue, jobId: string): Promise<void> {
  if ((await queue.getJob(jobId)) && (await queue.getJobState(jobId)) === 'unknown')
    await queue.remove(jobId);
}

async function wake(queue: Queue, jobId: string): Promise<void> {
  const job = await queue.getJob(jobId);
  if (!job || !(await job.isDelayed())) return;
  try {
    await job.promote();
  } catch (error) {
    // It came due, or went, between the look and the push.
    if (await job.isDelayed()) throw error;
  }
}
