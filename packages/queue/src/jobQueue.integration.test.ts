import { describe, expect, test } from '@jest/globals';
import { Worker } from 'bullmq';
import { queueCounts } from './queues.js';
import { JOB_ID, RedisWorld, turnJob, until } from './testing/redisWorld.js';

const world = new RedisWorld();

describe('the job queue', () => {
  test('puts a turn as a job that an operator can read, and nothing more', async () => {
    const { jobQueue, queue } = await world.open({ backoffMs: 10_000, keepCompleted: 7, keepFailed: 9 });
    await jobQueue.add(turnJob());
    const job = await queue.getJob(JOB_ID);
    expect(job?.name).toBe('backfill');
    const { attempts, delayMs, turnId, ...payload } = turnJob();
    expect(job?.data).toEqual({ ...payload, doc: turnId });
    expect(job?.opts).toMatchObject({
      attempts: 4,
      delay: 0,
      backoff: { type: 'exponential', delay: 10_000, jitter: 0.5 },
      removeOnComplete: { count: 7 },
      removeOnFail: { count: 9 },
    });
    expect(await jobQueue.state(JOB_ID)).toBe('waiting');
  });

  test('takes every user key that core makes as part of an id', async () => {
    const { jobQueue } = await world.open();
    for (const turnId of ['tail-~~66f0c0ffee', 'tail-a~3ab', 'tail-42']) {
      await jobQueue.add(turnJob({ turnId, kind: 'tail' }));
      expect(await jobQueue.state(`${turnId}-1`)).toBe('waiting');
    }
  });

  test.each(['waiting', 'delayed', 'active', 'completed', 'failed'] as const)(
    'an add under the id of a job that is %s changes nothing',
    async (state) => {
      const { connection, jobQueue, queue } = await world.open();
      await jobQueue.add(turnJob({ attempts: 1, delayMs: state === 'delayed' ? 60_000 : 0 }));
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      if (state !== 'waiting' && state !== 'delayed') {
        const run = async () => {
          if (state === 'active') await held;
          if (state === 'failed') throw new Error('no');
        };
        const worker = new Worker(queue.name, run, { connection: connection.redis, prefix: world.prefix });
        world.onEnd(() => worker.close());
        world.onEnd(() => release());
      }
      await until(`the job is ${state}`, async () => (await jobQueue.state(JOB_ID)) === state);
      await jobQueue.add(turnJob({ kind: 'seal', attempts: 3 }));
      expect(await jobQueue.state(JOB_ID)).toBe(state);
      expect(await queue.getJob(JOB_ID)).toMatchObject({ name: 'backfill', opts: { attempts: 1 } });
      expect(await queueCounts(queue)).toEqual({
        waiting: 0,
        active: 0,
        delayed: 0,
        completed: 0,
        failed: 0,
        [state]: 1,
      });
    },
  );

  test('wakes a delayed job, and lets all others be', async () => {
    const { jobQueue } = await world.open();
    await jobQueue.add(turnJob({ delayMs: 60_000 }));
    expect(await jobQueue.state(JOB_ID)).toBe('delayed');
    await Promise.all([jobQueue.wake(JOB_ID), jobQueue.wake(JOB_ID), jobQueue.wake(JOB_ID)]);
    expect(await jobQueue.state(JOB_ID)).toBe('waiting');
    await jobQueue.wake(JOB_ID);
    await jobQueue.wake('absent-1');
    expect(await jobQueue.state(JOB_ID)).toBe('waiting');
  });

  test('removes a job, but not a running one, and not an absent one', async () => {
    const { connection, jobQueue, queue } = await world.open();
    await jobQueue.add(turnJob());
    await jobQueue.remove(JOB_ID);
    expect(await jobQueue.state(JOB_ID)).toBe('absent');
    await jobQueue.remove(JOB_ID);

    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const worker = new Worker(queue.name, () => held, { connection: connection.redis, prefix: world.prefix });
    world.onEnd(() => worker.close());
    world.onEnd(() => release());
    await jobQueue.add(turnJob());
    await until('it runs', async () => (await jobQueue.state(JOB_ID)) === 'active');
    await jobQueue.remove(JOB_ID);
    expect(await jobQueue.state(JOB_ID)).toBe('active');
  });

  test("a job that lost its place but not its data doesn't block its id", async () => {
    const { connection, jobQueue, queue } = await world.open();
    await jobQueue.add(turnJob());
    await connection.redis.del(queue.toKey('wait'));
    expect(await jobQueue.state(JOB_ID)).toBe('absent');
    await jobQueue.add(turnJob());
    expect(await jobQueue.state(JOB_ID)).toBe('waiting');
  });
});
