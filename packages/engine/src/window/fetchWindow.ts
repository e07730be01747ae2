import {
  type EarlyWrite,
  type Source,
  type SourcePage,
  UNREADABLE_KEPT,
  type UnreadableRecord,
  type Window,
} from '@odoo-sync/core';
import type { PreparedModule } from '../module/prepareModule.js';
import type { Engine } from '../turn/engine.js';
import type { Spool } from '../turn/spool.js';
import type { Metered } from '../turn/turnLimits.js';
import type { WorkItem } from './workItem.js';

export interface FetchedWindow {
  readonly spool: Spool;
  readonly readStartedAt: Date;
  readonly unreadable: readonly UnreadableRecord[];
}

/**
 * Reads a window to its end into a spool, and writes it early as it comes. Both are the caller's to close, unless this
 * throws.
 */
export async function fetchWindow(
  engine: Engine,
  item: Pick<WorkItem, 'module' | 'window'>,
  source: Source,
  prepared: PreparedModule,
  metered: Metered,
  early: EarlyWrite,
  onPage: (page: SourcePage, spool: Spool) => void,
): Promise<FetchedWindow> {
  const spool = engine.openSpool();
  const unreadable: UnreadableRecord[] = [];
  try {
    const readStartedAt = source.clock().now;
    for await (const page of source.window(item.module, prepared.fields, item.window, metered.signal)) {
      metered.page(page.records.length, page.packed.length);
      const room = early.add(page.records, page.packed.length, metered.signal);
      await spool.append(page);
      await room;
      unreadable.push(...page.unreadable.slice(0, UNREADABLE_KEPT - unreadable.length));
      onPage(page, spool);
    }
    return { spool, readStartedAt, unreadable };
  } catch (error) {
    await early.drop();
    await spool.close();
    throw error;
  }
}

// A seal that came due a moment early by rounding would be read twice: Odoo's Date is cut to seconds.
const CLOCK_GRAIN_MS = 2_000;

/** When a window can be sealed, by Odoo's clock; `dbSkewMs` is how far its database's clock runs ahead. */
export const sealableAt = (window: Window, settleMs: number, dbSkewMs: number): Date =>
  new Date(window.end.getTime() + settleMs + dbSkewMs);

/** When its seal turn is due: the database's skew is added by the store, which knows the newest. */
export const sealDueAt = (window: Window, settleMs: number): Date =>
  new Date(window.end.getTime() + settleMs + CLOCK_GRAIN_MS);
