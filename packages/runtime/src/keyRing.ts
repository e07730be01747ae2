import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** One key of `CREDENTIALS_KEYS`. The key is an opaque object, so that no log or dump of a config can show its bytes. */
export interface CredentialsKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** A secret as it is stored: every part but the key's id in base64. */
export interface Sealed {
  readonly keyId: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

/** A key ring's text can't be used. No message repeats any of the text, not even the part that should be an id. */
export class KeyRingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeyRingError';
  }
}

/** Sealed text can't be opened. */
export class UnsealError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnsealError';
  }
}

/** A fresh key as base64, to stand behind `id:` in `CREDENTIALS_KEYS`. */
export const generateKey = (): string => randomBytes(KEY_BYTES).toString('base64');

/**
 * Reads `id:key,id:key`, each key 32 bytes in base64. The first one seals, all of them open.
 * @throws KeyRingError naming the first entry that is wrong by its place.
 */
export function parseKeyRing(text: string): readonly CredentialsKey[] {
  const keys = text.split(',').map((entry, index) => parseEntry(entry.trim(), index + 1));
  for (const [index, { id }] of keys.entries()) {
    const first = keys.findIndex((key) => key.id === id);
    if (first < index) throw new KeyRingError(`entries ${first + 1} and ${index + 1} have the same id`);
  }
  return keys;
}

function parseEntry(entry: string, place: number): CredentialsKey {
  const colon = entry.indexOf(':');
  if (entry === '') throw new KeyRingError(`entry ${place} is empty`);
  if (colon < 0) throw new KeyRingError(`entry ${place} has no id: it must read id:key`);
  const id = entry.slice(0, colon);
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) {
    throw new KeyRingError(`the id of entry ${place} is not 1 to 32 letters, digits, _ or -`);
  }
  const encoded = entry.slice(colon + 1);
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded))
    throw new KeyRingError(`the key of entry ${place} is not base64`);
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== KEY_BYTES) {
    throw new KeyRingError(`the key of entry ${place} has ${bytes.length} bytes, not ${KEY_BYTES}`);
  }
  return { id, key: createSecretKey(bytes) };
}

/** Seals and opens users' credentials with AES-256-GCM. */
export class KeyRing {
  readonly #sealing: CredentialsKey;
  readonly #keys: ReadonlyMap<string, KeyObject>;

  /** @param keys the first one seals, all of them open. */
  constructor(keys: readonly CredentialsKey[]) {
    const [first] = keys;
    if (!first) throw new KeyRingError('a key ring needs at least one key');
    this.#sealing = first;
    this.#keys = new Map(keys.map(({ id, key }) => [id, key]));
  }

  /** Of the key that seals. */
  get keyId(): string {
    return this.#sealing.id;
  }

  /** @param additionalData what the ciphertext belongs to: it opens with the same only. */
  encrypt(plaintext: string, additionalData: string): Sealed {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#sealing.key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(additionalData));
    const data = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    return {
      keyId: this.#sealing.id,
      iv: iv.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      data: data.toString('base64'),
    };
  }

  /** @throws UnsealError for an unknown key, a changed ciphertext, or one that belongs to something else. */
  decrypt(sealed: Sealed, additionalData: string): string {
    const key = this.#keys.get(sealed.keyId);
    if (!key) {
      throw new UnsealError(
        `it is sealed with the key "${sealed.keyId}", which CREDENTIALS_KEYS doesn't hold: add that key after the others`,
      );
    }
    try {
      const decipher = createDecipheriv(CIPHER, key, Buffer.from(sealed.iv, 'base64'), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(additionalData));
      decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
      return Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]).toString(
        'utf8',
      );
    } catch (cause) {
      throw new UnsealError(
        `it doesn't open with the key "${sealed.keyId}": it or what it is sealed for was changed, or CREDENTIALS_KEYS holds another key under that id`,
        { cause },
      );
    }
  }
}
