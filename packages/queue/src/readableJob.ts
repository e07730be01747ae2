import { Job, type JobJson, type JobProgress, Queue } from 'bullmq';

const SHOWN = 200;

/**
 * A job whose data is no JSON, as a hand in Redis can leave it, is read as one that holds the beginning of that text: it then
 * fails as any other that is no turn. BullMQ's own reading throws: the worker would never end such a job, and every list that
 * it stands in would be an error.
 */
class ReadableJob<Data, Result, Name extends string, Progress extends JobProgress> extends Job<
  Data,
  Result,
  Name,
  Progress
> {
  static override fromJSON<T, R, N extends string>(
    queue: Parameters<typeof Job.fromJSON>[0],
    json: JobJson,
    jobId?: string,
  ): Job<T, R, N> {
    try {
      return Job.fromJSON<T, R, N>(queue, json, jobId);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return Job.fromJSON<T, R, N>(
        queue,
        { ...json, data: JSON.stringify(json.data.slice(0, SHOWN)) },
        jobId,
      );
    }
  }
}

/** For the `Job` of BullMQ's classes, by which they read what stands in Redis. */
export const READABLE_JOB: typeof Job = ReadableJob;

export class ReadableQueue extends Queue {
  protected override get Job(): typeof Job {
    return READABLE_JOB;
  }
}
