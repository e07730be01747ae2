import { createHash, hash } from 'node:crypto';
import { type FieldList, type FieldSpec, type SourceRecord, SyncError } from '@odoo-sync/core';
import { shapeOf } from './shapeOf.js';

/** Raised when a value is decoded differently: every stored record then counts as changed. */
const DECODER_VERSION = 1;

/** As JSON.parse made it. The decoder takes it over. */
export type OdooRow = Readonly<Record<string, unknown>>;
/** `unread` names the fields that the row lacks because Odoo could not tell them. */
export type Decoder = (row: OdooRow, unread?: readonly string[]) => SourceRecord;

/** Digest of the decoder's version and the list, in its order. */
export function fieldListVersion(fields: readonly FieldSpec[]): string {
  const text = fields.map(({ name, type }) => `${name}:${type}`).join(' ');
  return createHash('sha256').update(`${DECODER_VERSION} ${text}`).digest('base64url').slice(0, 12);
}

/**
 * Makes the function that turns one row of Odoo's into a record, for a list of fields: values as docs/reading.md says, and
 * a hash of all of them but the volatile. The hash is taken of what Odoo sent, in the list's order, with the ids of x2many
 * fields sorted, since their order is the other model's.
 *
 * The row itself becomes the record's fields: its values are replaced where they differ. Building another object of fifty
 * fields costs more than everything else that is done to a record.
 */
export function createDecoder({ fields, version }: FieldList, volatile: readonly string[]): Decoder {
  const columns = fields.map(({ name, type }) => ({
    name,
    decode: decoderOf(type),
    hashed: !volatile.includes(name),
    isSet: type === 'one2many' || type === 'many2many',
  }));
  return (row, unread) => {
    const asked = Object.keys(row).length === columns.length;
    const decoded: Record<string, unknown> = asked ? (row as Record<string, unknown>) : {};
    const content: unknown[] = [version];
    for (const { name, decode, hashed, isSet } of columns) {
      if (unread?.includes(name)) {
        decoded[name] = null;
        continue;
      }
      const raw = row[name];
      if (raw === undefined)
        throw new SyncError('fields', `Odoo's answer lacks the field ${name} of record ${row.id}`);
      const value = decode ? decode(raw, name) : raw;
      if (value !== raw || !asked) decoded[name] = value;
      if (hashed) content.push(isSet && Array.isArray(raw) ? sorted(raw) : raw);
    }
    // Told one day, such a record is another one.
    if (unread) content.push({ unread });
    const { write_date: writeDate } = decoded;
    return {
      odooId: row.id as number,
      writeDate: writeDate instanceof Date ? writeDate : readDateTime(row.write_date, 'write_date'),
      hash: hash('md5', JSON.stringify(content), 'base64url'),
      fields: decoded,
      ...(unread ? { unread } : {}),
    };
  };
}

const byNumber = (a: number, b: number) => a - b;
const sorted = (ids: readonly number[]): readonly number[] =>
  ids.every((id, n) => n === 0 || id >= (ids[n - 1] as number)) ? ids : [...ids].sort(byNumber);
const falseIsNull = (value: unknown): unknown => (value === false ? null : value);

/** Null for a type whose values are as they are. */
function decoderOf(type: string): ((value: unknown, name: string) => unknown) | null {
  switch (type) {
    case 'boolean':
    case 'one2many':
    case 'many2many':
      return null;
    case 'datetime':
      return (value, name) => (value === false || value === null ? null : readDateTime(value, name));
    case 'many2one':
      return (value) => {
        if (Array.isArray(value)) return { id: value[0], name: value[1] ?? null };
        return typeof value === 'number' ? { id: value, name: null } : null;
      };
    default:
      return falseIsNull;
  }
}

const PLAIN = /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;
const DATE_TIME = /^(\d{1,4})-(\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?$/;

/**
 * Odoo's naive UTC text, in whole seconds. Python writes years before 1000, which are typing errors that Odoo keeps,
 * without leading zeros. @throws SyncError `transient` for anything else: a broken answer.
 */
export function readDateTime(value: unknown, name: string): Date {
  // Nearly all dates are, and there are several in each record.
  if (typeof value === 'string' && PLAIN.test(value)) return plainDate(value);
  const [, year = '', day, time] = (typeof value === 'string' && DATE_TIME.exec(value)) || [];
  const text = `${year.padStart(4, '0')}-${day}T${time}.000Z`;
  const date = new Date(text);
  // JavaScript takes February 30 for March 2.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== text) {
    throw new SyncError(
      'transient',
      `expected a date and time such as "2026-01-31 23:59:59" in ${name}, got ${shapeOf(value)}`,
    );
  }
  return date;
}

function plainDate(text: string): Date {
  const two = (at: number) => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
  return new Date(Date.UTC(two(0) * 100 + two(2), two(5) - 1, two(8), two(11), two(14), two(17)));
}
