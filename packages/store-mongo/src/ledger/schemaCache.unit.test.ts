import { expect, test } from '@jest/globals';
import { createSchemaCache } from './schemaCache.js';

const SCHEMA = { fields: { fields: [], dropped: [], version: 'v' }, retired: [] };
const user = (userKey: string, life = 'first') => ({ userKey, life });

test('a schema is known by user, life, module and version', () => {
  const cache = createSchemaCache();
  cache.put(user('acme'), 'contacts', 'a', SCHEMA);
  expect(cache.get(user('acme'), 'contacts', 'a')).toBe(SCHEMA);
  expect(cache.get(user('acme'), 'contacts', 'b')).toBeNull();
  expect(cache.get(user('acme'), 'invoices', 'a')).toBeNull();
  expect(cache.get(user('globex'), 'contacts', 'a')).toBeNull();
  expect(cache.get(user('acme', 'second'), 'contacts', 'a')).toBeNull();
});

test('those asked for last are kept', () => {
  const cache = createSchemaCache(2);
  cache.put(user('a'), 'contacts', 'v', SCHEMA);
  cache.put(user('b'), 'contacts', 'v', SCHEMA);
  cache.get(user('a'), 'contacts', 'v');
  cache.put(user('c'), 'contacts', 'v', SCHEMA);
  const known = ['a', 'b', 'c'].filter((key) => cache.get(user(key), 'contacts', 'v'));
  expect(known).toEqual(['a', 'c']);
});
