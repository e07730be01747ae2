import {
  later,
  type OdooTime,
  odooTime,
  type TurnOutcome,
  type UnreadableRecord,
  type Window,
  type WriteScope,
} from '@odoo-sync/core';
import { prepareModule, schemaOf } from '../module/prepareModule.js';
import { readClock } from '../turn/clocks.js';
import { countCommit } from '../turn/countCommit.js';
import { noteHealthy } from '../turn/faults.js';
import { laneTurn } from '../turn/laneTurn.js';
import type { SourceContext, TurnContext } from '../turn/turnContext.js';
import { createUnreadFields } from '../turn/unreadFields.js';
import { logCommitted } from './logCommitted.js';
import { readWindow } from './readWindow.js';
import { loadWorkItem, type WorkItem, workItemOf } from './workItem.js';

/**
 * Runs one window in its lane: a batch's backfill or seal, or a resync's position. It is read to its end, and then records and
 * outcome become visible together.
 */
export const windowTurn = (context: TurnContext): Promise<TurnOutcome> =>
  laneTurn(context, {
    load: ({ turn }) => loadWorkItem(context, turn, turn),
    async look({ store, turn }) {
      const view = await store.windowView(turn);
      return view && { user: view.user, state: view.state, work: workItemOf(context, turn, turn, view) };
    },
    run: readAndCommit,
  });

/** Reads the window to its end and makes records and outcome visible together. @throws whatever Odoo or the store answers. */
async function readAndCommit(context: SourceContext, item: WorkItem, again: boolean): Promise<TurnOutcome> {
  const { user, state, lane, store, source, settings, handle } = context;
  const began = performance.now();
  const schema = await schemaOf(context, await prepareModule(context, again));
  const scope: WriteScope = { user, lane, module: item.module, ...schema, origin: item.turnId };
  const early = store.writeEarly(scope);
  const unread = createUnreadFields();
  const onPage = unread.see;
  const { spool, readStartedAt, unreadable } = await readWindow(context, item.window, {
    fields: schema.fields,
    early,
    onPage,
  });
  try {
    const clock = readClock(context);
    const pass = {
      readStartedAt,
      seals: clock.believed && readStartedAt >= sealableAt(item.window, settings.settleMs, state.dbSkewMs),
      sealDueAt: sealDueAt(item.window, settings.settleMs),
      unreadable,
      pages: spool.pages,
      durationMs: Math.round(performance.now() - began),
    };
    const { counts, refused } = await countCommit(context, () =>
      item.commit(scope, { stream: spool, pass, early }),
    );
    await Promise.all([clock.news ? store.noteClock(user, source.clock().now) : null, noteHealthy(context)]);
    logLeftOut(context, [...unreadable, ...refused], unread.sentence());
    handle.log(
      `committed: ${counts.inserted} new, ${counts.updated} changed, ${counts.unchanged} as they were`,
    );
    const { pages, durationMs: ms } = pass;
    await logCommitted(context, item, { ...counts, pages, ms });
    return { type: 'done', result: { ...counts, pages }, end: 'succeeded', pages, counts };
  } finally {
    await early.drop();
    await spool.close();
  }
}

/** When a window can be sealed, by Odoo's clock; `dbSkewMs` is how far its database's clock runs ahead. */
const sealableAt = (window: Window, settleMs: number, dbSkewMs: number): OdooTime =>
  later(odooTime(window.end), settleMs + dbSkewMs);

// A seal that came due a moment early by rounding would be read twice: Odoo's Date is cut to seconds.
const CLOCK_GRAIN_MS = 2_000;

/** When its seal turn is due: the database's skew is added by the store, which knows the newest. */
const sealDueAt = (window: Window, settleMs: number): OdooTime =>
  later(odooTime(window.end), settleMs + CLOCK_GRAIN_MS);

/** Tells of records, and of values, that are not in the mirror as they are in Odoo. */
function logLeftOut(
  { handle, log }: SourceContext,
  leftOut: readonly UnreadableRecord[],
  unreadFields: string | null,
): void {
  for (const { odooId, reason } of leftOut) handle.log(`record ${odooId} can't be read: ${reason}`);
  if (unreadFields) {
    handle.log(unreadFields);
    log.warn({}, unreadFields);
  }
  if (leftOut.length > 0)
    log.warn(
      { ids: leftOut.map(({ odooId }) => odooId), reason: leftOut[0]?.reason },
      'records that cannot be read were left out of a window',
    );
}
