import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

export const TURNS = 'turns';
export const TICK = 'tick';

/** The queue of turns, for those who look at it. Its connection stays the caller's. */
export function openQueue(connection: Redis, prefix: string): Queue {
  const queue = new Queue(TURNS, { connection, prefix });
  // A connection that comes and goes is reported by those who use it.
  queue.on('error', () => {});
  return queue;
}
