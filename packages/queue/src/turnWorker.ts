import type { TurnRef } from '@odoo-sync/core';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { TURNS } from './openQueue.js';
import { parsePayload } from './payload.js';

/** How a turn's job ends. */
export type TurnOutcome =
  | { readonly type: 'done'; readonly result: unknown }
  /** Runs again after a while; no attempt is used. */
  | { readonly type: 'delay'; readonly ms: number; readonly reason: string }
  /** Goes back to be run by another worker at once; no attempt is used. */
  | { readonly type: 'handBack' }
  /** An attempt is used; BullMQ's backoff says when the next one comes. */
  | { readonly type: 'retry'; readonly error: Error }
  /** Failed for good. */
  | { readonly type: 'fail'; readonly error: Error };

export interface TurnHandle {
  /** Aborts when this process wants the job back. */
  readonly signal: AbortSignal;
  /** A line in the job's log, for operators. */
  log(line: string): void;
  progress(progress: object): void;
}

export interface QueueLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface TurnWorkerOptions {
  readonly connection: Redis;
  readonly prefix: string;
  readonly concurrency: number;
  /** How long BullMQ believes in a worker that doesn't renew its lock, and how often it looks for such; milliseconds. */
  readonly lockMs: number;
  readonly stalledMs: number;
  readonly log: QueueLog;
  readonly process: (turn: TurnRef, handle: TurnHandle) => Promise<TurnOutcome>;
}

export interface TurnWorker {
  /** Takes no more jobs, lets running ones finish for so long, then takes them back. */
  stop(graceMs: number): Promise<void>;
}

// The ledger judges what kills workers; BullMQ's own count would fail a job without a word.
const STALLS = 1_000_000;
const HAND_BACK_MS = 10_000;
const PROGRESS_EVERY_MS = 500;

/** Runs turns from the queue, and translates how each ended into BullMQ's terms. */
export function createTurnWorker(options: TurnWorkerOptions): TurnWorker {
  const { log } = options;
  const stop = new AbortController();
  const running = new Set<Promise<unknown>>();

  const run = async (job: Job, token: string | undefined): Promise<unknown> => {
    let turn: TurnRef;
    try {
      turn = parsePayload(job.data);
    } catch (error) {
      log.warn({ jobId: job.id, err: error }, 'a job holds no turn');
      throw new UnrecoverableError(error instanceof Error ? error.message : String(error));
    }
    const outcome = await options.process(turn, handleOf(job, stop.signal, log));
    return settle(job, token, outcome);
  };
  const worker = new Worker(
    TURNS,
    (job, token) => {
      const done = run(job, token);
      running.add(done);
      const forget = () => running.delete(done);
      done.then(forget, forget);
      return done;
    },
    {
      connection: options.connection,
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: options.lockMs,
      stalledInterval: options.stalledMs,
      maxStalledCount: STALLS,
    },
  );
  // A lock lost to another worker, a job whose key is gone, a connection that drops: the ledger knows what is true.
  worker.on('error', (error) => log.warn({ err: error }, 'the queue complains'));

  return {
    async stop(graceMs) {
      await worker.pause(true);
      await settled(running, graceMs);
      stop.abort();
      await settled(running, HAND_BACK_MS);
      await worker.close(running.size > 0);
    },
  };
}

async function settled(running: ReadonlySet<Promise<unknown>>, limitMs: number): Promise<void> {
  if (running.size === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([Promise.allSettled(running), late]);
  clearTimeout(timer);
}

async function settle(job: Job, token: string | undefined, outcome: TurnOutcome): Promise<unknown> {
  switch (outcome.type) {
    case 'done':
      return outcome.result;
    case 'delay':
      await job.moveToDelayed(Date.now() + Math.max(1, Math.round(outcome.ms)), token);
      throw new DelayedError(outcome.reason);
    case 'handBack':
      await job.moveToWait(token);
      throw new WaitingError('given back by a worker that stops');
    case 'retry':
      throw outcome.error;
    case 'fail':
      throw new UnrecoverableError(outcome.error.message);
  }
}

function handleOf(job: Job, signal: AbortSignal, log: QueueLog): TurnHandle {
  let progressAt = 0;
  const tell = (what: string, said: Promise<unknown>) =>
    void said.catch((error: unknown) =>
      log.info({ jobId: job.id, err: error }, `could not write a job's ${what}`),
    );
  return {
    signal,
    log: (line) => tell('log', job.log(`${new Date().toISOString()} ${line}`)),
    progress(progress) {
      if (Date.now() - progressAt < PROGRESS_EVERY_MS) return;
      progressAt = Date.now();
      tell('progress', job.updateProgress(progress));
    },
  };
}
