import {
  type ContextLog,
  DEFAULT_SETTINGS,
  type EngineSettings,
  type ModuleName,
  odooTime,
  rangeStartOf,
  type TurnHandle,
  type TurnJob,
  WINDOW_MS,
} from '@odoo-sync/core';
import type { Dispatch } from '../dispatch/job.js';
import { restoreFailedJobs } from '../dispatch/restoreFailedJobs.js';
import { tick } from '../dispatch/tick.js';
import { type AloneGate, createAloneGate } from '../turn/aloneGate.js';
import { runTurn } from '../turn/runTurn.js';
import type { Engine } from '../turn/turnContext.js';
import type { TurnMetrics } from '../turn/turnMetrics.js';
import { type Actor, Actors } from './actors.js';
import { MemoryLanes } from './memoryLanes.js';
import { type Author, MemoryLedger, NOBODY } from './memoryLedger.js';
import { MemoryMirror } from './memoryMirror.js';
import { type Ending, MemoryOdoo } from './memoryOdoo.js';
import { MemoryQueue, type QueuedJob } from './memoryQueue.js';
import { removalSteps } from './memoryRemoval.js';
import { MemorySpool } from './memorySpool.js';
import { memoryStore } from './memoryStore.js';

export interface WorldOptions {
  readonly users: number;
  readonly userConcurrency: number;
  /** Odoo's clock minus the store's. */
  readonly skewMs: number;
}

/** A minute and a half before the first midnight. */
const START = Date.UTC(2026, 2, 28, 23, 58, 30);

const DAY_MS = 86_400_000;
const USERS = ['user0', 'user1'];
/** Modules that hold records from the beginning: a survey finds the days of the others empty. */
const SEEDED: readonly ModuleName[] = ['saleOrders', 'contacts'];

const UNCOUNTED: TurnMetrics = {
  turnEnded() {},
  turnTook() {},
  pageRead() {},
  audited() {},
  committed() {},
  commitRefused() {},
  leaseExpired() {},
  released() {},
};

const SILENT_LOG: ContextLog = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => SILENT_LOG,
  isLevelEnabled: () => false,
};

/** The time is the test process's own: a killed turn holds its world in memory until then. */
const NO_LIMITS = { records: 1e9, bytes: 1e9, pages: 1e9, ms: 20_000 };

/**
 * A fleet in one process: scheduler, workers, queue, store and the users' Odoos, on one clock. What runs is the engine itself;
 * each look at queue, store or Odoo is a stop, at which it can be killed, hang, or be overtaken.
 */
export class World {
  #now = START;
  readonly now = (): number => this.#now;
  readonly settings: EngineSettings;
  readonly actors = new Actors();
  readonly ledger: MemoryLedger;
  readonly lanes: MemoryLanes;
  readonly mirror = new MemoryMirror();
  readonly odoo: MemoryOdoo;
  readonly queue: MemoryQueue;
  /** How turns came into their processes. */
  readonly entered: ('alone' | 'with others')[] = [];

  constructor({ users, userConcurrency, skewMs }: WorldOptions) {
    const short = {
      rangeDays: 1,
      settleMs: 60_000,
      lookbackMs: 20_000,
      healMs: 120_000,
      backoffMs: 1_000,
      tailMax: 3,
    };
    this.settings = { ...DEFAULT_SETTINGS, ...short, userConcurrency };
    this.ledger = new MemoryLedger(this.now, this.settings);
    this.lanes = new MemoryLanes(this.actors, this.now, this.settings);
    this.odoo = new MemoryOdoo(this.actors, this.now, skewMs);
    this.queue = new MemoryQueue(this.actors, this.now, this.settings.backoffMs);
    for (const userKey of USERS)
      for (const [n, module] of SEEDED.entries())
        for (const day of [1, 2])
          this.odoo.seed(userKey, module, 10 * day + n, new Date(START - day * DAY_MS + DAY_MS / 2));
    for (const userKey of USERS.slice(0, users)) this.#connect(userKey);
  }

  #connect(userKey: string): void {
    const user = this.ledger.addUser(userKey);
    if (user) this.lanes.open(user);
  }

  #dispatch(actor: Actor, author: Author = NOBODY, inParts = false) {
    const { actors, ledger, lanes, mirror } = this;
    return {
      store: memoryStore({ actors, ledger, lanes, mirror, actor, author }, inParts),
      jobQueue: this.queue.port(actor),
      settings: this.settings,
    };
  }

  dispatch(actor: Actor): Dispatch {
    return this.#dispatch(actor);
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
    const steps = removalSteps(this, user);
    return this.actors.spawn('removal', async (actor) => {
      for (const step of steps) {
        await this.actors.stop(actor);
        step();
      }
    });
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
    return this.actors.spawn(`worker on ${job.turnId}-${job.release}`, async (actor) => {
      await this.actors.stop(actor);
      const stale = this.ledger.currentRelease(job) !== job.release;
      const outcome = await runTurn(this.#engine(actor, { turn: job, stale }, ending), job, HANDLE);
      await this.actors.stop(actor);
      this.queue.settle(actor, job, outcome);
    });
  }

  #engine(actor: Actor, author: Author, ending: Ending): Engine {
    return {
      ...this.#dispatch(actor, author, ending === 'inParts'),
      sources: {
        use: (user, _, work) => work(this.odoo.source(actor, user.userKey, ending)),
        drop() {},
        close() {},
      },
      gate: this.#gate(),
      openSpool: () => new MemorySpool(),
      limits: { window: NO_LIMITS, tail: NO_LIMITS },
      apiCallDelayMs: 0,
      metrics: UNCOUNTED,
      log: SILENT_LOG,
    };
  }

  /** A process of its own for each turn, which notes who came in as one that must be alone. */
  #gate(): AloneGate {
    const gate = createAloneGate();
    return {
      enter: (alone, signal) => {
        this.entered.push(alone ? 'alone' : 'with others');
        return gate.enter(alone, signal);
      },
    };
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

  requestResync(userKey: string, modules: readonly ModuleName[], days: number): void {
    const user = this.ledger.users.get(userKey);
    const from = user && rangeStartOf(user);
    if (!from) return;
    this.actors.spawn('resync request', async (actor) => {
      await this.actors.stop(actor);
      if (!this.ledger.lives(user)) return;
      const to = new Date(from.getTime() + days * WINDOW_MS);
      this.ledger.putResync(user, { modules, from, to });
    });
  }

  /** An operator wants something failed to be tried again. */
  requestRetry(pick: number): void {
    const { batches, resyncs } = this.ledger;
    const failed = [...batches.values(), ...resyncs.values()].filter(({ status }) => status === 'failed');
    const chosen = failed[pick % Math.max(1, failed.length)];
    if (!chosen) return;
    this.actors.spawn('retry request', async (actor) => {
      const { store } = this.#dispatch(actor);
      if ('position' in chosen) await store.resyncEvent(chosen, { type: 'retry' });
      else await store.batchEvent(chosen, { type: 'makeDue', at: odooTime(chosen.startTime) });
      await store.makeUserDue(chosen);
    });
  }

  /** An operator sets the credentials anew. */
  setCredentials(userKey: string): void {
    const user = this.ledger.users.get(userKey);
    if (!user || user.standing === 'removing') return;
    this.ledger.changeCredentials(user);
    this.actors.spawn('new credentials', (actor) => this.#dispatch(actor).store.restoreUser(user));
  }
}

const HANDLE: TurnHandle = {
  attemptsMade: 0,
  signal: new AbortController().signal,
  log() {},
  progress() {},
};
