import { setTimeout as after } from 'node:timers/promises';
import type { App } from './context.js';

const LIMIT_MS = 3_000;

/** Takes no more requests, lets those under way end for a while, and then cuts every connection that is left. */
export async function closeServer(app: App, limitMs = LIMIT_MS): Promise<void> {
  const closed = app.close();
  const settled = new AbortController();
  await Promise.race([closed, after(limitMs, undefined, { signal: settled.signal }).catch(() => {})]);
  settled.abort();
  app.server.closeAllConnections();
  await closed;
}
