import { SyncError } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';
import { unseal } from './seals.js';
import { userOf } from './users.js';

const LOOKED_AT = 20;

/**
 * Checks that this process's key ring opens what is sealed in the store: with a wrong one, every turn of every user would fail.
 * When one user's credentials don't open, the trouble is that user's; when nobody's do, it is the key ring's.
 * @throws SyncError `configuration`.
 */
export async function checkKeyRing(context: StoreContext): Promise<void> {
  const some = await context.users.find().limit(LOOKED_AT).toArray();
  let fault: unknown;
  for (const user of some) {
    try {
      unseal(context, userOf(user), user);
      return;
    } catch (error) {
      fault = error;
    }
  }
  if (some.length === 0) return;
  const words = fault instanceof Error ? fault.message : String(fault);
  throw new SyncError(
    'configuration',
    `CREDENTIALS_KEYS opens none of the stored credentials (${words}): start with the key ring that they were sealed with`,
  );
}
