import { SyncError } from '@odoo-sync/core';

/** A secret as it is stored: AES-256-GCM, every part in base64. */
export interface Sealed {
  readonly keyId: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

/** The key ring: seals and opens texts; what the additional data says is bound to a ciphertext. */
export interface Sealer {
  /** The name of the key that seals. */
  readonly keyId: string;
  encrypt(plaintext: string, additionalData: string): Sealed;
  decrypt(sealed: Sealed, additionalData: string): string;
}

/** What happens to seals of an earlier version, in which nothing but the user's key is authenticated. */
export type OldSeals = 'accept' | 'refuse';

const noKeyRing = () => new SyncError('configuration', 'this program was given no CREDENTIALS_KEYS');

/** The sealer of programs that neither read nor set credentials. */
export const withoutKeyRing: Sealer = {
  get keyId(): string {
    throw noKeyRing();
  },
  encrypt() {
    throw noKeyRing();
  },
  decrypt() {
    throw noKeyRing();
  },
};
