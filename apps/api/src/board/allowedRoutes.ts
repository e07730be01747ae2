import { type ApiError, serverRefusal } from '../apiError.js';

const OF_BOARD = /^\/+queues(?:[/;?]|$)/i;
const READS: readonly string[] = [
  '/',
  '/queue/:queueName',
  '/queue/:queueName/:jobId',
  '/job-schedulers',
  '/metrics-history',
  '/static/*',
  '/api/redis/stats',
  '/api/job-schedulers',
  '/api/queues',
  '/api/queues/:queueName/metrics',
  '/api/queues/:queueName/default-job-options',
  '/api/queues/:queueName/workers',
  '/api/queues/:queueName/rate-limit',
  '/api/queues/:queueName/job-data-schema',
  '/api/queues/:queueName/:jobId',
  '/api/queues/:queueName/:jobId/logs',
  '/api/queues/:queueName/:jobId/flow',
];
const PRESSES: readonly string[] = [
  '/api/queues/:queueName/:jobId/retry',
  '/api/queues/:queueName/:jobId/promote',
  // One by one through the ledger, as if each had been pressed.
  '/api/queues/:queueName/retry/:queueStatus',
  // While it lasts, `/status` and the dashboard say so.
  '/api/queues/:queueName/pause',
  '/api/queues/:queueName/resume',
];

/**
 * Whether one of Bull Board's routes is let through: those by which it is looked at, Retry and Promote, Pause and Resume. All else it can do changes
 * the queue behind the ledger's back; its Clean of a job called "meta" even takes away that the queue is paused. So what a newer version
 * brings is refused until it is named here.
 * @param path as the library registers it, below its prefix.
 */
export function isAllowed(method: string, path: string): boolean {
  if (method === 'GET' || method === 'HEAD') return READS.includes(path === '' ? '/' : path);
  return method === 'PUT' && PRESSES.includes(path);
}

/** The answer to something that Bull Board offers and this queue doesn't take; shown there as the request's error. */
export const boardRefusal = (): ApiError =>
  serverRefusal(
    'refused',
    'expected Retry, Promote, Pause or Resume: the queue only carries what the ledger releases, and nothing else can be changed here: to read windows again, POST /users/{id}/resync',
  );

/** Whether a request that no route takes would change the board, however its path is spelled. */
export const wouldChangeBoard = (method: string, url: string): boolean =>
  method !== 'GET' && method !== 'HEAD' && OF_BOARD.test(decoded(url));

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
