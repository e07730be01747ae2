import {
  type JobEnd,
  type JobQueue,
  type JobState,
  jobIdOf,
  maxBackoffMs,
  type TurnJob,
} from '@odoo-sync/core';
import type { Actor, Actors } from './actors.js';

export interface QueuedJob {
  readonly job: TurnJob;
  state: JobState;
  readyAt: number;
  attemptsMade: number;
  runner: Actor | null;
  /** When its worker was seen dead. */
  deadSince: number | null;
}

const LOCK_MS = 15_000;

/** A queue in memory that behaves as BullMQ does, and can lose what it holds. */
export class MemoryQueue {
  readonly jobs = new Map<string, QueuedJob>();
  /** Everything that was ever put: each may be delivered again. */
  readonly ever: TurnJob[] = [];

  constructor(
    readonly actors: Actors,
    readonly now: () => number,
    readonly backoffMs: number,
  ) {}

  /** The port, as an actor has it. */
  port(actor: Actor): JobQueue {
    const at = async <T>(act: () => T): Promise<T> => {
      await this.actors.stop(actor);
      return act();
    };
    return {
      add: (job) => at(() => this.#add(job)),
      state: (id) => at(() => this.jobs.get(id)?.state ?? 'absent'),
      wake: (id) =>
        at(() => {
          const found = this.jobs.get(id);
          if (found?.state === 'delayed') found.state = 'waiting';
        }),
      remove: (id) =>
        at(() => {
          if (this.jobs.get(id)?.state !== 'active') this.jobs.delete(id);
        }),
    };
  }

  #add(job: TurnJob): void {
    const id = jobIdOf(job.turnId, job.release);
    if (this.jobs.has(id)) return;
    this.ever.push(job);
    const state = job.delayMs > 0 ? 'delayed' : 'waiting';
    const readyAt = this.now() + job.delayMs;
    this.jobs.set(id, { job, state, readyAt, attemptsMade: 0, runner: null, deadSince: null });
  }

  get waiting(): readonly QueuedJob[] {
    return [...this.jobs.values()].filter(({ state }) => state === 'waiting');
  }

  take(entry: QueuedJob, runner: Actor): void {
    Object.assign(entry, { state: 'active', runner, deadSince: null });
  }

  /** A turn's job ends. What a worker that no longer has its job says is not heard. */
  settle(runner: Actor, job: TurnJob, end: JobEnd): void {
    const entry = this.jobs.get(jobIdOf(job.turnId, job.release));
    if (entry?.runner !== runner || entry.state !== 'active') return;
    entry.runner = null;
    const delay = (ms: number) => Object.assign(entry, { state: 'delayed', readyAt: this.now() + ms });
    switch (end.type) {
      case 'done':
        entry.state = 'completed';
        break;
      case 'handBack':
        entry.state = 'waiting';
        break;
      case 'delay':
        delay(end.ms);
        break;
      case 'retry':
        entry.attemptsMade++;
        if (entry.attemptsMade < entry.job.attempts)
          delay(0.75 * maxBackoffMs(this.backoffMs, entry.attemptsMade));
        else entry.state = 'failed';
        break;
      case 'fail':
        entry.attemptsMade++;
        entry.state = 'failed';
    }
  }

  /** Delayed jobs come due; those of dead workers come back when their locks have expired. */
  clockMoved(): void {
    for (const entry of this.jobs.values()) {
      if (entry.state === 'delayed' && entry.readyAt <= this.now()) entry.state = 'waiting';
      if (entry.state !== 'active' || !entry.runner?.dead) continue;
      entry.deadSince ??= this.now();
      if (this.now() - entry.deadSince >= LOCK_MS) Object.assign(entry, { state: 'waiting', runner: null });
    }
  }
}
