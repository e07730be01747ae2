import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchIdOf, jobIdOf, tailIdOf, type UserId, userKeyOf } from './ids.js';

const objectId = (hex: string): UserId => ({ toHexString: () => hex });
/** Texts that are likely to meet: what the key itself is made of, and what it has to hide. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('~', ':', '-', '_', '.', '/', ' ', '3', 'a', 'A', 'é', '€', '😀'),
    maxLength: 8,
  }),
);
const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 24, maxLength: 24 });

describe('userKeyOf', () => {
  test('two users never share a key', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(userKeyOf(a) === userKeyOf(b)).toBe(a === b);
      }),
      { numRuns: 1_000 },
    );
  });

  test('two texts that differ by what is encoded never share a key', () => {
    for (const [a, b] of [
      ['a:b', 'a~3ab'],
      ['é', '~c3~a9'],
      ['a', 'A'],
      ['a b', 'a_b'],
      ['~', '~7e'],
    ] as const) {
      expect(userKeyOf(a)).not.toBe(userKeyOf(b));
    }
  });

  test('can be read back, so no two ids can share one', () => {
    fc.assert(
      fc.property(text, (id) => {
        expect(decodeURIComponent(userKeyOf(id).replaceAll('~', '%'))).toBe(id);
      }),
      { numRuns: 500 },
    );
  });

  test("an ObjectId's key is no text's, not even that of its own hex or key", () => {
    fc.assert(
      fc.property(hex, text, (id, other) => {
        const key = userKeyOf(objectId(id));
        expect(key).toBe(`~~${id}`);
        for (const string of [id, key, other, `~~${id}`]) expect(userKeyOf(string)).not.toBe(key);
      }),
    );
  });

  test('holds nothing that a job id, a MongoDB path or a URL would read otherwise', () => {
    fc.assert(
      fc.property(fc.oneof(text, hex.map(objectId)), (id) => {
        expect(userKeyOf(id)).toMatch(/^[A-Za-z0-9_~-]*$/);
      }),
    );
  });

  test('leaves ordinary ids readable', () => {
    expect(userKeyOf('acme-7_x')).toBe('acme-7_x');
    expect(userKeyOf('a:b')).toBe('a~3ab');
  });
});

test('ids of batches, tails and their jobs hold no colon, and tell user, module, window and release', () => {
  fc.assert(
    fc.property(text, fc.nat(1_000_000), (id, release) => {
      const key = userKeyOf(id);
      const batch = batchIdOf(key, 'contacts', new Date('2026-11-22T00:00:00Z'));
      expect(jobIdOf(batch, release)).toBe(`${key}.contacts.2026-11-22-${release}`);
      expect(jobIdOf(tailIdOf(key), release)).toBe(`tail-${key}-${release}`);
      expect(jobIdOf(batch, release)).not.toContain(':');
    }),
  );
});
