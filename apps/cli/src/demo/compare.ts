import { isDeepStrictEqual } from 'node:util';
import {
  type FieldList,
  type ModuleName,
  moduleOf,
  rangeStartOf,
  type Source,
  type User,
} from '@odoo-sync/core';
import type { MongoStore } from '@odoo-sync/store-mongo';

export interface ModuleComparison {
  readonly module: ModuleName;
  /** Records in the source whose write_date is not before the tiling's start. */
  readonly source: number;
  readonly store: number;
  readonly differences: number;
  /** The first of them, in words. */
  readonly example: string | null;
}

const AHEAD_MS = 2 * 86_400_000;

/** Reads a module's records from Odoo once more and compares them with the mirror, field by field. */
export async function compareModule(
  store: MongoStore,
  source: Source,
  user: User,
  module: ModuleName,
  fields: FieldList,
  signal: AbortSignal,
): Promise<ModuleComparison> {
  const volatile = new Set<string>(moduleOf(module).volatile);
  let count = 0;
  let matched = 0;
  let differences = 0;
  let example: string | null = null;
  const differs = (words: string) => {
    differences++;
    example ??= words;
  };
  const all = {
    start: rangeStartOf(user) ?? new Date(0),
    end: new Date(source.clock().now.getTime() + AHEAD_MS),
  };
  for await (const page of source.window(module, fields, all, signal)) {
    const stored = await store.readRecords(
      user,
      module,
      page.records.map(({ odooId }) => odooId),
    );
    for (const record of page.records) {
      count++;
      const document = stored.get(record.odooId);
      if (!document) {
        differs(`${module} ${record.odooId} is missing`);
        continue;
      }
      matched++;
      const unequal = Object.entries(record.fields).find(
        ([name, value]) => !volatile.has(name) && !isDeepStrictEqual(plain(value), plain(document[name])),
      );
      if (unequal) differs(`${module} ${record.odooId}: ${unequal[0]} differs`);
    }
  }
  const held = await store.countRecords(user, module);
  for (let extra = matched; extra < held; extra++) differs(`${module}: a stored record is not in the source`);
  return { module, source: count, store: held, differences, example };
}

/** Ids of an x2many come in the order of the other model; as a set they are equal. */
function plain(value: unknown): unknown {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
    ? [...value].sort((a, b) => a - b)
    : value;
}
