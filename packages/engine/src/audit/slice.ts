import {
  type AuditRun,
  type Differences,
  FencedOutError,
  GONE_MOST,
  isOfShare,
  type LightPage,
  type ModuleSchema,
  NAMED_MOST,
  type UnreadableRecord,
} from '@odoo-sync/core';
import { type ReadInFull, readInFull } from '../turn/readInFull.js';
import type { SourceContext } from '../turn/turnContext.js';
import type { Metered } from '../turn/turnLimits.js';

/** A slice ends soon after this, so that tails and windows get their turns. */
const SLICE_MS = 10_000;
/** So many records at most are read in full between two looks at the time. */
const READ_AT_ONCE = 2_000;

/** What a slice works with. */
export interface Slice {
  readonly schema: ModuleSchema;
  readonly metered: Metered;
  /** Of records that are new to the mirror: those before it were never to be mirrored. */
  readonly mirroredFrom: Date;
  /** Into how many shares the records are cut. */
  readonly shares: number;
}

/** What came of a slice. */
export interface SliceEnd {
  readonly run: AuditRun;
  /** Whether the phase is over. */
  readonly over: boolean;
}

/**
 * Goes on comparing, from where the last slice ended. What is missing or stale is read and written at once, in the lane: the copy
 * can't be older than what stands in the mirror by then.
 */
export async function compareSlice(
  context: SourceContext,
  slice: Slice,
  before: AuditRun,
): Promise<SliceEnd> {
  const { source, module, handle, metrics } = context;
  const began = performance.now();
  let run = before;
  for await (const page of source.ids(module, run.afterId, slice.metered.signal)) {
    slice.metered.page(page.rows.length + page.unreadable.length, 0);
    metrics.pageRead(module);
    for (const part of partsOf(page, before.share === 'all' ? READ_AT_ONCE : Number.POSITIVE_INFINITY)) {
      run = await compareRange(context, slice, run, part);
      handle.progress({ audit: run.phase, records: run.records, found: run.found });
      if (performance.now() - began > SLICE_MS) return { run, over: false };
    }
  }
  // Only an empty page tells that no record comes after: whatever the mirror holds above is gone.
  return { run: await compareRange(context, slice, run, { dates: new Map(), upTo: null }), over: true };
}

/** Records of the source, and the id up to which there is no other; null where that is the last one. */
interface Part {
  readonly dates: ReadonlyMap<number, number | null>;
  readonly upTo: number | null;
}

/** A page in parts of so many records. */
function* partsOf({ rows, unreadable, lastId }: LightPage, most: number): Generator<Part> {
  const all: (readonly [number, number | null])[] = [
    ...rows.map(({ odooId, writeDate }) => [odooId, writeDate.getTime()] as const),
    ...unreadable.map(({ odooId }) => [odooId, null] as const),
  ];
  if (unreadable.length > 0) all.sort(([a], [b]) => a - b);
  for (let from = 0; from < all.length; from += most) {
    const some = all.slice(from, from + most);
    const isLast = from + most >= all.length;
    yield { dates: new Map(some), upTo: isLast ? lastId : (some.at(-1)?.[0] ?? lastId) };
  }
}

async function compareRange(
  context: SourceContext,
  slice: Slice,
  run: AuditRun,
  { dates, upTo }: Part,
): Promise<AuditRun> {
  const { store, user, module } = context;
  const range = { after: run.afterId, upTo, goneMost: GONE_MOST - run.gone.length };
  const compared = await store.compareIds(user, module, range, dates);
  const isWanted = (odooId: number) => {
    const date = dates.get(odooId);
    return date !== null && date !== undefined && date >= slice.mirroredFrom.getTime();
  };
  const missing = compared.missing.filter(isWanted);
  const differing = new Set([...compared.missing, ...compared.stale]);
  const same = [...dates.keys()].filter(
    (odooId) => !differing.has(odooId) && isOfShare(odooId, run.share, slice.shares),
  );
  const read = await readAll(
    context,
    slice,
    [...missing, ...compared.stale].sort((a, b) => a - b),
  );
  const again = await readAll(context, slice, same);
  const vanished = [...compared.stale, ...same].filter(
    (odooId) => read.vanished.has(odooId) || again.vanished.has(odooId),
  );
  const stale = compared.stale.filter((odooId) => !read.vanished.has(odooId));
  const gone = [...compared.gone, ...vanished].sort((a, b) => a - b);
  const found = {
    missing,
    stale,
    gone,
    goneCount: compared.goneCount + vanished.length,
    content: again.written,
  };
  return {
    ...run,
    afterId: upTo ?? run.afterId,
    records: run.records + dates.size,
    mirrored: run.mirrored + compared.mirrored,
    found: counted(run.found, found),
    healed: run.healed + read.written + again.written,
    unreadable: [...run.unreadable, ...idsOf(read.unreadable), ...idsOf(again.unreadable)].slice(
      0,
      NAMED_MOST,
    ),
    gone: [...run.gone, ...gone].slice(0, GONE_MOST),
  };
}

const idsOf = (records: readonly UnreadableRecord[]): readonly number[] =>
  records.map(({ odooId }) => odooId);

interface Found {
  readonly missing: readonly number[];
  readonly stale: readonly number[];
  readonly gone: readonly number[];
  readonly goneCount: number;
  readonly content: number;
}

function counted(before: Differences, { missing, stale, gone, goneCount, content }: Found): Differences {
  const named = (known: readonly number[], more: readonly number[]) =>
    [...known, ...more].slice(0, NAMED_MOST);
  return {
    content: before.content + content,
    missing: before.missing + missing.length,
    stale: before.stale + stale.length,
    gone: before.gone + goneCount,
    ids: {
      missing: named(before.ids.missing, missing),
      stale: named(before.ids.stale, stale),
      gone: named(before.ids.gone, gone),
    },
  };
}

/** Reads records in full and writes those that differ, some at a time. */
async function readAll(
  context: SourceContext,
  slice: Slice,
  odooIds: readonly number[],
): Promise<ReadInFull> {
  let written = 0;
  const unreadable: UnreadableRecord[] = [];
  const vanished = new Set<number>();
  for (let from = 0; from < odooIds.length; from += READ_AT_ONCE) {
    const read = await readInFull(context, slice, odooIds.slice(from, from + READ_AT_ONCE));
    written += read.written;
    unreadable.push(...read.unreadable);
    for (const odooId of read.vanished) vanished.add(odooId);
  }
  return { written, unreadable, vanished };
}

/** Each of these is asked for once more, in the turn and under the token by which it becomes a tombstone. */
export async function burySlice(
  context: SourceContext,
  { metered }: Slice,
  before: AuditRun,
): Promise<SliceEnd> {
  const { source, store, user, module, lane, turn, handle } = context;
  const began = performance.now();
  let run = before;
  for (;;) {
    const left = run.gone.filter((odooId) => odooId > run.afterId);
    if (left.length === 0) return { run, over: true };
    if (performance.now() - began > SLICE_MS) return { run, over: false };
    const some = left.slice(0, READ_AT_ONCE);
    const existing = await source.existing(module, some, metered.signal);
    if (lane.lost.aborted) throw new FencedOutError(lane.module, lane.token);
    const gone = some.filter((odooId) => !existing.has(odooId));
    const buried = await store.bury({ user, lane, module, origin: turn.turnId }, gone);
    run = { ...run, afterId: some.at(-1) ?? run.afterId, healed: run.healed + buried };
    handle.progress({ audit: run.phase, gone: run.gone.length, healed: run.healed });
  }
}
