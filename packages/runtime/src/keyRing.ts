import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const ALGORITHM = 'aes-256-gcm';

export interface NamedKey {
  readonly id: string;
  readonly key: Buffer;
}

/** A sealed text: all parts in base64 but the id of the key. */
export interface Sealed {
  readonly keyId: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

/**
 * Reads `CREDENTIALS_KEYS`: `id:base64` pairs, separated by commas. The first key seals, all of them open.
 * @returns the keys, or the faults found, in words that hold nothing of a key.
 */
export function parseKeyRing(text: string): {
  readonly keys: readonly NamedKey[];
  readonly faults: readonly string[];
} {
  const keys: NamedKey[] = [];
  const faults: string[] = [];
  text.split(',').forEach((part, index) => {
    const [id = '', secret = '', ...rest] = part.trim().split(':');
    const key = Buffer.from(secret, 'base64');
    const where = `key ${index + 1}`;
    if (!/^[A-Za-z0-9_-]+$/.test(id) || secret === '' || rest.length > 0)
      faults.push(`${where}: expected id:base64, with an id of letters, digits, _ and -`);
    else if (key.length !== KEY_BYTES)
      faults.push(
        `${where} (${id}): expected ${KEY_BYTES} bytes in base64, got ${key.length}; make one with "openssl rand -base64 32"`,
      );
    else if (keys.some((known) => known.id === id))
      faults.push(`${where} (${id}): there are two keys of this id`);
    else keys.push({ id, key });
  });
  return { keys, faults };
}

/** A fresh key in the form that `CREDENTIALS_KEYS` takes. */
export const generateKey = (id: string): string => `${id}:${randomBytes(KEY_BYTES).toString('base64')}`;

/** Seals and opens texts by AES-256-GCM. The additional data binds a ciphertext to its place: moved elsewhere, it doesn't open. */
export class KeyRing {
  constructor(private readonly keys: readonly NamedKey[]) {
    if (keys.length === 0) throw new Error('a key ring needs at least one key');
  }

  /** Seals under the first key. */
  encrypt(plaintext: string, additionalData: string): Sealed {
    const [first] = this.keys;
    if (!first) throw new Error('a key ring needs at least one key');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, first.key, iv).setAAD(Buffer.from(additionalData));
    const data = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    return {
      keyId: first.id,
      iv: iv.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      data: data.toString('base64'),
    };
  }

  /** @throws when the key isn't in the ring, or the text was changed or moved. */
  decrypt(sealed: Sealed, additionalData: string): string {
    const found = this.keys.find(({ id }) => id === sealed.keyId);
    if (!found)
      throw new Error(
        `the stored credentials are sealed under the key "${sealed.keyId}", which CREDENTIALS_KEYS doesn't hold: add it, after the newer ones`,
      );
    const decipher = createDecipheriv(ALGORITHM, found.key, Buffer.from(sealed.iv, 'base64'))
      .setAAD(Buffer.from(additionalData))
      .setAuthTag(Buffer.from(sealed.tag, 'base64'));
    try {
      return Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]).toString(
        'utf8',
      );
    } catch {
      throw new Error(
        `the stored credentials of ${additionalData} don't open under the key "${sealed.keyId}": the key is another one, or the document was changed`,
      );
    }
  }
}
