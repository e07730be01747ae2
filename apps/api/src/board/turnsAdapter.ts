import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { ApiContext } from '../context.js';
import { jobName, turnOf } from './jobName.js';
import { pressRetry } from './pressRetry.js';
import { refuse } from './refused.js';

type TurnJob = NonNullable<Awaited<ReturnType<BullMQAdapter['getJob']>>>;

const LIMITS = 'The fleet is bounded by WORKER_CONCURRENCY and USER_CONCURRENCY.';

/**
 * The queue of turns in Bull Board. Retry goes through the ledger. Remove, Clean and Empty are harmless: the ledger puts
 * again what is due. Promote runs a waiting backoff early, Pause holds the whole fleet. What would make jobs that the ledger
 * doesn't know, or bend those it does, is refused.
 */
export class TurnsAdapter extends BullMQAdapter {
  readonly #context: ApiContext;

  constructor(context: ApiContext) {
    super(context.turns, {
      displayName: 'turns',
      description: 'One job for each release of a window, a resync or a tail',
      allowRetries: true,
      readOnlyMode: false,
      externalJobUrl: ({ data }) => {
        const turn = turnOf(data);
        return turn
          ? { displayText: `status of ${turn.userKey}`, href: `/users/${encodeURIComponent(turn.userKey)}` }
          : { displayText: 'dashboard', href: '/dashboard' };
      },
    });
    this.#context = context;
    this.setFormatter('name', jobName);
  }

  override async getJob(id: string): Promise<TurnJob | undefined> {
    const job = await super.getJob(id);
    return job && this.#guarded(job);
  }

  override async getJobs(...args: Parameters<BullMQAdapter['getJobs']>): Promise<TurnJob[]> {
    return (await super.getJobs(...args)).map((job) => this.#guarded(job));
  }

  #guarded(job: TurnJob): TurnJob {
    const retry = job.retry.bind(job);
    job.retry = async (state) => {
      if (state === 'completed')
        return refuse('repeating a job that is done', 'Ask for a resync: POST /users/{id}/resync.')();
      if (await pressRetry(this.#context, job)) return;
      await retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    };
    job.updateData = refuse('changing a job', 'Ask for a resync: POST /users/{id}/resync.');
    job.changeDelay = refuse('delaying a job', 'Promote runs it now.');
    job.changePriority = refuse('changing a priority', 'Users take turns fairly.');
    return job;
  }

  override readonly allowCompletedRetries = false;
  override readonly addJob = refuse('adding a job', 'Ask for a resync: POST /users/{id}/resync.');
  override readonly obliterate = refuse('obliterating the queue', 'Empty and Clean do no harm.');
  override readonly setGlobalConcurrency = refuse('a limit for the whole queue', LIMITS);

  override get supportsGlobalRateLimit(): boolean {
    return false;
  }
}
