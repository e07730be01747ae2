import type { Log } from '@odoo-sync/core';
import { Worker } from 'bullmq';
import { createBurstLog } from './burstLog.js';
import type { QueueConnection } from './connection.js';
import { openQueue, TICK_QUEUE } from './queues.js';
import { within } from './within.js';

const SCHEDULER_ID = 'tick';
/** Every scheduler process looks after the job scheduler this often: it must be there within 30 s of any loss. */
const REASSERT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;
const KEPT = { count: 10 };

export interface TickOptions {
  /** Of the role `scheduler`. */
  readonly connection: QueueConnection;
  readonly prefix: string;
  /** `SCHEDULER_INTERVAL_MS` */
  readonly everyMs: number;
  /** One tick. What it throws is logged, and the next tick comes as if nothing had been. */
  readonly tick: () => Promise<void>;
  /** The connection's where none is given. */
  readonly log?: Log;
  readonly reassertMs?: number;
  /** How long a killed scheduler's tick keeps the others waiting. */
  readonly lockMs?: number;
  readonly stalledMs?: number;
}

export interface Tick {
  /** Takes no more ticks and waits a while for the one that runs. */
  close(): Promise<void>;
}

/**
 * Runs the fleet's tick: one BullMQ job scheduler, whichever process asserts it, and one tick at a time among all processes.
 * Both are asserted again and again, since Redis may lose every key. Right after such a loss, and only then, a tick can run
 * beside one that began before it; releases are conditional, so that hands out nothing twice.
 */
export async function startTick(options: TickOptions): Promise<Tick> {
  const { connection, prefix, everyMs } = options;
  const report = createBurstLog(options.log ?? connection.log);
  const queue = openQueue(connection, prefix, TICK_QUEUE);
  const assert = async () => {
    // First: a tick must not start before it holds.
    await queue.setGlobalConcurrency(1);
    await queue.upsertJobScheduler(
      SCHEDULER_ID,
      { every: everyMs },
      { name: SCHEDULER_ID, opts: { removeOnComplete: KEPT, removeOnFail: KEPT } },
    );
  };
  await assert();

  const worker = new Worker(
    TICK_QUEUE,
    async () => {
      try {
        await options.tick();
      } catch (error) {
        report('a tick failed', error);
      }
    },
    {
      connection: connection.redis,
      prefix,
      concurrency: 1,
      lockDuration: options.lockMs ?? 15_000,
      stalledInterval: options.stalledMs ?? 5_000,
      maxStalledCount: 1_000_000,
    },
  );
  worker.on('error', (error) => report('the tick worker reports a fault', error));

  let asserting: Promise<void> | undefined;
  const timer = setInterval(() => {
    asserting ??= assert()
      .catch((error: unknown) => {
        report('could not assert the tick', error);
      })
      .finally(() => {
        asserting = undefined;
      });
  }, options.reassertMs ?? REASSERT_MS);
  return {
    async close() {
      clearInterval(timer);
      await within(STOP_LIMIT_MS, worker.close());
      await within(
        STOP_LIMIT_MS,
        Promise.resolve(asserting).then(() => queue.close()),
      );
    },
  };
}
