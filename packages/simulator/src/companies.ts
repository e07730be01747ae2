import { readFileSync } from 'node:fs';
import type { DatabaseSpec } from './databaseSpec.js';

/** Three companies of different size, on three versions of Odoo: those of the demos. */
export const COMPANIES: readonly DatabaseSpec[] = JSON.parse(
  readFileSync(new URL('../data/companies.json', import.meta.url), 'utf8'),
).databases;
