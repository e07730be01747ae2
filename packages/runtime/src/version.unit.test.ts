import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { versionOf } from './version.js';

test('is the version of the whole repository', () => {
  const root = new URL('../../../package.json', import.meta.url);
  expect(versionOf()).toBe(JSON.parse(readFileSync(root, 'utf8')).version);
});
