import type { SourcePage } from '@odoo-sync/core';
import type { Page } from './askPage.js';
import type { Decoder, OdooRow } from './decode.js';
import { textOf } from './http.js';

/** A page as the engine gets it: decoded, and able to be decoded again from the bytes that came. */
export function sourcePage({ rows, partial, unreadable, body, ms }: Page, decode: Decoder): SourcePage {
  // Before they are decoded: that changes the rows.
  const packed = body ?? Buffer.from(JSON.stringify(rows));
  const recordsOf = (some: readonly OdooRow[]) =>
    some.map((row) => decode(row, partial.get(row.id as number)));
  return {
    records: recordsOf(rows),
    unreadable,
    packed,
    unpack: (bytes) => recordsOf(rowsIn(JSON.parse(textOf(bytes) ?? ''))),
    ms,
  };
}

/** JSON-2 answers with the list itself, JSON-RPC with an envelope around it. It was checked when it came. */
const rowsIn = (answer: readonly OdooRow[] | { readonly result: readonly OdooRow[] }): readonly OdooRow[] =>
  'result' in answer ? answer.result : answer;
