import { SyncError } from '@odoo-sync/core';
import { askPage, type Page } from './askPage.js';
import { RecordFault } from './explainRefusal.js';
import { pageInHalves } from './pageInHalves.js';
import type { PageSizer } from './pageSizer.js';
import type { RowReader } from './rowReader.js';
import type { Answer } from './transport.js';

export interface ByIdsOptions {
  readonly sizer: PageSizer;
  readonly read: RowReader | null;
  readonly fetch: (ids: readonly number[]) => Promise<Answer>;
  /** Reads records of which one makes the reading fail. */
  readonly mend: (fault: RecordFault, ids: readonly number[]) => Promise<Page>;
  /** Names a record that is too large to be read. */
  readonly outsized: (error: Error, ids: readonly number[]) => Promise<Page>;
}

/** Reads records by their ids, which rise, in pages. Those that are gone are left out. */
export async function* byIds(
  options: ByIdsOptions,
  odooIds: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const { sizer, read } = options;
  const ask = (ids: readonly number[]): Promise<Page> => {
    const expected = { lastId: (ids[0] as number) - 1, limit: ids.length, bounds: null };
    return askPage(() => options.fetch(ids), expected, sizer, { signal, read }).catch((error: unknown) => {
      if (error instanceof RecordFault) return options.mend(error, ids);
      throw error;
    });
  };
  for (let from = 0; from < odooIds.length; ) {
    let ids: readonly number[] = [];
    const outsized = (error: Error) => options.outsized(error, ids);
    const page = await pageInHalves({ sizer, outsized }, odooIds.length - from, (limit) => {
      ids = odooIds.slice(from, from + limit);
      return ask(ids);
    });
    const asked = new Set<unknown>(ids);
    const other = page.rows.find(({ id }) => !asked.has(id));
    if (other)
      throw new SyncError('transient', `Odoo's answer holds the record ${other.id}, which was not asked for`);
    yield page;
    // A short answer proves nothing: what lies behind its last record is asked for again.
    from += page.lastId === null ? ids.length : ids.indexOf(page.lastId) + 1;
  }
}
