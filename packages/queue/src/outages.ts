import type { Log } from '@odoo-sync/core';
import { createBurstLog } from './burstLog.js';
import type { RedisClient } from './redisClient.js';

/**
 * Tells of outages and of their ends, where the outage was told: a connection that is cut again and again doesn't fill the log.
 * @returns what is to be called when the connection is closed on purpose.
 */
export function reportOutages(redis: RedisClient, name: string, log: Log): () => void {
  const report = createBurstLog(log);
  const failed = (error: Error) => report('the connection to Redis failed', error);
  let heard = false;
  let told = false;
  let closing = false;
  redis.on('error', (error: Error) => {
    heard = true;
    if (failed(error)) told = true;
  });
  redis.on('close', () => {
    // A server or proxy that ends a connection in good order is no error to the client.
    if (!heard && !closing && failed(new Error(`the connection to ${name} was closed`))) told = true;
    heard = true;
  });
  redis.on('ready', () => {
    if (told) log.info({ redis: name }, 'connected to Redis again');
    heard = false;
    told = false;
  });
  return () => {
    closing = true;
  };
}
