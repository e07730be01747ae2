import { type Courier, type JobState, jobIdOf, type TurnJob } from '@odoo-sync/core';
import { Job, type Queue } from 'bullmq';
import { backoffOptions } from './backoff.js';
import { payloadOf } from './payload.js';

export interface CourierOptions {
  /** `RETRY_BACKOFF_MS` */
  readonly backoffMs: number;
  readonly keepCompleted: number;
  readonly keepFailed: number;
}

/** The courier on BullMQ. One job for each release of a turn; its id is the turn's document and release number. */
export function createCourier(queue: Queue, options: CourierOptions): Courier {
  return {
    async add(turn: TurnJob) {
      await queue.add(turn.kind, payloadOf(turn), {
        jobId: jobIdOf(turn.doc, turn.release),
        attempts: turn.attempts,
        backoff: backoffOptions(options.backoffMs),
        delay: turn.delayMs,
        removeOnComplete: { count: options.keepCompleted },
        removeOnFail: { count: options.keepFailed },
      });
    },
    async state(jobId): Promise<JobState> {
      const state = await queue.getJobState(jobId);
      switch (state) {
        case 'unknown':
          return 'absent';
        case 'completed':
        case 'failed':
        case 'delayed':
        case 'active':
          return state;
        default:
          return 'waiting';
      }
    },
    async wake(jobId) {
      if ((await queue.getJobState(jobId)) !== 'delayed') return;
      const job = await Job.fromId(queue, jobId);
      try {
        await job?.promote();
      } catch (error) {
        // It woke by itself between the two calls.
        if ((await queue.getJobState(jobId)) === 'delayed') throw error;
      }
    },
    async remove(jobId) {
      const job = await Job.fromId(queue, jobId);
      try {
        await job?.remove();
      } catch (error) {
        // One that runs is locked, and ends by itself as superseded.
        if ((await queue.getJobState(jobId)) !== 'active') throw error;
      }
    },
  };
}
