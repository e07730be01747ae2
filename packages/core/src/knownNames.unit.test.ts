import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { knownNames } from './knownNames.js';

const name = fc.constantFrom('a', 'b', 'c', 'd', '__proto__');
const objects = fc.array(fc.uniqueArray(name), { maxLength: 20 });
/** `__proto__` is a name like any other in JSON. */
const made = (names: readonly string[]): object =>
  JSON.parse(`{${names.map((one) => `"${one}": 1`).join()}}`);

test.each<[what: string, accepts: (names: readonly string[]) => boolean]>([
  ['all of some', (names) => names.length === 3 && names.every((one) => 'abc'.includes(one))],
  ['none but some', (names) => names.every((one) => 'abc'.includes(one))],
])('gives each object the verdict that it has by itself, whatever came before: %s', (_what, accepts) => {
  fc.assert(
    fc.property(objects, (all) => {
      const looks = knownNames(accepts);
      for (const names of all) expect(looks(made(names))).toBe(accepts(names));
    }),
  );
});

test('asks about names that are the first ones of those before', () => {
  const looks = knownNames((names) => names.length === 3);
  expect(looks({ a: 1, b: 1, c: 1 })).toBe(true);
  expect(looks({ a: 1, b: 1 })).toBe(false);
});

test('asks nothing about names that came in the same order before', () => {
  let asked = 0;
  const looks = knownNames(() => ++asked > 0);
  for (let n = 0; n < 3; n++) looks({ a: 1, b: n });
  expect(asked).toBe(1);
  looks({ b: 1, a: 1 });
  expect(asked).toBe(2);
});
