import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from './parseJson.js';

describe('parseJson', () => {
  test('reads what it is given as JSON.parse does', () => {
    fc.assert(fc.property(fc.json(), (text) => expect(parseJson(text)).toEqual(JSON.parse(text))));
  });

  test('reads what Python writes where JSON has no word for a number, and nothing within texts', () => {
    const text =
      '[{"NaN": NaN, "a": -Infinity,"b":[Infinity, 1e999], "c": "NaN, \\"Infinity\\\\"},{"d":"\\\\\\"NaN"}, 5]';
    expect(parseJson(text)).toEqual([
      { NaN: Infinity, a: expect.any(Number), b: [Infinity, Infinity], c: 'NaN, "Infinity\\' },
      { d: '\\"NaN' },
      5,
    ]);
    const [first] = parseJson(text) as [{ a: number }];
    expect(Number.isFinite(first.a)).toBe(false);
  });

  test('of any rows with such a number in them leaves all other values as they were', () => {
    const python = (value: unknown): string =>
      JSON.stringify(value).replaceAll('"<NaN>"', 'NaN').replaceAll('"<-Infinity>"', '-Infinity');
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('NaN', '"NaN', '\\', '\\"', 'Infinity,', '<x>'),
    );
    const values = fc.dictionary(
      texts,
      fc.oneof(texts, fc.constantFrom('<NaN>', '<-Infinity>'), fc.double()),
    );
    fc.assert(
      fc.property(fc.array(values), (rows) => {
        const plain = (value: unknown): unknown =>
          JSON.parse(
            JSON.stringify(value).replaceAll('"<NaN>"', '1e999').replaceAll('"<-Infinity>"', '-1e999'),
          );
        const read = parseJson(python(rows)) as typeof rows;
        const same = (value: unknown) => (Object.is(value, -Infinity) ? Infinity : value);
        expect(JSON.stringify(read)).toBe(JSON.stringify(plain(rows)));
        expect(read.flatMap(Object.values).map(same)).toEqual(
          (plain(rows) as typeof rows).flatMap(Object.values).map(same),
        );
      }),
    );
  });

  test.each(['', '{', '[NaN', 'nan', '[NaNa]', '["NaN]', '[1,]', '[--Infinity]', 'x "Infinity" y'])(
    'refuses %j',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );

  test.each([
    ['quotes that open and close', `[NaN,${'"",'.repeat(2_000_000)}""]`],
    ['backslashes', `[NaN,"${'\\\\'.repeat(4_000_000)}"]`],
    ['escaped quotes', `[NaN,"${'\\"'.repeat(4_000_000)}"]`],
    ['a text without an end', `[NaN,"${'\\'.repeat(8_000_001)}`],
    ['words', `[${'NaN,'.repeat(2_000_000)}NaN]`],
    ['signs', `[NaN${'-'.repeat(8_000_000)}]`],
  ])('takes time linear to its length over %s', (_what, text) => {
    const began = performance.now();
    try {
      parseJson(text);
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
    }
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
