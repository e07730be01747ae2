import { type AddressedUser, type Credentials, MODULE_NAMES } from '@odoo-sync/core';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';
import { restoreUser } from './attention.js';
import { isOldSeal, seal, sealAnew, unseal } from './seals.js';
import { noUser } from './users.js';

/**
 * Opens a user's credentials, for the address with which the user was read: they open for no other.
 * @throws SyncError `conflict` when its life has ended, `credentials` when they don't open.
 */
export async function readCredentials(context: StoreContext, user: AddressedUser): Promise<Credentials> {
  const found = await context.users.findOne(ofLife(user));
  if (!found) throw noUser(user.userKey);
  const credentials = unseal(context, user, found);
  if (isOldSeal(found.sealed)) await sealAnew(context, user, found.sealed, credentials);
  return credentials;
}

/**
 * Sets new credentials; a user who needed attention is tried at once.
 * @param user with the address that the credentials are for.
 * @throws SyncError `conflict` when another address stands in the store, or this life has ended.
 */
export async function setCredentials(
  context: StoreContext,
  user: AddressedUser,
  credentials: Credentials,
): Promise<void> {
  const { userKey, address } = user;
  const changed = await context.users.updateOne(
    { ...ofLife(user), ...address, standing: { $ne: 'removing' } },
    {
      $set: {
        login: credentials.login,
        credentialKind: credentials.kind,
        sealed: seal(context, user, credentials),
      },
      $inc: { credentialVersion: 1 },
    },
  );
  if (changed.matchedCount === 0) throw noUser(userKey);
  // What the old login might not read, the new one may.
  const probes = MODULE_NAMES.map((module) => [`modules.${module}.probeAt`, null]);
  await context.plans.updateOne(ofLife(user), { $set: Object.fromEntries(probes) });
  await restoreUser(context, user);
}
