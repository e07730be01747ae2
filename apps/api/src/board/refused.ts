import { type ApiError, serverRefusal } from '../apiError.js';

const OF_BOARD = /^\/+queues(?:[/;?]|$)/i;

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
