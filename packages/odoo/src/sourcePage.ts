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
import type { Decoder, OdooRow } from './decode.js';
import { textOf } from './http.js';
import { parseJson } from './parseJson.js';
import type { RowReader } from './rowReader.js';
import { type Decoded, isUnreadable, noDate } from './sourceRecord.js';

/** So many rows are decoded at one go: a millisecond or two. */
const SLICE = 100;

export interface Decoding {
  readonly read: RowReader | null;
  readonly decode: Decoder;
}

/**
 * A page as the engine gets it: decoded, and able to be decoded again from the bytes that came. Where its rows aren't records
 * yet, they are decoded in slices: the request for the next page, which has to connect first, is not to wait for the whole of this one.
 */
export async function sourcePage(page: Page, decoding: Decoding): Promise<SourcePage> {
  const { decode } = decoding;
  const { rows, partial, unreadable, body, ms } = page;
  const records: SourceRecord[] = [];
  const refused: UnreadableRecord[] = [];
  const kept: OdooRow[] = [];
  const keep = (decoded: Decoded) => (isUnreadable(decoded) ? refused.push(decoded) : records.push(decoded));
  if (page.records) page.records.forEach(keep);
  else
    for (const [n, row] of rows.entries()) {
      if (n % SLICE === 0) await breathe();
      const decoded = decode(row, partial.get(row.id as number));
      keep(decoded);
      if (body === null && !isUnreadable(decoded)) kept.push(whatWasRead(row, decoded));
    }
  const packed = body ?? Buffer.from(JSON.stringify(kept));
  const unpack = unpackerOf(decoding);
  return {
    // What was pieced together is written anew, which may change a value: -0 is 0 in JSON.
    records: body ? records : unpack(packed),
    unreadable: [...unreadable, ...refused],
    packed,
    unpack,
    ms,
  };
}

/** Not made within {@link sourcePage}: a spool keeps it for as long as the window, and with it all that a function there knows of. */
const unpackerOf =
  ({ read, decode }: Decoding): SourcePage['unpack'] =>
  (bytes) => {
    const again =
      read?.(bytes)?.records ?? rowsIn(parseJson(textOf(bytes) ?? '') as Body).map((row) => decode(row));
    return again.filter((decoded): decoded is SourceRecord => !isUnreadable(decoded));
  };

/** A row of just the values that its record was made of, so that the same one can be made of it again. */
function whatWasRead(row: OdooRow, { fields, unread = [] }: SourceRecord): OdooRow {
  const names = Object.keys(fields).filter((name) => !unread.includes(name));
  return Object.fromEntries(['id', 'write_date', ...names].map((name) => [name, row[name]]));
}

/** JSON-2 answers with the list itself, JSON-RPC with an envelope around it. It was checked when it came. */
type Body = readonly OdooRow[] | { readonly result: readonly OdooRow[] };
const rowsIn = (body: Body): readonly OdooRow[] => ('result' in body ? body.result : body);

/** A page of ids and dates, as the engine gets it. */
export function lightPage({ rows, date, lastId }: Page, lastAnswer: OdooTime): LightPage {
  const light: LightRow[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const { id, write_date } of rows) {
    const odooId = id as number;
    const writeDate = dateTimeOf(write_date);
    if (writeDate) light.push({ odooId, writeDate });
    else unreadable.push({ odooId, reason: noDate(write_date) });
  }
  return { rows: light, unreadable, date: date ? odooTime(date) : lastAnswer, lastId: lastId ?? 0 };
}
