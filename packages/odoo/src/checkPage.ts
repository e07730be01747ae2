import { odooDateTime, SyncError, type Window } from '@odoo-sync/core';
import type { OdooRow } from './decode.js';
import { shapeOf } from './shapeOf.js';

export interface PageExpectation {
  readonly lastId: number;
  readonly limit: number;
  /** Bounds of write_date as texts; null where what is shown can differ from what is searched. */
  readonly bounds: { readonly start: string; readonly end: string | null } | null;
}

/** The bounds that a window's rows must show. */
export const boundsOf = ({ start, end }: Window): { readonly start: string; readonly end: string } => ({
  start: odooDateTime(start),
  end: odooDateTime(end),
});

/**
 * Checks what a page must be: rows with id and write_date, ids strictly rising and above the last page's, no more rows
 * than asked, inside the bounds. Odoo's texts of dates sort as the dates do.
 * @throws SyncError `transient`: the attempt fails, since nothing that such an answer says can be believed.
 */
export function checkPage(value: unknown, expected: PageExpectation): readonly OdooRow[] {
  const broken = (what: string) =>
    new SyncError(
      'transient',
      `Odoo's page after id ${expected.lastId} is broken: ${what}. Nothing of it is kept, and it is asked for again; if this lasts, a customization of Odoo or a proxy before it changes answers`,
    );
  if (!Array.isArray(value)) throw broken(`expected a list, got ${shapeOf(value)}`);
  if (value.length > expected.limit)
    throw broken(`expected at most ${expected.limit} rows, got ${value.length}`);
  let last = expected.lastId;
  for (const row of value as OdooRow[]) {
    const { id, write_date: at } = row ?? {};
    if (typeof id !== 'number' || !Number.isInteger(id))
      throw broken(`expected an id in each row, got ${shapeOf(id)}`);
    if (id <= last) throw broken(`expected rising ids, got ${id} after ${last}`);
    if (typeof at !== 'string') throw broken(`expected a write_date in record ${id}, got ${shapeOf(at)}`);
    if (
      expected.bounds &&
      (at < expected.bounds.start || (expected.bounds.end !== null && at >= expected.bounds.end))
    ) {
      throw broken(
        `expected records from ${expected.bounds.start} to ${expected.bounds.end ?? 'now'}, got ${id} of ${shapeOf(at)}`,
      );
    }
    last = id;
  }
  return value as OdooRow[];
}
