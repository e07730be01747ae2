import type { Credentials } from '@odoo-sync/core';
import type { UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { SEAL_VERSION, sealAnew, unseal } from './seals.js';
import { userOf } from './users.js';

/** A user whose credentials were not sealed as they would be today. */
export interface Resealed {
  readonly userKey: string;
  /** Why they stay as they were; null where they were sealed anew. */
  readonly fault: string | null;
}

/**
 * Seals credentials anew that another key than the first one seals, or that an earlier version sealed. It keeps no note of its
 * progress: what is done isn't found the next time. Credentials that are set at the same time are left alone.
 */
export async function* reseal(context: StoreContext, signal: AbortSignal): AsyncGenerator<Resealed> {
  const { users, sealer } = context;
  const stale = [{ 'sealed.keyId': { $ne: sealer.keyId } }, { 'sealed.version': { $ne: SEAL_VERSION } }];
  for (let after = ''; !signal.aborted; ) {
    const found = await users.findOne({ _id: { $gt: after }, $or: stale }, { sort: { _id: 1 } });
    if (!found) return;
    const opened = open(context, found);
    if (typeof opened !== 'string' && !(await sealAnew(context, userOf(found), found.sealed, opened))) {
      // The user has changed meanwhile, and is read again.
      continue;
    }
    after = found._id;
    yield { userKey: found._id, fault: typeof opened === 'string' ? opened : null };
  }
}

/** The credentials, or why they don't open. */
function open(context: StoreContext, found: UserDocument): Credentials | string {
  try {
    return unseal(context, userOf(found), found);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
