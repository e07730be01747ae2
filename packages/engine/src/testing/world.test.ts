import {
  DEFAULT_SETTINGS,
  type EngineSettings,
  type ModuleName,
  rangeStartOf,
  resyncTotal,
  type TurnJob,
  WINDOW_MS,
} from '@odoo-sync/core';
import type { Dispatch } from '../dispatch/job.js';
import { restoreFailedJobs, tick } from '../dispatch/tick.js';
import { type Actor, Actors } from './actors.test.js';
import { FakeLanes } from './fakeLanes.test.js';
import { FakeLedger } from './fakeLedger.test.js';
import { FakeQueue, type QueuedJob } from './fakeQueue.test.js';
import { type Ending, runTurn, type Workshop } from './fakeWorker.test.js';
import { ledgerSession } from './ledgerSession.test.js';

export interface WorldOptions {
  readonly users: number;
  readonly userConcurrency: number;
  /** Odoo's clock minus the store's. */
  readonly skewMs: number;
}

const MODULES: readonly ModuleName[] = ['saleOrders', 'contacts'];
/** A minute and a half before the first midnight. */
const START = Date.UTC(2026, 2, 28, 23, 58, 30);
const NOBODY = { turn: null, stale: false };

/** A fleet in one process: scheduler, workers, queue and store, on one clock, each able to fail at any stop. */
export class World implements Workshop {
  #now = START;
  #requests = 0;
  readonly #skewMs: number;
  readonly now = (): number => this.#now;
  readonly settings: EngineSettings;
  readonly actors = new Actors();
  readonly ledger: FakeLedger;
  readonly lanes: FakeLanes;
  readonly queue: FakeQueue;

  constructor({ users, userConcurrency, skewMs }: WorldOptions) {
    const short = { rangeDays: 1, settleMs: 30_000, healMs: 120_000, backoffMs: 1_000 };
    this.settings = { ...DEFAULT_SETTINGS, ...short, userConcurrency };
    this.ledger = new FakeLedger(this.now, this.settings, MODULES);
    this.lanes = new FakeLanes(this.actors, this.now, this.settings);
    this.queue = new FakeQueue(this.actors, this.now);
    this.#skewMs = skewMs;
    for (let user = 0; user < users; user++) this.#connect(`user${user}`);
  }

  #connect(userKey: string): void {
    const user = this.ledger.addUser(userKey, this.#skewMs);
    if (user) this.lanes.open(user);
  }

  /** An operator adds a user (again): refused while it is there. */
  add(userKey: string): Actor {
    return this.actors.spawn('adding', async (actor) => {
      await this.actors.stop(actor);
      this.#connect(userKey);
    });
  }

  /** Ends the life that a user has now, in steps, whatever lives by the time of each: an operator's, or the scheduler's goings on. */
  remove(userKey: string): Actor | null {
    const user = this.ledger.users.get(userKey);
    if (!user) return null;
    const { ledger, lanes } = this;
    const steps = [
      () => ledger.markRemoved(user),
      () => lanes.seize(user, MODULES),
      () => ledger.dropPlan(user),
      () => ledger.dropTurns(user),
      () => ledger.dropUser(user),
    ];
    return this.actors.spawn('removal', async (actor) => {
      for (const step of steps) {
        await this.actors.stop(actor);
        step();
      }
    });
  }

  dispatch(actor: Actor): Dispatch {
    const store = ledgerSession(this, actor, NOBODY);
    return { store, jobQueue: this.queue.jobQueue(actor), settings: this.settings };
  }

  tick(): void {
    this.actors.spawn('tick', async (actor) => {
      const { faults } = await tick(this.dispatch(actor));
      if (faults[0]) throw faults[0].error;
    });
  }

  sweep(): void {
    this.actors.spawn('sweep', (actor) => restoreFailedJobs(this.dispatch(actor)));
  }

  /** A worker takes a job that waits. */
  take(entry: QueuedJob, ending: Ending): Actor {
    const actor = this.deliver(entry.job, ending);
    this.queue.take(entry, actor);
    return actor;
  }

  /** A job reaches a worker, whether the queue still has it or not. */
  deliver(job: TurnJob, ending: Ending): Actor {
    const name = `worker on ${job.turnId}-${job.release}`;
    return this.actors.spawn(name, async (actor) => {
      await this.actors.stop(actor);
      await runTurn(this, actor, job, ending);
    });
  }

  kill(actor: Actor): void {
    this.actors.kill(actor);
    this.queue.clockMoved();
  }

  moveClock(ms: number): void {
    this.#now += ms;
    this.lanes.renew();
    this.queue.clockMoved();
  }

  /** The process of a holder hangs: its leases run out while it still believes in them. */
  hang(pick: number): void {
    const held = [...this.lanes.held].filter(({ actor }) => !actor.dead);
    const lane = held[pick % Math.max(1, held.length)];
    for (const other of held) if (other.actor === lane?.actor) other.renewing = false;
  }

  requestResync(userKey: string, modules: readonly ModuleName[], days: number): void {
    const user = this.ledger.users.get(userKey);
    const from = user && rangeStartOf(user);
    if (!from) return;
    const to = new Date(from.getTime() + days * WINDOW_MS);
    const _id = `resync-${this.#requests++}`;
    this.actors.spawn('resync request', async (actor) => {
      await this.actors.stop(actor);
      if (!this.ledger.lives(user)) return;
      this.ledger.resyncs.set(_id, {
        ...{
          _id,
          userKey,
          life: user.life,
          modules,
          from,
          to,
          only: null,
          position: 0,
          status: 'pending',
          release: 0,
        },
        ...{ attempts: 0, expiries: 0, retryAt: null, queuedAt: null, failures: [], lastError: null },
        total: resyncTotal(from, to, modules.length),
        requestedAt: new Date(this.now()),
      });
      await this.dispatch(actor).store.makeUserDue(user);
    });
  }

  /** An operator wants something failed to be tried again. */
  requestRetry(pick: number): void {
    const { batches, resyncs } = this.ledger;
    const failed = [...batches.values(), ...resyncs.values()].filter(({ status }) => status === 'failed');
    const chosen = failed[pick % Math.max(1, failed.length)];
    if (!chosen) return;
    this.actors.spawn('retry request', async (actor) => {
      const { store } = this.dispatch(actor);
      if ('position' in chosen) await store.resyncEvent(chosen, { type: 'retry' });
      else await store.batchEvent(chosen, { type: 'makeDue', at: chosen.startTime });
      await store.makeUserDue(chosen);
    });
  }
}
