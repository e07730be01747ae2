import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { generateKey, KeyRing, KeyRingError, parseKeyRing, UnsealError } from './keyRing.js';

const [a, b] = [generateKey(), generateKey()];
const ring = (text: string) => new KeyRing(parseKeyRing(text));

describe('KeyRing', () => {
  test('opens what it sealed, with a fresh ciphertext every time', () => {
    const keys = ring(`k1:${a}`);
    const [one, two] = [keys.encrypt('sécret', 'acme'), keys.encrypt('sécret', 'acme')];
    expect(keys.decrypt(one, 'acme')).toBe('sécret');
    expect(one.keyId).toBe('k1');
    expect(one.data).not.toBe(two.data);
    expect(Buffer.from(one.iv, 'base64')).toHaveLength(12);
  });

  test('a ciphertext moved to another user does not open', () => {
    const keys = ring(`k1:${a}`);
    expect(() => keys.decrypt(keys.encrypt('s', 'acme'), 'other')).toThrow(UnsealError);
  });

  test('a changed ciphertext or a shortened tag does not open', () => {
    const keys = ring(`k1:${a}`);
    const sealed = keys.encrypt('secret', 'acme');
    const shortTag = Buffer.from(sealed.tag, 'base64').subarray(0, 4).toString('base64');
    expect(() => keys.decrypt({ ...sealed, data: keys.encrypt('secreT', 'acme').data }, 'acme')).toThrow(
      UnsealError,
    );
    expect(() => keys.decrypt({ ...sealed, tag: shortTag }, 'acme')).toThrow(UnsealError);
  });

  test('after a rotation the new key seals and the old one still opens', () => {
    const sealed = ring(`k1:${a}`).encrypt('s', 'acme');
    const rotated = ring(`k2:${b}, k1:${a}`);
    expect(rotated.decrypt(sealed, 'acme')).toBe('s');
    expect(rotated.encrypt('s', 'acme').keyId).toBe('k2');
  });

  test('a key that is gone is named, with the setting to mend', () => {
    const sealed = ring(`k1:${a}`).encrypt('s', 'acme');
    expect(() => ring(`k2:${b}`).decrypt(sealed, 'acme')).toThrow(/"k1".*CREDENTIALS_KEYS/);
  });

  test('a dump of the keys shows no key', () => {
    const keys = parseKeyRing(`k1:${a}`);
    expect(inspect(keys, { depth: 9, showHidden: true }) + JSON.stringify(keys)).not.toContain(a.slice(0, 8));
  });

  test.each([
    ['', 'entry 1 is empty'],
    ['c2VjcmV0', 'entry 1 has no id'],
    [`k1:${a},`, 'entry 2 is empty'],
    [`k 1:${a}`, 'the id of entry 1'],
    ['k1:!!!!', 'the key of entry 1 is not base64'],
    ['k1:c2VjcmV0', 'has 6 bytes, not 32'],
    [`k1:${a},k1:${b}`, 'entries 1 and 2 have the same id'],
  ])('refuses %p without repeating it', (text, fault) => {
    expect(() => parseKeyRing(text)).toThrow(KeyRingError);
    expect(() => parseKeyRing(text)).toThrow(fault);
    expect(() => parseKeyRing(text)).not.toThrow(/c2Vj|!!!/);
  });
});
