import type { SimulatedDatabase } from '../database.js';
import { fieldsOf, type ModelName } from '../fieldTable.js';
import { errors } from '../odooError.js';
import { parseBytes } from '../pythonJson.js';

export interface OrderTerm {
  readonly field: string;
  readonly descending: boolean;
}

/** Reads an `order`; throws what Odoo raises for one that it can't follow. Without one, ids ascend (Odoo has an order for each model; nobody who pages may lean on it). */
export function parseOrder(order: unknown, model: ModelName, version: number): readonly OrderTerm[] {
  if (order === undefined || order === null || order === false || order === '')
    return [{ field: 'id', descending: false }];
  const terms = String(order)
    .split(',')
    .map((part) => {
      const match = /^\s*"?([A-Za-z_][\w.]*)"?(?:\s+(asc|desc))?(?:\s+nulls\s+(?:first|last))?\s*$/i.exec(
        part,
      );
      if (match === null) throw errors.badOrder(String(order));
      return { field: match[1]!, descending: match[2]?.toLowerCase() === 'desc' };
    });
  for (const { field } of terms)
    if (fieldsOf(version, model)[field] === undefined) throw errors.unknownOrder(model, field);
  return terms;
}

/** True when ids come in this order by themselves. */
export function isIdAscending(terms: readonly OrderTerm[]): boolean {
  return terms[0]!.field === 'id' && !terms[0]!.descending;
}

/** Sorts ascending ids by the terms; empty values count as greatest, as in PostgreSQL. */
export function sortIds(
  database: SimulatedDatabase,
  model: ModelName,
  ids: readonly number[],
  terms: readonly OrderTerm[],
): number[] {
  if (terms[0]!.field === 'id') return terms[0]!.descending ? [...ids].reverse() : [...ids];
  const table = database.table(model);
  const writer = database.writer(model);
  const keyOf = (field: string, id: number): string | number => {
    if (field === 'id') return id;
    if (field === 'write_date') return table.writtenAt(id);
    if (field === 'create_date') return table.createdSecond(id);
    const value: unknown = parseBytes(writer.value(id, field, 0));
    if (value === false) return '\uffff';
    return typeof value === 'number' ? value : Array.isArray(value) ? String(value[1] ?? '') : String(value);
  };
  const keyed = ids.map((id) => ({ id, keys: terms.map(({ field }) => keyOf(field, id)) }));
  keyed.sort((a, b) => {
    for (let i = 0; i < terms.length; i += 1) {
      const [left, right] = [a.keys[i]!, b.keys[i]!];
      if (left !== right) return left < right === terms[i]!.descending ? 1 : -1;
    }
    return a.id - b.id;
  });
  return keyed.map(({ id }) => id);
}
