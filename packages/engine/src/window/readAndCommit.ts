import type { Source, SourcePage, TurnHandle, TurnKind, WriteScope } from '@odoo-sync/core';
import { type LaneWork, prepareModule } from '../module/prepareModule.js';
import { readClock } from '../turn/clocks.js';
import { countCommit } from '../turn/countCommit.js';
import type { Engine } from '../turn/engine.js';
import { noteHealthy } from '../turn/faults.js';
import type { Ran } from '../turn/ran.js';
import type { Spool } from '../turn/spool.js';
import { type LimitedReading, withinLimits } from '../turn/turnLimits.js';
import { logCommitted } from '../turn/turnLog.js';
import { createUnreadFields } from '../turn/unreadFields.js';
import { fetchWindow, sealableAt, sealDueAt } from './fetchWindow.js';
import type { WorkItem } from './workItem.js';

/** A window that a turn may work on, its lane taken and its attempt begun. */
export interface WindowWork extends LaneWork {
  readonly kind: TurnKind;
  readonly item: WorkItem;
  readonly handle: TurnHandle;
}

/** Reads a window to its end and makes records and outcome visible together. @throws whatever Odoo or the store answers. */
export async function readAndCommit(
  engine: Engine,
  work: WindowWork,
  source: Source,
  signal: AbortSignal,
  again: boolean,
): Promise<Ran> {
  const { kind, user, plan, lane, item, handle } = work;
  const began = performance.now();
  const { settleMs } = engine.settings;
  source.setPace(Math.max(user.callDelayMs ?? engine.apiCallDelayMs, plan.paceMs));
  const prepared = await prepareModule(engine, work, source, signal, again);
  const pass: WriteScope = {
    user,
    lane,
    module: item.module,
    fields: prepared.fields,
    retired: prepared.retired,
    origin: item.turnId,
  };
  const early = engine.store.writeEarly(pass);
  const unread = createUnreadFields();
  const onPage = (page: SourcePage, so: Spool) => {
    engine.metrics.pageRead(item.module);
    unread.see(page.records);
    handle.progress({ pages: so.pages, records: so.records });
    handle.log(
      `page ${so.pages}: ${page.records.length} records, ${page.packed.length} bytes, ${Math.round(page.ms)} ms`,
    );
  };
  const reading: LimitedReading = {
    limits: engine.limits.window,
    what: `the ${item.module} of ${item.window.start.toISOString().slice(0, 10)}`,
    timeSetting: 'WINDOW_MAX_MS',
    url: user.address.url,
  };
  const { spool, readStartedAt, unreadable } = await withinLimits(reading, signal, (metered) =>
    fetchWindow(engine, item, source, prepared, metered, early, onPage),
  );
  try {
    const clock = await readClock(engine, plan, source);
    const result = {
      readStartedAt,
      seals: clock.believed && readStartedAt >= sealableAt(item.window, settleMs, plan.dbSkewMs),
      sealDueAt: sealDueAt(item.window, settleMs),
      unreadable,
      pages: spool.pages,
      durationMs: Math.round(performance.now() - began),
    };
    const { counts, refused } = await countCommit(engine, kind, pass, () =>
      item.commit(pass, spool, result, early),
    );
    const leftOut = [...unreadable, ...refused];
    await Promise.all([
      clock.news ? engine.store.noteClock(user, source.clock().now) : null,
      noteHealthy(engine, user, plan),
    ]);
    for (const { odooId, reason } of leftOut) handle.log(`record ${odooId} can't be read: ${reason}`);
    const lost = unread.sentence();
    if (lost) {
      handle.log(lost);
      engine.log.warn({}, lost);
    }
    if (leftOut.length > 0)
      engine.log.warn(
        { ids: leftOut.map(({ odooId }) => odooId), reason: leftOut[0]?.reason },
        'records that cannot be read were left out of a window',
      );
    handle.log(
      `committed: ${counts.inserted} new, ${counts.updated} changed, ${counts.unchanged} as they were`,
    );
    const done = { ...counts, pages: spool.pages, ms: result.durationMs };
    await logCommitted(engine, { kind, user, module: item.module, done });
    return {
      outcome: { type: 'done', result: { ...counts, pages: spool.pages } },
      summary: { outcome: 'succeeded', pages: spool.pages, counts },
    };
  } finally {
    await early.drop();
    await spool.close();
  }
}
