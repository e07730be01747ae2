import type { Manners, User, UserRef } from '@odoo-sync/core';
import { ofLife, type UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { noUser, userOf } from './users.js';

/** Sets how the user's Odoo is asked, from the next turn on. @throws SyncError `conflict` when its life has ended. */
export async function setManners({ users }: StoreContext, ref: UserRef, manners: Manners): Promise<User> {
  const changed = await users.findOneAndUpdate(
    { ...ofLife(ref), standing: { $ne: 'removing' } },
    { $set: mannersOf(manners) },
    { returnDocument: 'after', projection: { sealed: 0 } },
  );
  if (!changed) throw noUser(ref.userKey);
  return userOf(changed);
}

/** Those that are given: the others stay as they are. */
export const mannersOf = ({
  language,
  callDelayMs,
}: Manners): Pick<UserDocument, 'language' | 'callDelayMs'> => ({
  ...(language === undefined ? {} : { language }),
  ...(callDelayMs === undefined ? {} : { callDelayMs }),
});
