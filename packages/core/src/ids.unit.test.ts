import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  batchIdOf,
  checkUserId,
  isOfLife,
  jobIdOf,
  tailIdOf,
  type UserId,
  type UserRef,
  userKeyBy,
  userKeyOf,
} from './ids.js';

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

  test('writes each byte with two digits', () => {
    expect(userKeyOf('a\tb')).toBe('a~09b');
  });
});

describe('userKeyBy', () => {
  test('takes a key as it is shown, whatever ids there are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text.filter((id) => id !== ''),
          hex.map(objectId),
        ),
        (id) => {
          expect(userKeyBy(userKeyOf(id))).toBe(userKeyOf(id));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('takes an id that is no key, and only such a one, as an id', () => {
    fc.assert(
      fc.property(text, text, (id, other) => {
        if (userKeyBy(id) === userKeyOf(id)) return;
        // It is read as a key: then it is the key of another id, which alone is meant.
        expect(id).toMatch(/^[A-Za-z0-9_~-]+$/);
        expect(userKeyOf(other) === userKeyBy(id)).toBe(userKeyOf(other) === id);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['acme', 'acme'],
    ['bob@example.com', 'bob~40example~2ecom'],
    ['bob~40example~2ecom', 'bob~40example~2ecom'],
    ['bob~7e40example~7e2ecom', 'bob~7e40example~7e2ecom'],
    ['~~0123456789abcdef01234567', '~~0123456789abcdef01234567'],
    ['~~0123456789abcdef', '~7e~7e0123456789abcdef'],
    ['~~0123456789abcdef0123456789', '~7e~7e0123456789abcdef0123456789'],
    ['~41', '~7e41'],
    ['a~4', 'a~7e4'],
    ['a~4G', 'a~7e4G'],
    ['a~2E', 'a~7e2E'],
    ['~ff', '~7eff'],
    ['a~40 b', 'a~7e40~20b'],
    ['', ''],
  ])('%p is the user %p', (typed, key) => expect(userKeyBy(typed)).toBe(key));
});

describe('a new id', () => {
  test.each(['acme', ' acme', 'bob@example.com', 'a~40b', '日本 GmbH', '😀'.repeat(200), 'x'.repeat(200)])(
    'may be %p',
    (id) => expect(() => checkUserId(id)).not.toThrow(),
  );

  test('may be an ObjectId', () =>
    expect(() => checkUserId(objectId('0123456789abcdef01234567'))).not.toThrow());

  test.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['a\u0000b', 'control'],
    ['a\nb', 'control'],
    ['a\u001b[2Jb', 'control'],
    ['a\u009bb', 'control'],
    ['a\u2028b', 'control'],
    ['a\ud800', 'control'],
    ['x'.repeat(201), '201 characters'],
    ['😀'.repeat(201), '201 characters'],
  ])('may not be %p', (id, word) => expect(() => checkUserId(id)).toThrow(word));

  test('that is none is for whoever chose it to mend', () => {
    expect(() => checkUserId('')).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });
});

describe('a document', () => {
  const user = { userKey: 'acme', life: 'second' };

  test('is of the life that made it', () => {
    expect(isOfLife({ userKey: 'acme', life: 'second' }, user)).toBe(true);
    expect(isOfLife({ userKey: 'acme', life: 'first' }, user)).toBe(false);
    expect(isOfLife({ userKey: 'other', life: 'second' }, user)).toBe(false);
  });

  test('that names no life, from an engine without lives, is of whoever lives', () => {
    const without = { userKey: 'acme' } as UserRef;
    expect(isOfLife(without, user)).toBe(true);
    expect(isOfLife(without, { ...user, userKey: 'other' })).toBe(false);
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
