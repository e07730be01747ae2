import { describe, expect, test } from '@jest/globals';
import { openQueue, TICK_QUEUE } from './queues.js';
import { RedisWorld, until } from './testing/redisWorld.js';
import { startTick, type TickOptions } from './tick.js';

const world = new RedisWorld();

async function start(tick: () => Promise<void>, more: Partial<TickOptions> = {}) {
  const connection = await world.connect('scheduler');
  const started = await startTick({ connection, prefix: world.prefix, everyMs: 50, tick, ...more });
  world.onEnd(() => started.close());
  return { connection, started };
}

describe('the tick', () => {
  test('comes again and again, one at a time in the whole fleet, though it takes longer than its interval', async () => {
    const begun = [0, 0, 0];
    let [now, most] = [0, 0];
    const tick = (process: number) => async () => {
      begun[process] = (begun[process] ?? 0) + 1;
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 120));
      now--;
    };
    for (const process of begun.keys()) await start(tick(process), { reassertMs: 70 });
    await until('a dozen ticks', () => begun.reduce((sum, ticks) => sum + ticks) >= 12);
    expect(most).toBe(1);
  });

  test('goes on after every key in Redis was lost, and still one at a time', async () => {
    let ticks = 0;
    const { connection } = await start(
      async () => {
        ticks++;
      },
      { reassertMs: 200 },
    );
    await until('it ticks', () => ticks >= 2);
    await connection.redis.flushall();
    const before = ticks;
    await until('it ticks again', () => ticks >= before + 3, 5_000);
    const queue = openQueue(connection, world.prefix, TICK_QUEUE);
    world.onEnd(() => queue.close());
    expect(await queue.getGlobalConcurrency()).toBe(1);
    expect(await queue.getJobSchedulersCount()).toBe(1);
  });

  test('one that throws is logged, and the next one comes', async () => {
    let ticks = 0;
    await start(async () => {
      ticks++;
      throw new Error('the store is away');
    });
    await until('three ticks', () => ticks >= 3);
    expect(world.logged).toEqual([{ message: 'a tick failed', error: new Error('the store is away') }]);
  });

  test('is taken over when its process has ended', async () => {
    let [first, second] = [0, 0];
    const { started } = await start(async () => {
      first++;
    });
    await until('the first ticks', () => first >= 1);
    await started.close();
    const ended = first;
    await start(async () => {
      second++;
    });
    await until('the second ticks', () => second >= 3);
    expect(first).toBe(ended);
  });

  test('keeps few of its jobs', async () => {
    let ticks = 0;
    const { connection } = await start(
      async () => {
        ticks++;
      },
      { everyMs: 20 },
    );
    await until('thirty ticks', () => ticks >= 30);
    const queue = openQueue(connection, world.prefix, TICK_QUEUE);
    world.onEnd(() => queue.close());
    expect(await queue.getCompletedCount()).toBeLessThanOrEqual(10);
  });
});
