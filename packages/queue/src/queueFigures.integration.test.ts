import { describe, expect, test } from '@jest/globals';
import { Worker } from 'bullmq';
import { queueFigures } from './queueFigures.js';
import { JOB_ID, RedisWorld, turnJob, until } from './testing/redisWorld.js';

const world = new RedisWorld();
const MINUTE = 60_000;

/** As if so much time had gone by. */
const later = (ms: number) => () => Date.now() + ms;

describe('the figures of a queue', () => {
  test('are all at zero where there is no job', async () => {
    const { queue } = await world.open();
    expect(await queueFigures(queue)).toEqual({
      waiting: 0,
      active: 0,
      delayed: 0,
      due: 0,
      completed: 0,
      failed: 0,
      oldestWaitingSeconds: 0,
    });
  });

  test('count jobs in each state, those of a priority among the waiting, and of the delayed ones who is due', async () => {
    const { connection, jobQueue, queue } = await world.open();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const worker = new Worker(queue.name, () => held, { connection: connection.redis, prefix: world.prefix });
    world.onEnd(() => worker.close());
    world.onEnd(() => release());
    await jobQueue.add(turnJob());
    await until('one runs', async () => (await jobQueue.state(JOB_ID)) === 'active');
    for (const day of [1, 2]) await jobQueue.add(turnJob({ release: 1 + day }));
    await queue.add('backfill', {}, { jobId: 'urgent-1', priority: 3 });
    for (const minutes of [1, 2, 60])
      await jobQueue.add(turnJob({ release: 10 + minutes, delayMs: minutes * MINUTE }));
    expect(await queueFigures(queue)).toMatchObject({ waiting: 3, active: 1, delayed: 3, due: 0 });
    expect(await queueFigures(queue, later(2.5 * MINUTE))).toMatchObject({ delayed: 3, due: 2 });
    expect(await queueFigures(queue, later(61 * MINUTE))).toMatchObject({ delayed: 3, due: 3 });
  });

  test('tell how long the one that is next has waited, not those that came after it', async () => {
    const { jobQueue, queue } = await world.open();
    await jobQueue.add(turnJob());
    const began = Date.now();
    await until('a moment has gone by', () => Date.now() > began + 50);
    await jobQueue.add(turnJob({ release: 2 }));
    const { oldestWaitingSeconds } = await queueFigures(queue, later(30_000));
    expect(oldestWaitingSeconds).toBeGreaterThanOrEqual(30.05);
    expect(oldestWaitingSeconds).toBeLessThan(45);
  });

  test('count a job that was delayed from the moment that it was due', async () => {
    const { jobQueue, queue } = await world.open();
    await jobQueue.add(turnJob({ delayMs: MINUTE }));
    await jobQueue.wake(JOB_ID);
    expect(await queueFigures(queue, later(50_000))).toMatchObject({ waiting: 1, oldestWaitingSeconds: 0 });
    const { oldestWaitingSeconds } = await queueFigures(queue, later(70_000));
    expect(oldestWaitingSeconds).toBeGreaterThan(9);
    expect(oldestWaitingSeconds).toBeLessThan(25);
  });

  test('count a job that failed before from its last start', async () => {
    const { connection, jobQueue, queue } = await world.open({ backoffMs: MINUTE });
    const worker = new Worker(
      queue.name,
      async () => {
        throw new Error('no');
      },
      { connection: connection.redis, prefix: world.prefix },
    );
    await jobQueue.add(turnJob());
    await until('it has failed once', async () => (await jobQueue.state(JOB_ID)) === 'delayed');
    await worker.close();
    await connection.redis.hset(queue.toKey(JOB_ID), 'timestamp', Date.now() - 60 * MINUTE);
    await jobQueue.wake(JOB_ID);
    const { waiting, oldestWaitingSeconds } = await queueFigures(queue);
    expect(waiting).toBe(1);
    expect(oldestWaitingSeconds).toBeLessThan(30);
  });
});
