import type { Domain, ModuleName } from '@odoo-sync/core';
import { outsizedPage, type Page } from './askPage.js';
import { createBudget } from './budget.js';
import { byIds } from './byIds.js';
import { checkAsked, checkPage, type PageExpectation } from './checkPage.js';
import type { OdooRow } from './decode.js';
import { keyset } from './keyset.js';
import type { PageSizer } from './pageSizer.js';
import type { PoisonReader } from './poisonReader.js';
import type { RowReader } from './rowReader.js';
import { LIGHT, type SearchRead } from './searchRead.js';

/** Which records of a module are read, and what of them. */
export interface Reading {
  readonly module: ModuleName;
  /** Beside the module's own. */
  readonly terms: Domain;
  readonly fields: readonly string[];
  /** Reads the rows as records. */
  readonly read: RowReader | null;
  /** They are ids and dates alone: where a page of one is too large, there is nothing less to ask for. */
  readonly light: boolean;
  readonly sizer: PageSizer;
  /** What the rows must show. */
  readonly bounds: PageExpectation['bounds'];
}

/** Reads records in pages, and goes around those that can't be read. */
export interface PageReader {
  /** All that the terms find, in id order. */
  all(reading: Reading, signal: AbortSignal): AsyncGenerator<Page>;
  /** Records by their ids, which rise. */
  some(
    reading: Pick<Reading, 'module' | 'fields' | 'sizer' | 'read'>,
    ids: readonly number[],
    signal: AbortSignal,
  ): AsyncGenerator<Page>;
}

export function createPageReader(searchRead: SearchRead, poison: PoisonReader): PageReader {
  /** Where even its id and date are too large an answer, no record is at fault. */
  const outsized = async (
    { module, terms }: Pick<Reading, 'module' | 'terms'>,
    check: (value: unknown) => readonly OdooRow[],
    error: Error,
    signal: AbortSignal,
  ): Promise<Page> => {
    const { value } = await searchRead(module, terms, LIGHT, 1, signal);
    return outsizedPage(
      check(value).map(({ id }) => id as number),
      error,
    );
  };

  return {
    all({ module, terms, fields, read, light, sizer, bounds }, signal) {
      const budget = createBudget();
      const after = (lastId: number): Domain => [...terms, ['id', '>', lastId]];
      return keyset(
        {
          sizer,
          bounds,
          read,
          fetch: (lastId, limit, either) => searchRead(module, after(lastId), fields, limit, either),
          mend: (fault, lastId, limit, either) =>
            poison.page({ module, terms, fields, bounds, budget, ended: either }, fault, lastId, limit),
          outsized(error, lastId, either) {
            if (light) throw error;
            const check = (value: unknown) => checkPage(value, { lastId, limit: 1, bounds });
            return outsized({ module, terms: after(lastId) }, check, error, either);
          },
        },
        signal,
      );
    },
    some({ module, fields, sizer, read }, odooIds, signal) {
      const budget = createBudget();
      const those = (ids: readonly number[]): Domain => [['id', 'in', ids]];
      return byIds(
        {
          sizer,
          read,
          fetch: (ids) => searchRead(module, those(ids), fields, ids.length, signal),
          mend: (fault, ids) =>
            poison.records({ module, terms: [], fields, bounds: null, budget, ended: signal }, fault, ids),
          outsized(error, ids) {
            const expected = { lastId: (ids[0] as number) - 1, limit: 1, bounds: null };
            const check = (value: unknown) => checkAsked(value, expected, ids);
            return outsized({ module, terms: those(ids) }, check, error, signal);
          },
        },
        odooIds,
        signal,
      );
    },
  };
}
