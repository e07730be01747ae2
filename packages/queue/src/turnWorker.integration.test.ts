import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import type { JobEnd } from '@odoo-sync/core';
import type { Job } from 'bullmq';
import { parsePayload, payloadOf } from './payload.js';
import { JOB_ID, RedisWorld, turnJob, until } from './testing/redisWorld.js';
import { createTurnWorker, type TurnWorkerOptions } from './turnWorker.js';

const world = new RedisWorld();

async function openWorker(process: TurnWorkerOptions['process'], more: Partial<TurnWorkerOptions> = {}) {
  const connection = await world.connect();
  const worker = createTurnWorker({ connection, prefix: world.prefix, concurrency: 1, process, ...more });
  world.onEnd(() => worker.stop(0));
  await worker.ready();
  return worker;
}

const done: JobEnd = { type: 'done', result: 'ok' };

async function open() {
  const { jobQueue, queue, connection } = await world.open();
  const job = async (): Promise<Job> => {
    const found = await queue.getJob(JOB_ID);
    if (!found) throw new Error(`there is no job ${JOB_ID}`);
    return found;
  };
  const reaches = (state: string) =>
    until(`the job is ${state}`, async () => (await jobQueue.state(JOB_ID)) === state);
  return { jobQueue, queue, connection, job, reaches };
}

describe('the turn worker', () => {
  test('hands a turn to its processor, and keeps its result, log and progress', async () => {
    const { jobQueue, queue, job, reaches } = await open();
    let seen: unknown;
    await openWorker(async (turn, handle) => {
      seen = turn;
      for (let page = 1; page <= 3; page++) handle.log(`page ${page}`);
      handle.progress({ pages: 3 });
      return { type: 'done', result: { inserted: 2 } };
    });
    await jobQueue.add(turnJob());
    await reaches('completed');
    expect(seen).toEqual(parsePayload(payloadOf(turnJob())));
    expect(await job()).toMatchObject({ returnvalue: { inserted: 2 }, progress: { pages: 3 } });
    const { logs } = await queue.getJobLogs(JOB_ID);
    expect(logs.map((line) => line.split(' ').slice(1).join(' '))).toEqual(['page 1', 'page 2', 'page 3']);
  });

  test('retry uses attempts up by the backoff, then the job is failed', async () => {
    const { jobQueue, job, reaches } = await open();
    const made: number[] = [];
    await openWorker(async (_, handle) => {
      made.push(handle.attemptsMade);
      return { type: 'retry', error: new Error(`fault ${made.length}`) };
    });
    await jobQueue.add(turnJob({ attempts: 4 }));
    await reaches('failed');
    expect(made).toEqual([0, 1, 2, 3]);
    expect(await job()).toMatchObject({ attemptsMade: 4, failedReason: 'fault 4' });
  });

  test('fail ends it whatever attempts are left, with the stack of the fault', async () => {
    const { jobQueue, job, reaches } = await open();
    let runs = 0;
    await openWorker(async () => {
      runs++;
      return { type: 'fail', error: new TypeError('no such field') };
    });
    await jobQueue.add(turnJob({ attempts: 4 }));
    await reaches('failed');
    expect(runs).toBe(1);
    const failed = await job();
    expect(failed.failedReason).toBe('no such field');
    expect(failed.stacktrace?.join()).toContain('TypeError: no such field');
  });

  test('delay puts it off without using an attempt, and says why', async () => {
    const { jobQueue, queue, job, reaches } = await open();
    const made: number[] = [];
    await openWorker(async (_, handle) => {
      made.push(handle.attemptsMade);
      return made.length <= 6 ? { type: 'delay', ms: 5, reason: 'the lane is taken' } : done;
    });
    await jobQueue.add(turnJob({ attempts: 2 }));
    await reaches('completed');
    expect(made).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect((await job()).attemptsStarted).toBe(7);
    expect((await queue.getJobLogs(JOB_ID)).logs[0]).toContain('the lane is taken');
  });

  test('a turn that ends within the grace is done, and no other is taken', async () => {
    const { jobQueue } = await open();
    let finish: (() => void) | undefined;
    const worker = await openWorker(
      async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return done;
      },
      { concurrency: 2 },
    );
    await jobQueue.add(turnJob());
    await until('it runs', () => finish !== undefined);
    const stopped = worker.stop(60_000);
    await jobQueue.add(turnJob({ release: 2 }));
    finish?.();
    expect(await stopped).toEqual({ told: 0, abandoned: 0 });
    expect(await jobQueue.state(JOB_ID)).toBe('completed');
    expect(await jobQueue.state(JOB_ID.replace(/1$/, '2'))).toBe('waiting');
  });

  test('past the grace turns are told, their jobs go back with their attempts, and another worker runs them', async () => {
    const { jobQueue, job, reaches } = await open();
    let runs = 0;
    const worker = await openWorker(async (_, { signal }) => {
      runs++;
      if (runs === 1) return { type: 'retry', error: new Error('one attempt is used') };
      await once(signal, 'abort');
      return { type: 'handBack' };
    });
    await jobQueue.add(turnJob({ attempts: 2 }));
    await until('it runs again', () => runs === 2);
    expect(await worker.stop(20)).toEqual({ told: 1, abandoned: 0 });
    expect(await jobQueue.state(JOB_ID)).toBe('waiting');
    expect(await job()).toMatchObject({ attemptsMade: 1, attemptsStarted: 2 });

    let made: number | undefined;
    await openWorker(async (_, handle) => {
      made = handle.attemptsMade;
      return done;
    });
    await reaches('completed');
    expect(made).toBe(1);
  });

  test("a turn that doesn't let go runs elsewhere once its lock has expired, again without an attempt used", async () => {
    const { jobQueue, job, reaches } = await open();
    const locks = { leaseMs: 600 };
    const worker = await openWorker(() => new Promise(() => {}), locks);
    await jobQueue.add(turnJob());
    await until('it runs', () => worker.running() === 1);
    expect(await worker.stop(0)).toEqual({ told: 1, abandoned: 1 });
    await openWorker(async () => done, locks);
    await reaches('completed');
    expect(await job()).toMatchObject({ attemptsStarted: 2, stalledCounter: 1 });
  }, 30_000);

  test('a job that is no turn is failed at once and logged, and never reaches the processor', async () => {
    const { queue } = await open();
    let runs = 0;
    await openWorker(async () => {
      runs++;
      return done;
    });
    await queue.add('backfill', { ...payloadOf(turnJob()), release: 'one' }, { jobId: 'bad', attempts: 4 });
    await until('it is failed', async () => (await queue.getFailedCount()) === 1);
    expect(runs).toBe(0);
    expect((await queue.getJob('bad'))?.failedReason).toContain('release: ');
    expect(world.logged.map(({ message }) => message)).toEqual(['a job that is no turn']);
  });

  test('goes on after every key in Redis was lost under a running turn', async () => {
    const { jobQueue, connection, reaches } = await open();
    let finish = () => {};
    let runs = 0;
    await openWorker(async () => {
      if (++runs === 1) {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      }
      return done;
    });
    await jobQueue.add(turnJob());
    await until('it runs', () => runs === 1);
    await connection.redis.flushall();
    expect(await jobQueue.state(JOB_ID)).toBe('absent');
    finish();
    await until('the loss is told', () => world.logged.length > 0);
    expect(world.logged[0]).toMatchObject({ message: 'the turn worker reports a fault' });
    await jobQueue.add(turnJob());
    await reaches('completed');
    expect(runs).toBe(2);
  });

  test('goes on after Redis was killed and came back empty', async () => {
    const { jobQueue, reaches } = await open();
    let runs = 0;
    await openWorker(async () => {
      runs++;
      return done;
    });
    await jobQueue.add(turnJob());
    await reaches('completed');
    await world.redis.kill('SIGKILL');
    const added = jobQueue.add(turnJob({ release: 2 }));
    await world.redis.restart();
    await added;
    await until('it ran the job that was put meanwhile', () => runs === 2);
  }, 60_000);
});
