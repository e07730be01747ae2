import type { Queue } from 'bullmq';
import { createBurstLog } from './burstLog.js';
import type { QueueConnection } from './connection.js';
import { ReadableQueue } from './readableJob.js';

export const TURNS_QUEUE = 'turns';
export const TICK_QUEUE = 'tick';
export type QueueName = typeof TURNS_QUEUE | typeof TICK_QUEUE;

/** BullMQ's queue itself: for Bull Board, counts and this package's own work. To be closed by the caller. */
export function openQueue(connection: QueueConnection, prefix: string, name: QueueName = TURNS_QUEUE): Queue {
  // The version was checked with the connection. BullMQ would ask again here, and a queue whose question was cut off by an
  // outage stays broken for good.
  const queue = new ReadableQueue(name, { connection: connection.redis, prefix, skipVersionCheck: true });
  const report = createBurstLog(connection.log);
  queue.on('error', (error) => report(`the queue ${name} reports a fault`, error));
  return queue;
}

const COUNTED = ['waiting', 'active', 'delayed', 'completed', 'failed'] as const;
export type QueueCounts = Readonly<Record<(typeof COUNTED)[number], number>>;

/** How many jobs stand in each state. */
export async function queueCounts(queue: Queue): Promise<QueueCounts> {
  const counts = await queue.getJobCounts(...COUNTED);
  return Object.fromEntries(COUNTED.map((state) => [state, counts[state] ?? 0])) as QueueCounts;
}
