import { createHash } from 'node:crypto';
import type { FieldList, FieldSpec } from '@odoo-sync/core';
import { BSON } from 'bson';
import { dateTimeOf } from './dateTime.js';
import { conformOf, UNREAD } from './fieldValue.js';
import {
  bsonTyped,
  CONTENT_MOST_BYTES,
  type Decoded,
  EncodedRecord,
  hashOf,
  noDate,
  sorted,
  tooLarge,
} from './sourceRecord.js';

/** Raised when a value is decoded, or stored, differently: every stored record then counts as changed. */
const DECODER_VERSION = 3;

/** As JSON.parse made it, its id checked. */
export type OdooRow = Readonly<Record<string, unknown>>;

/** @param unread fields that the row lacks because Odoo could not tell them. */
export type Decoder = (row: OdooRow, unread?: readonly string[]) => Decoded;

/** Digest of the decoder's version and the list, in its order. */
export function fieldListVersion(fields: readonly FieldSpec[]): string {
  const text = fields.map(({ name, type }) => `${name}:${type}`).join(' ');
  return createHash('sha256').update(`${DECODER_VERSION} ${text}`).digest('base64url').slice(0, 12);
}

/**
 * Makes the function that turns one row of Odoo's into a record, for a list of fields: the gate that everything read from an
 * Odoo passes. Behind it a record's document has the list's fields and no others, in the list's order, each as docs/reading.md
 * promises of its type, or null and named in `unread`. A record whose date can't be had, or that no document can hold, is
 * unreadable.
 *
 * Its hash is taken of the document without volatile fields, and with the ids of x2many fields sorted, since their order is the
 * other model's. The list's version is taken anew: a stored one may be an older decoder's.
 */
export function createDecoder({ fields }: FieldList, volatile: readonly string[]): Decoder {
  const version = Buffer.from(fieldListVersion(fields));
  const columns = fields.map(({ name, type }) => ({ name, type, conform: conformOf(type) }));
  const isSet = (type: string) => type === 'one2many' || type === 'many2many';
  return (row, told) => {
    const odooId = row.id as number;
    const writeDate = dateTimeOf(row.write_date);
    if (writeDate === null) return { odooId, reason: noDate(row.write_date) };
    const values: Record<string, unknown> = {};
    const counted: Record<string, unknown> = {};
    let unread: string[] | undefined;
    let differs = false;
    for (const { name, type, conform } of columns) {
      const value = told?.includes(name) ? UNREAD : conform(row[name]);
      if (value === UNREAD) {
        unread ??= [];
        unread.push(name);
      }
      values[name] = value === UNREAD ? null : bsonTyped(type, value);
      if (volatile.includes(name)) {
        differs = true;
        continue;
      }
      counted[name] = isSet(type) && Array.isArray(value) ? sorted(value) : values[name];
      differs ||= counted[name] !== values[name];
    }
    const bytes = BSON.calculateObjectSize(values);
    if (bytes > CONTENT_MOST_BYTES) return { odooId, reason: tooLarge(bytes) };
    const document = BSON.serialize(values);
    // Told one day, such a record is another one.
    const lost = unread?.filter((name) => !volatile.includes(name)) ?? [];
    const hash = hashOf(Buffer.concat([version, differs ? BSON.serialize(counted) : document]), lost);
    return new EncodedRecord(odooId, writeDate, hash, document, unread);
  };
}
