import { hash } from 'node:crypto';
import type { SourceRecord, UnreadableRecord } from '@odoo-sync/core';
import { BSON, Double, Long } from 'bson';
import { isInt32 } from './documentWriter.js';
import { shapeOf } from './shapeOf.js';

/** Content that a document may have: MongoDB takes 16 MiB, of which the engine's own fields and another program's take some. */
export const CONTENT_MOST_BYTES = 15 * 1024 * 1024;

/** What can't be a record is its id and the reason. */
export type Decoded = SourceRecord | UnreadableRecord;

/** Whether a row was none. */
export const isUnreadable = (decoded: Decoded): decoded is UnreadableRecord => 'reason' in decoded;

/** Why a row with such a write_date is no record. */
export const noDate = (writeDate: unknown): string =>
  `its write_date is no date and time: ${shapeOf(writeDate)}`;

const MIB = 1024 * 1024;
export const tooLarge = (bytes: number): string =>
  `it is too large for a document: ${(bytes / MIB).toFixed(1)} MiB, of at most ${CONTENT_MOST_BYTES / MIB}`;

/** A record as its document. Objects are made of it only where somebody asks for them. */
export class EncodedRecord implements SourceRecord {
  declare readonly unread?: readonly string[];

  constructor(
    readonly odooId: number,
    readonly writeDate: Date,
    readonly hash: string,
    readonly document: Uint8Array,
    unread: readonly string[] | undefined,
  ) {
    if (unread) this.unread = unread;
  }

  get fields(): Readonly<Record<string, unknown>> {
    return BSON.deserialize(this.document);
  }
}

/**
 * A value with the BSON type of its field. The driver would choose by the value: it writes a whole float as an integer, and an
 * integer past 32 bits as a double.
 */
export function bsonTyped(type: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  switch (type) {
    case 'float':
    case 'monetary':
      return new Double(value);
    case 'integer':
    case 'many2one_reference':
      return isInt32(value) ? value : Long.fromNumber(value);
    default:
      return value;
  }
}

/** @param content the list's version, and behind it the document of what counts. @param lost fields that count and are unread. */
export function hashOf(content: Uint8Array, lost: readonly string[]): string {
  const all =
    lost.length === 0 ? content : Buffer.concat([content, Buffer.from(JSON.stringify({ unread: lost }))]);
  return hash('md5', all, 'base64url');
}

const byNumber = (a: number, b: number) => a - b;
const isSorted = (ids: readonly number[]): boolean =>
  ids.every((id, n) => n === 0 || id >= (ids[n - 1] as number));
export const sorted = (ids: readonly number[]): readonly number[] =>
  isSorted(ids) ? ids : [...ids].sort(byNumber);
