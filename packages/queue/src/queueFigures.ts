import type { Job, Queue } from 'bullmq';
import { type QueueCounts, queueCounts } from './queues.js';

export interface QueueFigures extends QueueCounts {
  /** Delayed jobs whose time has come: the next worker that asks takes them. */
  readonly due: number;
  /**
   * How long the job that is next has waited, in seconds; 0 when none waits. One that was put off, or failed before, is counted
   * from its last start, since the queue doesn't note when it came back: so much at most.
   */
  readonly oldestWaitingSeconds: number;
}

/** The queue in a few numbers: counts, and one job of each list, so that its length costs nothing. */
export async function queueFigures(queue: Queue, now: () => number = Date.now): Promise<QueueFigures> {
  const [counts, prioritized, due, waiting, first] = await Promise.all([
    queueCounts(queue),
    queue.getPrioritizedCount(),
    // Strictly before the moment that is asked for.
    queue.getDelayedCount(now() + 1),
    queue.getWaiting(0, 0),
    queue.getPrioritized(0, 0),
  ]);
  const waited = [...waiting, ...first].map((job) => secondsWaited(job, now()));
  return {
    ...counts,
    waiting: counts.waiting + prioritized,
    due,
    oldestWaitingSeconds: Math.max(0, ...waited),
  };
}

const secondsWaited = ({ timestamp, opts, processedOn = 0 }: Job, now: number): number =>
  (now - Math.max(timestamp + (opts.delay ?? 0), processedOn)) / 1_000;
