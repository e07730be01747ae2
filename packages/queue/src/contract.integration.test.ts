import { setTimeout as pause } from 'node:timers/promises';
import { describeQueueContract } from '@odoo-sync/engine/testing';
import { type Job, Worker } from 'bullmq';
import { RedisWorld } from './testing/redisWorld.js';

const world = new RedisWorld();

describeQueueContract('on BullMQ', async (backoffMs) => {
  const { connection, queue, jobQueue } = await world.open({ backoffMs });
  // Without a processor: it takes a job, and ends it, when it is told to.
  const worker = new Worker(queue.name, null, { connection: connection.redis, prefix: world.prefix });
  await worker.waitUntilReady();
  const taken = new Map<string, Job>();
  const token = 'a worker';
  return {
    jobQueue,
    async take() {
      const job = await worker.getNextJob(token, { block: false });
      if (!job?.id) return null;
      taken.set(job.id, job);
      return job.id;
    },
    async end(jobId, how) {
      const job = taken.get(jobId);
      if (!job) throw new Error(`the job ${jobId} was not taken`);
      if (how === 'failed') await job.moveToFailed(new Error('no'), token, false);
      else await job.moveToCompleted(null, token, false);
    },
    async pass(ms) {
      await pause(ms + 1);
    },
    close: () => worker.close(),
  };
});
