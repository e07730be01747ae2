import { SyncError } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';
import { unseal } from './seals.js';
import { userOf } from './users.js';

const LOOKED_AT = 20;

/**
 * Whether this process's key ring opens what is sealed in the store: with the wrong one, every turn of every user would
 * fail. One user's credentials that don't open are that user's trouble; none of many that do is the ring's.
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
