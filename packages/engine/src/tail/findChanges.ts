import {
  type OdooTime,
  odooTime,
  TAIL_WIDE_MS,
  toOdooTime,
  UNREADABLE_KEPT,
  type UnreadableRecord,
  windowOf,
} from '@odoo-sync/core';
import type { PreparedModule } from '../module/prepareModule.js';
import type { PlaceContext, WithSource } from '../turn/turnContext.js';
import type { Metered } from '../turn/turnLimits.js';
import { leftAlone } from './leftAlone.js';

const OVERLAP_MS = 5_000;
const WIDE_EVERY_MS = 3_600_000;
const CLOCK_GRAIN_MS = 1_000;

/** What a tail found to be read of a module. */
export interface FoundChanges {
  readonly prepared: PreparedModule;
  /** When the pass began, by Odoo's clock. */
  readonly passAt: OdooTime;
  /** Whether it is noted as a pass that looked back 48 hours: it did, or none before did. */
  readonly wide: boolean;
  readonly pages: number;
  /** Records to be read in full, with the dates that they were found with: at most one more than a tail reads. */
  readonly dates: ReadonlyMap<number, Date>;
  /** Starts of the windows in which these and all others lie. */
  readonly windows: readonly Date[];
  /** Where the module's mirror begins. */
  readonly mirroredFrom: Date;
  /** Records without a date. */
  readonly undated: readonly UnreadableRecord[];
}

/** Whether nothing is to be read, and so nothing to be written. */
export const isQuiet = ({ dates, undated }: FoundChanges): boolean => dates.size + undated.length === 0;

/**
 * The first half of a tail's pass over a module, which writes nothing of it. Reads (id, write_date) from a little before the last
 * pass on, without an upper bound, and compares with the mirror: what differs, or is newer than the last pass, is to be read in
 * full. Once an hour it looks back 48 hours, for late commits and for what nobody expects.
 */
export async function findChanges(
  context: PlaceContext & WithSource,
  metered: Metered,
  { prepared, oldestOpen }: { readonly prepared: PreparedModule; readonly oldestOpen: Date | null },
): Promise<FoundChanges> {
  const { store, settings, user, module, source, metrics } = context;
  const state = context.state.modules[module];
  const mirroredFrom = prepared.tiling?.from ?? windowOf(user.connectedAt).start;
  // An answer that ended before the first request of this pass: what was committed by then, this pass sees.
  const passAt = source.clock().lastAnswer;
  const known = state.lastPass ?? toOdooTime(user.connectedAt, context.state);
  // A clock that went back was ahead before: nobody knows how far back that pass really looked.
  const wentBack = [state.lastPass, state.lastWide].some((at) => at !== null && passAt < at);
  const due = state.lastWide !== null && passAt.getTime() - state.lastWide.getTime() >= WIDE_EVERY_MS;
  // Where another clock serves for one that is behind, what is new may bear any of the last hours.
  const isBehind = (source.clock().offMs ?? 0) < 0;
  const wide = wentBack || due || isBehind;
  const last = odooTime(Math.min(passAt.getTime(), known.getTime()));
  const from = tailLowerBound(mirroredFrom, last, oldestOpen, settings.lookbackMs, wide ? passAt : null);

  const isLeftAlone = leftAlone(state.unreadable, passAt);
  const dates = new Map<number, Date>();
  const windows = new Set<number>();
  const undated: UnreadableRecord[] = [];
  let pages = 0;
  let aheadMs = 0;
  for await (const page of source.light(module, from, metered.signal)) {
    metered.page(page.rows.length + page.unreadable.length, 0);
    pages++;
    metrics.pageRead(module);
    undated.push(...page.unreadable.slice(0, UNREADABLE_KEPT - undated.length));
    const differing = new Set(await store.differing(user, module, page.rows));
    for (const row of page.rows) {
      aheadMs = Math.max(aheadMs, row.writeDate.getTime() - page.date.getTime());
      if (!differing.has(row) && row.writeDate.getTime() < last.getTime() - OVERLAP_MS) continue;
      if (isLeftAlone(row)) continue;
      windows.add(windowOf(row.writeDate).start.getTime());
      if (dates.size <= settings.tailMax) dates.set(row.odooId, row.writeDate);
    }
  }
  await noteDatabaseClock(context, aheadMs);
  return {
    prepared,
    passAt,
    wide: wide || state.lastWide === null,
    pages,
    dates,
    windows: [...windows].map((start) => new Date(start)),
    mirroredFrom,
    undated,
  };
}

function tailLowerBound(
  mirroredFrom: Date,
  last: OdooTime,
  oldestOpen: Date | null,
  lookbackMs: number,
  wideFrom: Date | null,
): Date {
  const base = Math.max(last.getTime(), oldestOpen?.getTime() ?? 0) - lookbackMs;
  const from = wideFrom ? Math.min(base, wideFrom.getTime() - TAIL_WIDE_MS) : base;
  return new Date(Math.floor(Math.max(from, mirroredFrom.getTime()) / 1_000) * 1_000);
}

/**
 * write_date is the database's clock, `Date` is Odoo's: a date from the future shows how far the first runs ahead. One
 * that lies further off was written by hand, not by a clock.
 */
async function noteDatabaseClock({ store, user, settings }: PlaceContext, aheadMs: number): Promise<void> {
  if (aheadMs <= CLOCK_GRAIN_MS || aheadMs > settings.clockMaxSkewMs) return;
  const state = await store.syncState(user);
  if (state && aheadMs > state.dbSkewMs) await store.noteSyncState(user, { dbSkewMs: aheadMs });
}
