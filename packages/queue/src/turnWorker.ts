import { HandedBackError, type JobEnd, type Log, type TurnHandle } from '@odoo-sync/core';
import { type Job, Worker } from 'bullmq';
import { createBurstLog } from './burstLog.js';
import type { QueueConnection } from './connection.js';
import { keptError } from './keptError.js';
import { PayloadError, parsePayload, type TurnPayload } from './payload.js';
import { TURNS_QUEUE } from './queues.js';
import { READABLE_JOB } from './readableJob.js';
import { settle, unrecoverable } from './settle.js';
import { createHandle } from './turnHandle.js';
import { within } from './within.js';

const LEASE_MS = 15_000;
const STALLED_MS = 1_000;
/** A killed worker's job is found before its lane's lease ends, so that the lease alone decides how long the lane waits. */
const LOCK_OF_LEASE = 0.7;
const RENEWALS_PER_LOCK = 4;
/** How long turns may take to let go once they are told to, and the connection to close. */
const LET_GO_MS = 5_000;
/** The ledger judges crashes (four leases that expire in a row), not the queue. */
const NEVER_BY_STALLS = 1_000_000;

export interface TurnWorkerOptions {
  /** Of the role `worker`. */
  readonly connection: QueueConnection;
  readonly prefix: string;
  /** Turns at once in this process. */
  readonly concurrency: number;
  /** Runs a turn. What it throws uses up an attempt, as `retry` does. */
  readonly process: (turn: TurnPayload, handle: TurnHandle) => Promise<JobEnd>;
  /** The connection's where none is given. */
  readonly log?: Log;
  /** Lease of a turn's lane: a killed worker's job stays with it a little shorter. */
  readonly leaseMs?: number;
}

export interface TurnWorker {
  /** Resolves when it takes jobs. */
  ready(): Promise<void>;
  /** Turns running now. */
  running(): number;
  /**
   * Takes no more jobs and lets running turns finish for so long; then tells the rest to let go by their signals, so that
   * their jobs go back without an attempt used.
   * @returns how many turns were told, and how many of them didn't let go: those jobs come back when their locks expire.
   */
  stop(graceMs: number): Promise<{ readonly told: number; readonly abandoned: number }>;
}

/** Takes turns' jobs from the queue, runs them, and tells BullMQ how each ended. */
export function createTurnWorker(options: TurnWorkerOptions): TurnWorker {
  const { connection, log = connection.log } = options;
  const report = createBurstLog(log);
  const running = new Map<AbortController, Promise<unknown>>();
  let stopping = false;
  const lockMs = Math.round((options.leaseMs ?? LEASE_MS) * LOCK_OF_LEASE);

  const worker = new TurnsWorker(
    TURNS_QUEUE,
    async (job: Job, token?: string) => {
      // A job can still arrive by a request that was under way when the worker was told to stop.
      if (stopping) return settle(job, token, { type: 'handBack' });
      const controller = new AbortController();
      const ran = runJob(job, token, controller.signal, log, options.process);
      running.set(controller, ran);
      try {
        return await ran;
      } finally {
        running.delete(controller);
      }
    },
    {
      connection: connection.redis,
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: lockMs,
      lockRenewTime: Math.round(lockMs / RENEWALS_PER_LOCK),
      // One look for the whole fleet, whatever the number of workers.
      stalledInterval: Math.min(STALLED_MS, lockMs / 2),
      maxStalledCount: NEVER_BY_STALLS,
    },
  );
  worker.on('error', (error) => report('the turn worker reports a fault', error));

  const stop = async (graceMs: number) => {
    stopping = true;
    // Ends the wait for jobs at once, where `pause` would let it take one more. It resolves when the last job has ended.
    const closed = worker.close();
    await within(graceMs, Promise.allSettled(running.values()));
    const told = [...running.keys()];
    for (const controller of told) controller.abort(new HandedBackError('the worker stops'));
    await within(LET_GO_MS, Promise.allSettled(running.values()));
    const abandoned = running.size;
    if (abandoned > 0) {
      log.warn({ abandoned }, 'turns did not let go: their jobs come back when their locks expire');
      await worker.abandonLocks();
    } else await within(LET_GO_MS, closed);
    return { told: told.length, abandoned };
  };
  let stopped: ReturnType<typeof stop> | undefined;
  return {
    async ready() {
      await worker.waitUntilReady();
    },
    running: () => running.size,
    stop(graceMs) {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };
}

class TurnsWorker extends Worker {
  protected override get Job(): typeof Job {
    return READABLE_JOB;
  }

  /** BullMQ would renew the locks of a running job for as long as the process lives. */
  abandonLocks(): Promise<void> {
    return this.lockManager.close();
  }
}

async function runJob(
  job: Job,
  token: string | undefined,
  signal: AbortSignal,
  log: Log,
  process: TurnWorkerOptions['process'],
): Promise<unknown> {
  const turn = readTurn(job, log);
  const { handle, flush } = createHandle(job, signal);
  let outcome: JobEnd;
  try {
    outcome = await process(turn, handle);
    if (outcome.type === 'delay') handle.log(`waits ${Math.round(outcome.ms)} ms: ${outcome.reason}`);
  } catch (error) {
    throw keptError(error);
  } finally {
    await flush();
  }
  return settle(job, token, outcome);
}

function readTurn(job: Job, log: Log): TurnPayload {
  try {
    return parsePayload(job.data);
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error;
    log.warn({ job: job.id, err: error }, 'a job that is no turn');
    throw unrecoverable(error);
  }
}
