import type { ModuleName } from '../modules.js';
import type { TurnRef } from '../turns.js';

/** A turn as it is handed to the queue. Everything but the reference is for the eyes of an operator. */
export interface TurnJob extends TurnRef {
  readonly module: ModuleName | null;
  /** The window, for a batch or a resync's position: ISO texts. */
  readonly windowStart: string | null;
  readonly windowEnd: string | null;
  /** Attempts left of this release. */
  readonly attempts: number;
  /** Before this many milliseconds the job doesn't run. */
  readonly delayMs: number;
}

export type JobState = 'absent' | 'waiting' | 'delayed' | 'active' | 'completed' | 'failed';

/** The queue. It may lose everything at any time; the ledger rebuilds it. */
export interface JobQueue {
  /** Puts a job unless one of its id exists in any state. */
  add(job: TurnJob): Promise<void>;
  state(jobId: string): Promise<JobState>;
  /** Makes a delayed job run now; nothing happens to one in another state, or absent. */
  wake(jobId: string): Promise<void>;
  /** Removes a job unless it is running. */
  remove(jobId: string): Promise<void>;
}
