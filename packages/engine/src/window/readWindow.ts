import {
  type EarlyWrite,
  type FieldList,
  type OdooTime,
  type SourcePage,
  UNREADABLE_KEPT,
  type UnreadableRecord,
  type Window,
} from '@odoo-sync/core';
import type { Spool } from '../turn/spool.js';
import type { SourceContext } from '../turn/turnContext.js';
import { withinLimits } from '../turn/turnLimits.js';

export interface ReadWindow {
  readonly spool: Spool;
  /** Odoo's clock before the first request. */
  readonly readStartedAt: OdooTime;
  readonly unreadable: readonly UnreadableRecord[];
}

/** Where a window's pages go. */
export interface WindowSink {
  readonly fields: FieldList;
  readonly early: EarlyWrite;
  onPage(page: SourcePage): void;
}

/**
 * Reads a window to its end into a spool, within the limits of a window, and writes it early as it comes. Spool and early write
 * are the caller's to close, unless this throws.
 * @throws SyncError `limit` for what has no end; whatever Odoo answers.
 */
export function readWindow(
  { source, lane, user, limits, signal, metrics, handle, openSpool }: SourceContext,
  window: Window,
  { fields, early, onPage }: WindowSink,
): Promise<ReadWindow> {
  const { module } = lane;
  const reading = {
    limits: limits.window,
    what: `the ${module} of ${window.start.toISOString().slice(0, 10)}`,
    timeSetting: 'WINDOW_MAX_MS',
    url: user.address.url,
  } as const;
  return withinLimits(reading, signal, async (metered) => {
    const spool = openSpool();
    const unreadable: UnreadableRecord[] = [];
    try {
      const readStartedAt = source.clock().now;
      for await (const page of source.window(module, fields, window, metered.signal)) {
        metered.page(page.records.length, page.packed.length);
        const room = early.add(page.records, page.packed.length, metered.signal);
        await spool.append(page);
        await room;
        unreadable.push(...page.unreadable.slice(0, UNREADABLE_KEPT - unreadable.length));
        metrics.pageRead(module);
        onPage(page);
        handle.progress({ pages: spool.pages, records: spool.records });
        handle.log(
          `page ${spool.pages}: ${page.records.length} records, ${page.packed.length} bytes, ${Math.round(page.ms)} ms`,
        );
      }
      return { spool, readStartedAt, unreadable };
    } catch (error) {
      await early.drop();
      await spool.close();
      throw error;
    }
  });
}
