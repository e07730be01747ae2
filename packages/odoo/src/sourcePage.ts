import { setImmediate as breathe } from 'node:timers/promises';
import type { SourcePage, SourceRecord } from '@odoo-sync/core';
import type { Page } from './askPage.js';
import type { Decoder, OdooRow } from './decode.js';
import { textOf } from './http.js';

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
  // Before they are decoded: that changes the rows.
  const packed = body ?? Buffer.from(JSON.stringify(rows));
  const recordsOf = (some: readonly OdooRow[]) =>
    some.map((row) => decode(row, partial.get(row.id as number)));
  const records: SourceRecord[] = [];
  for (let from = 0; from < rows.length; from += SLICE) {
    await breathe();
    records.push(...recordsOf(rows.slice(from, from + SLICE)));
  }
  return {
    records,
    unreadable,
    packed,
    unpack: (bytes) => recordsOf(rowsIn(JSON.parse(textOf(bytes) ?? ''))),
    ms,
  };
}

/** JSON-2 answers with the list itself, JSON-RPC with an envelope around it. It was checked when it came. */
const rowsIn = (answer: readonly OdooRow[] | { readonly result: readonly OdooRow[] }): readonly OdooRow[] =>
  'result' in answer ? answer.result : answer;
