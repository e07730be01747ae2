import { odooDateTime, SyncError, type Window } from '@odoo-sync/core';
import { dateTimeOf } from './dateTime.js';
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
 * than asked, inside the bounds. Odoo's texts of dates sort as the dates do. A row whose write_date is no date is left for
 * the decoder to tell: that is a fault of its record, unless no row has any.
 * @throws SyncError `transient`: the attempt fails, since nothing that such an answer says can be believed.
 */
export function checkPage(value: unknown, { lastId, limit, bounds }: PageExpectation): readonly OdooRow[] {
  const broken = (what: string) =>
    new SyncError(
      'transient',
      `Odoo's page after id ${lastId} is broken: ${what}. Nothing of it is kept, and it is asked for again; if this lasts, a customization of Odoo or a proxy before it changes answers`,
    );
  if (!Array.isArray(value)) throw broken(`expected a list, got ${shapeOf(value)}`);
  if (value.length > limit) throw broken(`expected at most ${limit} rows, got ${value.length}`);
  let last = lastId;
  let dated = value.length === 0;
  for (const row of value as OdooRow[]) {
    const { id, write_date: at } = row ?? {};
    if (!Number.isSafeInteger(id)) throw broken(`expected an id in each row, got ${shapeOf(id)}`);
    if ((id as number) <= last) throw broken(`expected rising ids, got ${id} after ${last}`);
    if (at !== undefined) dated = true;
    if (bounds && isOutside(at, bounds)) {
      throw broken(
        `expected records from ${bounds.start} to ${bounds.end ?? 'now'}, got ${id} of ${shapeOf(at)}`,
      );
    }
    last = id as number;
  }
  if (!dated) throw broken('expected a write_date in each row, got nothing');
  return value as OdooRow[];
}

const isOutside = (at: unknown, { start, end }: NonNullable<PageExpectation['bounds']>): boolean =>
  typeof at === 'string' && (at < start || (end !== null && at >= end)) && dateTimeOf(at) !== null;

/** The same for a page of records that were asked for by their ids: it holds no others. */
export function checkAsked(
  value: unknown,
  expected: PageExpectation,
  ids: readonly number[],
): readonly OdooRow[] {
  const rows = checkPage(value, expected);
  const asked = new Set<unknown>(ids);
  const other = rows.find(({ id }) => !asked.has(id));
  if (other)
    throw new SyncError('transient', `Odoo's answer holds the record ${other.id}, which was not asked for`);
  return rows;
}
