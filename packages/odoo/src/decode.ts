import { createHash } from 'node:crypto';
import { type FieldList, type FieldSpec, type SourceRecord, SyncError } from '@odoo-sync/core';

/** Raised when a value is decoded differently: every stored record then counts as changed. */
const DECODER_VERSION = 1;

export type OdooRow = Readonly<Record<string, unknown>>;
export type Decoder = (row: OdooRow) => SourceRecord;

/** Digest of the decoder's version and the list, in its order. */
export function fieldListVersion(fields: readonly FieldSpec[]): string {
  const text = fields.map(({ name, type }) => `${name}:${type}`).join(' ');
  return createHash('sha256').update(`${DECODER_VERSION} ${text}`).digest('base64url').slice(0, 12);
}

/**
 * Makes the function that turns one row of Odoo's into a record, for a list of fields: values as docs/reading.md says, and
 * a hash of all of them but the volatile. The hash is taken of what Odoo sent, in the list's order, with the ids of x2many
 * fields sorted, since their order is the other model's.
 */
export function createDecoder({ fields, version }: FieldList, volatile: readonly string[]): Decoder {
  const columns = fields.map(({ name, type }) => ({
    name,
    decode: decoderOf(type),
    hashed: !volatile.includes(name),
    isSet: type === 'one2many' || type === 'many2many',
  }));
  return (row) => {
    const decoded: Record<string, unknown> = {};
    const content: unknown[] = [version];
    for (const { name, decode, hashed, isSet } of columns) {
      const raw = row[name];
      if (raw === undefined)
        throw new SyncError('fields', `Odoo's answer lacks the field ${name} of record ${row.id}`);
      decoded[name] = decode(raw, name);
      if (hashed) content.push(isSet && Array.isArray(raw) ? [...raw].sort(byNumber) : raw);
    }
    const hash = createHash('md5').update(JSON.stringify(content)).digest('base64url');
    return {
      odooId: row.id as number,
      writeDate: readDateTime(row.write_date, 'write_date'),
      hash,
      fields: decoded,
    };
  };
}

const byNumber = (a: number, b: number) => a - b;
const falseIsNull = (value: unknown): unknown => (value === false ? null : value);

function decoderOf(type: string): (value: unknown, name: string) => unknown {
  switch (type) {
    case 'boolean':
    case 'one2many':
    case 'many2many':
      return (value) => value;
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

const DATE_TIME = /^(\d{1,4})-(\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?$/;

/**
 * Odoo's naive UTC text, in whole seconds. Python writes years before 1000, which are typing errors that Odoo keeps,
 * without leading zeros. @throws SyncError `transient` for anything else: a broken answer.
 */
export function readDateTime(value: unknown, name: string): Date {
  const [, year = '', day, time] = (typeof value === 'string' && DATE_TIME.exec(value)) || [];
  const text = `${year.padStart(4, '0')}-${day}T${time}.000Z`;
  const date = new Date(text);
  // JavaScript takes February 30 for March 2.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== text) {
    throw new SyncError(
      'transient',
      `expected a date and time such as "2026-01-31 23:59:59" in ${name}, got ${JSON.stringify(value)}`,
    );
  }
  return date;
}
