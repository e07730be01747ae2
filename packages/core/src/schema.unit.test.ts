import { expect, test } from '@jest/globals';
import { retiredFields } from './schema.js';

const listOf = (...names: readonly string[]) => ({
  fields: names.map((name) => ({ name, type: 'char' })),
  dropped: [],
  version: names.join(),
});

test('a field is retired once it was mirrored, until it comes back', () => {
  const first = { fields: listOf('id', 'name', 'fax'), retired: [] };
  const second = { fields: listOf('id', 'name'), retired: retiredFields(first, listOf('id', 'name')) };
  expect(second.retired).toEqual(['fax']);
  expect(retiredFields(second, listOf('id'))).toEqual(['fax', 'name']);
  expect(retiredFields(second, listOf('id', 'name', 'fax'))).toEqual([]);
  expect(retiredFields(null, listOf('id'))).toEqual([]);
});
