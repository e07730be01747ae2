import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { SETTINGS, type Setting } from './settings.js';
import { withSettingsTable } from './settingsTable.js';

test("the README's table of settings is the table of settings (node scripts/settings-table.mjs)", async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toBe(withSettingsTable(readme));
});

test.each(Object.entries<Setting<unknown>>(SETTINGS).filter(([, { fallback }]) => fallback !== null))(
  'the default of %s is a value that it takes',
  (_, { kind, fallback }) => {
    expect(kind.schema.safeParse(typeof fallback === 'function' ? fallback() : fallback).success).toBe(true);
  },
);
