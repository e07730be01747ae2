import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { ApiContext } from '../context.js';
import { boardRefusal } from './allowedRoutes.js';
import { jobName, pressRetry, turnOf } from './turnJob.js';

type TurnJob = NonNullable<Awaited<ReturnType<BullMQAdapter['getJob']>>>;

/** The queue of turns in Bull Board. Retry goes through the ledger; Promote runs a waiting backoff early. `allowedRoutes.ts` refuses the rest. */
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

  /** BullMQ would take a key of the queue's own (`meta`, `wait`) for a job of that id. */
  override async getJob(id: string): Promise<TurnJob | undefined> {
    if (Object.hasOwn(this.#context.turns.keys, id)) return undefined;
    const job = await super.getJob(id);
    return job && this.#guarded(job);
  }

  override async getJobs(...args: Parameters<BullMQAdapter['getJobs']>): Promise<TurnJob[]> {
    return (await super.getJobs(...args)).map((job) => this.#guarded(job));
  }

  #guarded(job: TurnJob): TurnJob {
    const retry = job.retry.bind(job);
    job.retry = async (state) => {
      if (state === 'completed') throw boardRefusal();
      if (await pressRetry(this.#context, job)) return;
      await retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    };
    return job;
  }

  override readonly allowCompletedRetries = false;

  override get supportsGlobalRateLimit(): boolean {
    return false;
  }
}
