import { type AddressedUser, type Credentials, SyncError } from '@odoo-sync/core';
import { type CredentialSeal, ofLife, type UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';

/** The version of seals that authenticate everything which decides where a secret is sent. */
export const SEAL_VERSION = 2;

type SealOwner = AddressedUser & Pick<Credentials, 'login' | 'kind'>;

/** Changing any of it in the store leaves a seal that doesn't open: a secret follows no URL that somebody else wrote. */
const boundTo = ({ userKey, life, address, login, kind }: SealOwner): string =>
  JSON.stringify([SEAL_VERSION, userKey, life, address.url, address.db, login, kind]);

export const isOldSeal = ({ version }: CredentialSeal): boolean => version === undefined;

export function seal(
  { sealer }: StoreContext,
  user: AddressedUser,
  credentials: Credentials,
): CredentialSeal {
  const { secret, ...rest } = credentials;
  return { version: SEAL_VERSION, ...sealer.encrypt(secret, boundTo({ ...user, ...rest })) };
}

type Stored = Pick<UserDocument, 'login' | 'credentialKind' | 'sealed'>;

/**
 * Opens what is stored for a user at an address.
 * @throws SyncError `credentials`: such a user waits for an operator, and loses no window meanwhile.
 */
export function unseal(
  { sealer, oldSeals }: StoreContext,
  user: AddressedUser,
  { login, credentialKind: kind, sealed }: Stored,
): Credentials {
  const old = isOldSeal(sealed);
  if (old && oldSeals === 'refuse')
    throw doesNotOpen(
      user,
      'it is a seal of an earlier version, which OLD_SEALS refuses: `odoo-sync keys reseal` with OLD_SEALS=accept makes it anew, if nobody but you can have put it there',
    );
  try {
    const secret = sealer.decrypt(sealed, old ? user.userKey : boundTo({ ...user, login, kind }));
    return { kind, login, secret };
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw doesNotOpen(user, error instanceof Error ? error.message : String(error));
  }
}

const doesNotOpen = ({ userKey, address }: AddressedUser, why: string) =>
  new SyncError(
    'credentials',
    `expected credentials of ${userKey} that are sealed for ${address.url} and its database ${JSON.stringify(address.db)}, but ${why}. Nothing was sent there: mend that, or set the credentials again (\`odoo-sync user credentials\`)`,
  );

/**
 * Replaces a seal by one of today's form, unless credentials, life or address have changed since.
 * @returns whether it was put there.
 */
export async function sealAnew(
  context: StoreContext,
  user: AddressedUser,
  { iv, tag }: CredentialSeal,
  credentials: Credentials,
): Promise<boolean> {
  const { login, kind: credentialKind } = credentials;
  const changed = await context.users.updateOne(
    { ...ofLife(user), ...user.address, login, credentialKind, 'sealed.iv': iv, 'sealed.tag': tag },
    { $set: { sealed: seal(context, user, credentials) } },
  );
  return changed.matchedCount === 1;
}
