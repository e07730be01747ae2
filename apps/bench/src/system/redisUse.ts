import { Redis } from 'ioredis';

export interface RedisUse {
  readonly bytes: number;
  readonly keys: number;
}

/** What a Redis holds now. */
export async function redisUse(url: string): Promise<RedisUse> {
  const redis = new Redis(url);
  try {
    const [memory, keys] = await Promise.all([redis.info('memory'), redis.dbsize()]);
    return { bytes: Number(/^used_memory:(\d+)/m.exec(memory)?.[1]), keys };
  } finally {
    redis.disconnect();
  }
}
