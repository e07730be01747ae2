import type { FieldList, SourceRecord } from '@odoo-sync/core';
import { Double, Long } from 'mongodb';

const INT32_MOST = 2 ** 31 - 1;
const INT32_LEAST = -(2 ** 31);

/**
 * Gives a record's numbers the BSON type of their fields, in place. The driver would choose by the value: it writes a whole float
 * as an integer, and an integer past 32 bits as a double.
 */
export function bsonTyped({ fields }: FieldList): (record: SourceRecord) => SourceRecord {
  const named = (...types: readonly string[]) =>
    fields.filter(({ type }) => types.includes(type)).map(({ name }) => name);
  const doubles = named('float', 'monetary');
  const integers = named('integer', 'many2one_reference');
  return (record) => {
    const values = record.fields as Record<string, unknown>;
    for (const name of doubles) {
      const value = values[name];
      if (Number.isInteger(value)) values[name] = new Double(value as number);
    }
    for (const name of integers) {
      const value = values[name];
      if (typeof value === 'number' && (value > INT32_MOST || value < INT32_LEAST))
        values[name] = Long.fromNumber(value);
    }
    return record;
  };
}
