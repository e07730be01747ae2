import { createHash, hash } from 'node:crypto';
import {
  type FieldList,
  type FieldSpec,
  knownNames,
  type SourceRecord,
  type UnreadableRecord,
} from '@odoo-sync/core';
import { dateTimeOf } from './dateTime.js';
import { bytesOf, CONTENT_MOST_BYTES } from './documentSize.js';
import { conformOf, UNREAD } from './fieldValue.js';
import { shapeOf } from './shapeOf.js';

/** Raised when a value is decoded, or stored, differently: every stored record then counts as changed. */
const DECODER_VERSION = 2;

/** As JSON.parse made it, its id checked. */
export type OdooRow = Readonly<Record<string, unknown>>;

export interface Decoding {
  /** Fields that the row lacks because Odoo could not tell them. */
  readonly unread?: readonly string[] | undefined;
  /** Whether the answer is large enough to hold a record that no document can. */
  readonly weigh?: boolean;
  /** Whether the row is needed no more: it may become the record's fields. */
  readonly spent?: boolean;
}

/** What can't be a record is its id and the reason. */
export type Decoder = (row: OdooRow, decoding?: Decoding) => SourceRecord | UnreadableRecord;

/** Whether a row was none. */
export const isUnreadable = (decoded: SourceRecord | UnreadableRecord): decoded is UnreadableRecord =>
  'reason' in decoded;

/** Digest of the decoder's version and the list, in its order. */
export function fieldListVersion(fields: readonly FieldSpec[]): string {
  const text = fields.map(({ name, type }) => `${name}:${type}`).join(' ');
  return createHash('sha256').update(`${DECODER_VERSION} ${text}`).digest('base64url').slice(0, 12);
}

/**
 * Makes the function that turns one row of Odoo's into a record, for a list of fields: the gate that everything read from an
 * Odoo passes. Behind it a record has the list's fields and no others, each as docs/reading.md promises of its type, or null
 * and named in `unread`. A record whose date can't be had, or that no document can hold, is unreadable.
 *
 * A row that has the list's fields and no others becomes the record itself, value for value: making another object of fifty
 * fields costs as much as all else that is done to a record here.
 *
 * Its hash is taken of what Odoo sent, in the list's order, with the ids of x2many fields sorted, since their order is the
 * other model's; volatile fields are left out. The list's version is taken anew: a stored one may be an older decoder's.
 */
export function createDecoder({ fields }: FieldList, volatile: readonly string[]): Decoder {
  const version = fieldListVersion(fields);
  const columns = fields.map(({ name, type }) => ({
    name,
    conform: conformOf(type),
    hashed: !volatile.includes(name),
    isSet: type === 'one2many' || type === 'many2many',
  }));
  const rowOf = blankRow(fields);
  const isOfList = listCheck(fields);
  return (row, { unread: told, weigh = false, spent = false } = {}) => {
    const odooId = row.id as number;
    const writeDate = dateTimeOf(row.write_date);
    if (writeDate === null) return { odooId, reason: noDate(row.write_date) };
    const taken = spent && isOfList(row);
    const values = taken ? (row as Record<string, unknown>) : rowOf();
    const content: unknown[] = [version];
    let unread: string[] | undefined;
    for (const { name, conform, hashed, isSet } of columns) {
      const raw = row[name];
      const value = told?.includes(name) ? UNREAD : conform(raw);
      if (value === UNREAD) {
        unread ??= [];
        unread.push(name);
        if (taken) values[name] = null;
        continue;
      }
      // Not by ===, to which -0 is 0.
      if (!taken || !Object.is(value, raw)) values[name] = value;
      if (hashed) content.push(isSet ? sorted(raw as readonly number[]) : raw);
    }
    if (weigh) {
      const bytes = bytesOf(values);
      if (bytes > CONTENT_MOST_BYTES) return { odooId, reason: tooLarge(bytes) };
    }
    // Told one day, such a record is another one.
    const lost = unread?.filter((name) => !volatile.includes(name)) ?? [];
    if (lost.length > 0) content.push({ unread: lost });
    return {
      odooId,
      writeDate,
      hash: hash('md5', JSON.stringify(content), 'base64url'),
      fields: values,
      ...(unread ? { unread } : {}),
    };
  };
}

/**
 * Makes rows whose fields are all null. A copy of an object that JSON.parse made has room for all its fields at once; built
 * field by field, one of fifty becomes a hash table, which costs more than everything else that is done to a record.
 */
function blankRow(fields: readonly FieldSpec[]): () => Record<string, unknown> {
  const blank = JSON.parse(JSON.stringify(Object.fromEntries(fields.map(({ name }) => [name, null]))));
  return () => ({ ...blank });
}

/** Whether a row has a list's fields and no others. */
function listCheck(fields: readonly FieldSpec[]): (row: OdooRow) => boolean {
  const listed = new Set(fields.map(({ name }) => name));
  return knownNames((names) => names.length === listed.size && names.every((name) => listed.has(name)));
}

/** Why a row with such a write_date is no record. */
export const noDate = (writeDate: unknown): string =>
  `its write_date is no date and time: ${shapeOf(writeDate)}`;

const MIB = 1024 * 1024;
const tooLarge = (bytes: number): string =>
  `it is too large for a document: ${(bytes / MIB).toFixed(1)} MiB, of at most ${CONTENT_MOST_BYTES / MIB}`;

const byNumber = (a: number, b: number) => a - b;
const sorted = (ids: readonly number[]): readonly number[] =>
  ids.every((id, n) => n === 0 || id >= (ids[n - 1] as number)) ? ids : [...ids].sort(byNumber);
