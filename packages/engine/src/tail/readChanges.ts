import {
  type OdooTime,
  odooTime,
  TAIL_WIDE_MS,
  type TailNotes,
  tailIdOf,
  toOdooTime,
  UNREADABLE_KEPT,
  type UnreadableRecord,
  type WriteScope,
  windowOf,
} from '@odoo-sync/core';
import { type PreparedModule, prepareModule } from '../module/prepareModule.js';
import { countCommit } from '../turn/countCommit.js';
import type { SourceContext } from '../turn/turnContext.js';
import type { Metered } from '../turn/turnLimits.js';
import { createUnreadFields } from '../turn/unreadFields.js';
import { leftAlone, notedUnreadable } from './leftAlone.js';

const OVERLAP_MS = 5_000;
const WIDE_EVERY_MS = 3_600_000;
const CLOCK_GRAIN_MS = 1_000;

export interface TailPass {
  readonly pages: number;
  readonly changed: number;
  /** Windows left to be read again, because too much in them differed. */
  readonly overflow: number;
  /** For the end of the tail. */
  readonly notes: TailNotes;
}

/**
 * One module's part of a tail, under its lane. Reads (id, write_date) from a little before the last pass on, without an
 * upper bound, compares with the mirror, and reads in full what differs or is newer than the last pass. Once an hour it
 * looks back 48 hours, for late commits and for what nobody expects. Past `tailMax` it writes nothing and leaves the
 * windows to turns of their own, which spool.
 */
export async function readChanges(
  context: SourceContext,
  metered: Metered,
  { oldestOpen, again }: { readonly oldestOpen: Date | null; readonly again: boolean },
): Promise<TailPass> {
  const { store, settings, user, lane, source, metrics } = context;
  const { module } = lane;
  const state = context.state.modules[module];
  const prepared = await prepareModule({ ...context, signal: metered.signal }, again);
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
  const ids: number[] = [];
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
      if (ids.length > settings.tailMax) continue;
      ids.push(row.odooId);
      dates.set(row.odooId, row.writeDate);
    }
  }
  await noteDatabaseClock(context, aheadMs);
  const overflow = ids.length > settings.tailMax;
  let changed = 0;
  let unreadable = state.unreadable;
  if (overflow) {
    const starts = [...windows].filter((start) => start >= mirroredFrom.getTime());
    await store.makeWindowsDue(
      user,
      module,
      starts.map((start) => new Date(start)),
    );
  } else if (ids.length + undated.length > 0) {
    const read = await readAndCommit(context, prepared, ids, metered);
    changed = read.changed;
    unreadable = notedUnreadable(unreadable, [...undated, ...read.unreadable], dates, passAt);
  }
  return {
    pages,
    changed,
    overflow: overflow ? windows.size : 0,
    notes: {
      lastPass: passAt,
      ...(wide || state.lastWide === null ? { lastWide: passAt } : {}),
      ...(unreadable === state.unreadable ? {} : { unreadable }),
    },
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

async function readAndCommit(
  context: SourceContext,
  { fields, retired }: PreparedModule,
  odooIds: readonly number[],
  metered: Metered,
): Promise<{ readonly changed: number; readonly unreadable: readonly UnreadableRecord[] }> {
  const { store, source, user, lane, metrics, log } = context;
  const { module } = lane;
  const spool = context.openSpool();
  try {
    const unreadable: UnreadableRecord[] = [];
    const unread = createUnreadFields();
    for await (const page of source.read(module, fields, odooIds, metered.signal)) {
      metered.page(page.records.length, page.packed.length);
      metrics.pageRead(module);
      await spool.append(page);
      unreadable.push(...page.unreadable);
      unread.see(page);
    }
    const lost = unread.sentence();
    if (lost) log.warn({}, lost);
    if (spool.records === 0) return { changed: 0, unreadable };
    const scope: WriteScope = { user, lane, module, fields, retired, origin: tailIdOf(user.userKey) };
    const { counts, refused } = await countCommit(context, () => store.commitTail(scope, spool));
    return { changed: counts.inserted + counts.updated, unreadable: [...unreadable, ...refused] };
  } finally {
    await spool.close();
  }
}

/**
 * write_date is the database's clock, `Date` is Odoo's: a date from the future shows how far the first runs ahead. One
 * that lies further off was written by hand, not by a clock.
 */
async function noteDatabaseClock({ store, user, settings }: SourceContext, aheadMs: number): Promise<void> {
  if (aheadMs <= CLOCK_GRAIN_MS || aheadMs > settings.clockMaxSkewMs) return;
  const state = await store.syncState(user);
  if (state && aheadMs > state.dbSkewMs) await store.noteSyncState(user, { dbSkewMs: aheadMs });
}
