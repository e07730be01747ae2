import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { TICK } from './openQueue.js';
import type { QueueLog } from './turnWorker.js';

export interface TickOptions {
  /** For the queue's own calls, and for the worker, which blocks. */
  readonly connection: Redis;
  readonly prefix: string;
  /** `SCHEDULER_INTERVAL_MS` */
  readonly everyMs: number;
  /** How often the job scheduler is asserted again; 15 s unless told, never more than 30 s. */
  readonly assertMs?: number;
  readonly log: QueueLog;
  readonly tick: () => Promise<void>;
}

const ASSERT_MS = 15_000;
const KEPT = 20;

/**
 * Runs a tick once in the whole fleet at every interval: a BullMQ job scheduler makes the job, one of the scheduler
 * processes runs it. Every process asserts the job scheduler again and again, since Redis may lose it with all else.
 */
export async function startTick(options: TickOptions): Promise<{ close(): Promise<void> }> {
  const { connection, prefix, log } = options;
  const queue = new Queue(TICK, { connection, prefix });
  queue.on('error', () => {});
  const assert = async () => {
    const kept = { removeOnComplete: { count: KEPT }, removeOnFail: { count: KEPT } };
    await queue.upsertJobScheduler('tick', { every: options.everyMs }, { name: 'tick', opts: kept });
  };
  await assert();
  const timer = setInterval(() => {
    assert().catch((error: unknown) => log.warn({ err: error }, 'could not assert the tick: tried again'));
  }, options.assertMs ?? ASSERT_MS);
  const worker = new Worker(TICK, () => options.tick(), {
    connection,
    prefix,
    concurrency: 1,
    maxStalledCount: 1_000_000,
    stalledInterval: 5_000,
    lockDuration: 10_000,
  });
  worker.on('error', (error) => log.warn({ err: error }, 'the tick queue complains'));
  worker.on('failed', (_, error) => log.warn({ err: error }, 'a tick failed: the next one comes'));
  return {
    async close() {
      clearInterval(timer);
      await worker.close();
      await queue.close();
    },
  };
}
