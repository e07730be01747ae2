import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutText, plainLines, plainText } from './foreignText.js';

const UNSHOWN =
  '\0\u0007\b\t\v\f\r\u001b[31m\u007f\u0085\u009b2J\u2028\u2029\u200e\u202a\u202e\u2066\u2069\udc00\ud800\ufeff\u00ad';
const isShown = (text: string) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text);

describe('a text from outside', () => {
  test('is one line of what can be shown', () => {
    expect(plainText(` a\n\n${[...UNSHOWN].join('')}b\u001b]0;title\u0007 `, 300)).toBe(
      'a [31m 2J b ]0;title',
    );
    expect(plainText('Ünïcode 日本語 👩‍👩‍👧 می‌خواهم', 300)).toBe('Ünïcode 日本語 👩‍👩‍👧 می‌خواهم');
  });

  test('is bounded, and never cut within a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.integer({ min: 1, max: 60 }),
        (text, most) => {
          const plain = plainText(text, most);
          expect(plain.length).toBeLessThanOrEqual(most);
          expect(isShown(plain)).toBe(true);
          expect(plainText(plain, most)).toBe(plain);
          expect(isShown(plainLines(text, most).replaceAll('\n', ''))).toBe(true);
        },
      ),
    );
  });

  test('of 10 MB takes no time', () => {
    const began = performance.now();
    for (const part of ['a', ' ', '\u001b', '\ud800', '😀', 'https://', '?secret='])
      for (const text of [
        part.repeat(10_000_000 / part.length),
        `${part.repeat(10_000_000 / part.length)}!`,
      ]) {
        expect(plainText(text, 300).length).toBeLessThanOrEqual(300);
        expect(plainLines(text, 300).length).toBeLessThanOrEqual(300);
      }
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('keeps its lines where it has some', () => {
    expect(plainLines('Error: x\u001b[2J\n    at y\r\n    at z', 300)).toBe(
      'Error: x [2J\n    at y \n    at z',
    );
    expect(plainLines('a\u202eb می‌خواهم\n👩‍👧', 300)).toBe('a b می‌خواهم\n👩‍👧');
  });

  test('says that it was cut', () => {
    expect(cutText('abcdef', 6)).toBe('abcdef');
    expect(cutText('abcdefg', 6)).toBe('abcde…');
    expect(cutText('abcd😀fg', 6)).toBe('abcd…');
    expect(cutText('a\ud800cd😀fg', 6)).toBe('a\ud800cd…');
  });
});
