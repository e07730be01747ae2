import { setTimeout as pause } from 'node:timers/promises';
import { HandedBackError } from '@odoo-sync/core';
import { checkPage, type PageExpectation } from './checkPage.js';
import type { OdooRow } from './decode.js';
import { TimeoutError, TooLargeError } from './http.js';
import type { PageSizer } from './pageSizer.js';
import type { Answer } from './transport.js';

export interface KeysetPage {
  readonly rows: readonly OdooRow[];
  readonly date: Date | null;
  readonly bytes: number;
  readonly ms: number;
}

export interface KeysetOptions {
  readonly sizer: PageSizer;
  readonly bounds: PageExpectation['bounds'];
  readonly delayMs: () => number;
  readonly fetch: (lastId: number, limit: number, signal: AbortSignal) => Promise<Answer>;
}

/**
 * Pages in id order until an empty one; a short page proves nothing. The next page is asked for as soon as the last id of
 * this one is known, so that it travels while this one is decoded. Leaving the loop ends the request that is out.
 */
export async function* keyset(options: KeysetOptions, signal: AbortSignal): AsyncGenerator<KeysetPage> {
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  const ask = async (lastId: number): Promise<KeysetPage> => {
    const limit = options.sizer.size();
    try {
      const { value, date, bytes, ms } = await options.fetch(lastId, limit, either);
      const rows = checkPage(value, { lastId, limit, bounds: options.bounds });
      options.sizer.took(rows.length, ms);
      return { rows, date, bytes, ms };
    } catch (error) {
      if (error instanceof TimeoutError || error instanceof TooLargeError) options.sizer.tooMuch();
      throw either.aborted ? new HandedBackError('the reading was ended') : error;
    }
  };
  const askLater = async (lastId: number): Promise<KeysetPage> => {
    const ms = options.delayMs();
    if (ms > 0) await pause(ms, undefined, { signal: either });
    return ask(lastId);
  };
  try {
    for (let page = await ask(0); page.rows.length > 0; ) {
      const next = askLater(page.rows.at(-1)?.id as number);
      // It is awaited below, unless the loop is left before: then its end is of no interest.
      next.catch(() => {});
      yield page;
      page = await next;
    }
  } finally {
    left.abort();
  }
}
