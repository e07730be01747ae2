import { setImmediate as breathe } from 'node:timers/promises';
import {
  type LightPage,
  type LightRow,
  type OdooTime,
  odooTime,
  type SourcePage,
  type SourceRecord,
  type UnreadableRecord,
} from '@odoo-sync/core';
import type { Page } from './askPage.js';
import { dateTimeOf } from './dateTime.js';
import { type Decoder, isUnreadable, noDate, type OdooRow } from './decode.js';
import { mayBeTooLarge } from './documentSize.js';
import { textOf } from './http.js';
import { parseJson } from './parseJson.js';

/** So many rows are decoded at one go: a millisecond or two. */
const SLICE = 100;

/**
 * A page as the engine gets it: decoded, and able to be decoded again from the bytes that came. Decoded in slices: the request
 * for the next page, which has to connect first, is not to wait for the whole of this one.
 */
export async function sourcePage(
  { rows, partial, unreadable, body, ms }: Page,
  decode: Decoder,
): Promise<SourcePage> {
  const weigh = body === null || mayBeTooLarge(body.length);
  const records: SourceRecord[] = [];
  const refused: UnreadableRecord[] = [];
  const read: OdooRow[] = [];
  for (const [n, row] of rows.entries()) {
    if (n % SLICE === 0) await breathe();
    const decoded = decode(row, { unread: partial.get(row.id as number), weigh, spent: body !== null });
    if (isUnreadable(decoded)) refused.push(decoded);
    else records.push(decoded);
    if (body === null && !isUnreadable(decoded)) read.push(whatWasRead(row, decoded));
  }
  const packed = body ?? Buffer.from(JSON.stringify(read));
  const unpack = (bytes: Uint8Array) =>
    rowsIn(parseJson(textOf(bytes) ?? '') as Body).flatMap((row) => {
      const decoded = decode(row, { weigh, spent: true });
      return isUnreadable(decoded) ? [] : [decoded];
    });
  return {
    // What was pieced together is written anew, which may change a value: -0 is 0 in JSON.
    records: body ? records : unpack(packed),
    unreadable: [...unreadable, ...refused],
    packed,
    unpack,
    ms,
  };
}

/** A row of just the values that its record was made of, so that the same one can be made of it again. */
function whatWasRead(row: OdooRow, { fields, unread = [] }: SourceRecord): OdooRow {
  const names = Object.keys(fields).filter((name) => !unread.includes(name));
  return Object.fromEntries(['id', 'write_date', ...names].map((name) => [name, row[name]]));
}

/** JSON-2 answers with the list itself, JSON-RPC with an envelope around it. It was checked when it came. */
type Body = readonly OdooRow[] | { readonly result: readonly OdooRow[] };
const rowsIn = (body: Body): readonly OdooRow[] => ('result' in body ? body.result : body);

/** A page of ids and dates, as the engine gets it. */
export function lightPage({ rows, date }: Page, lastAnswer: OdooTime): LightPage {
  const light: LightRow[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const { id, write_date } of rows) {
    const odooId = id as number;
    const writeDate = dateTimeOf(write_date);
    if (writeDate) light.push({ odooId, writeDate });
    else unreadable.push({ odooId, reason: noDate(write_date) });
  }
  return { rows: light, unreadable, date: date ? odooTime(date) : lastAnswer };
}
