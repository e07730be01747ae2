import type { Binary } from 'mongodb';
import type { StoreContext } from '../context.js';
import { isUnauthorized } from '../mongoErrors.js';

/**
 * Ends a dead holder's session and with it whatever transaction it left open. A deployment that forbids it (a role
 * without the right to its own sessions) still works: the fence is then free when the server ends the transaction.
 */
export async function killSession({ client, log }: StoreContext, id: Binary): Promise<void> {
  try {
    await client.db('admin').command({ killSessions: [{ id }] });
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    log.warn(
      { reason: error.message },
      'not allowed to kill the session of a dead worker: its lane frees itself later',
    );
  }
}
