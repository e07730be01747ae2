import { askPage, type Page } from './askPage.js';
import type { PageExpectation } from './checkPage.js';
import { RecordFault } from './explainRefusal.js';
import { pageInHalves } from './pageInHalves.js';
import type { PageSizer } from './pageSizer.js';
import type { RowReader } from './rowReader.js';
import type { Answer } from './transport.js';
import type { TooLargeError } from './transportError.js';

export interface KeysetOptions {
  readonly sizer: PageSizer;
  readonly bounds: PageExpectation['bounds'];
  readonly read: RowReader | null;
  readonly fetch: (lastId: number, limit: number, signal: AbortSignal) => Promise<Answer>;
  /** Reads a page that fails over a record. */
  readonly mend: (fault: RecordFault, lastId: number, limit: number, signal: AbortSignal) => Promise<Page>;
  /** Names the record after an id that is too large to be read. */
  readonly outsized: (error: TooLargeError, lastId: number, signal: AbortSignal) => Promise<Page>;
}

/**
 * Pages in id order until an empty one; a short page proves nothing. The next page is asked for as soon as the last id of
 * this one is known, so that it travels while this one is decoded. Leaving the loop ends the request that is out.
 */
export async function* keyset(options: KeysetOptions, signal: AbortSignal): AsyncGenerator<Page> {
  const { sizer, bounds, read } = options;
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  const askFor = async (lastId: number, limit: number): Promise<Page> => {
    try {
      return await askPage(() => options.fetch(lastId, limit, either), { lastId, limit, bounds }, sizer, {
        signal: either,
        read,
      });
    } catch (error) {
      if (!(error instanceof RecordFault)) throw error;
      return options.mend(error, lastId, limit, either);
    }
  };
  const ask = (lastId: number): Promise<Page> =>
    pageInHalves(
      {
        sizer,
        outsized: (error) => options.outsized(error, lastId, either),
      },
      Number.POSITIVE_INFINITY,
      (limit) => askFor(lastId, limit),
    );
  try {
    for (let page = await ask(0); page.lastId !== null; ) {
      const next = ask(page.lastId);
      // It is awaited below, unless the loop is left before: then its end is of no interest.
      next.catch(() => {});
      yield page;
      page = await next;
    }
  } finally {
    left.abort();
  }
}
