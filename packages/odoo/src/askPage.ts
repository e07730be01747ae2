import { HandedBackError, type UnreadableRecord } from '@odoo-sync/core';
import { checkPage, type PageExpectation } from './checkPage.js';
import type { OdooRow } from './decode.js';
import type { PageSizer } from './pageSizer.js';
import type { RowReader } from './rowReader.js';
import type { Decoded } from './sourceRecord.js';
import type { Answer } from './transport.js';

export interface Page {
  readonly rows: readonly OdooRow[];
  /** What the rows are, where that was read along with them: they may then lack all but id and write_date. */
  readonly records: readonly Decoded[] | null;
  readonly date: Date | null;
  /** The answer that holds the rows: a list, or an envelope around one. Null where several answers were pieced together. */
  readonly body: Uint8Array | null;
  readonly ms: number;
  /** Where the next page begins after; null when there is none. */
  readonly lastId: number | null;
  /** Fields that Odoo could not tell of some rows. */
  readonly partial: ReadonlyMap<number, readonly string[]>;
  readonly unreadable: readonly UnreadableRecord[];
}

const NONE: ReadonlyMap<number, readonly string[]> = new Map();

/** The page of an answer whose rows were checked. */
export const pageOf = ({ date, body, ms }: Answer, rows: readonly OdooRow[]): Page => ({
  rows,
  records: null,
  date,
  body,
  ms,
  lastId: (rows.at(-1)?.id as number | undefined) ?? null,
  partial: NONE,
  unreadable: [],
});

/** The page of records, one mostly, whose answers are too large to be read. */
export const outsizedPage = (ids: readonly number[], { message }: Error): Page => ({
  rows: [],
  records: null,
  date: null,
  body: null,
  ms: 0,
  lastId: ids.at(-1) ?? null,
  partial: NONE,
  unreadable: ids.map((odooId) => ({ odooId, reason: `it is too large to be read: ${message}` })),
});

/**
 * Asks for one page, checks it, and tells the sizer of it.
 * @param read reads its rows as records, where these are wanted.
 * @throws HandedBackError when the signal ended it.
 */
export async function askPage(
  fetch: () => Promise<Answer>,
  expected: PageExpectation,
  sizer: PageSizer,
  { signal, read }: { readonly signal: AbortSignal; readonly read: RowReader | null },
): Promise<Page> {
  try {
    const answer = await fetch();
    const found = read?.(answer.body);
    const rows = checkPage(found ? found.rows : answer.value, expected);
    sizer.took(rows.length, answer.ms);
    return { ...pageOf(answer, rows), records: found?.records ?? null };
  } catch (error) {
    throw signal.aborted ? new HandedBackError('the reading was ended') : error;
  }
}
