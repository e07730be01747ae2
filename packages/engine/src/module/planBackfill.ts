import {
  type BackfillPlan,
  emptyRanges,
  endedBy,
  odooTime,
  rangeStartOf,
  SyncError,
  type Tiling,
  toOdooTime,
  totalOf,
  windowOf,
  windowsIn,
  windowsToRead,
} from '@odoo-sync/core';
import type { SourceContext } from '../turn/turnContext.js';
import { provenEmpty } from './provenEmpty.js';
import { type Ask, surveyHistory } from './surveyHistory.js';

const SURVEY_TRIES = 3;

/**
 * Makes a module's windows, the first time it is met and when its user was given a wider range: one survey says what each
 * window holds, and which ranges of them hold nothing and can be sealed by it. A survey is a help, never a condition: where
 * it fails, smaller ones are asked for, and what they leave out is windows without counts, to be read one by one; where Odoo
 * can't be reached it is tried again with the next turn first.
 *
 * Two clocks must agree that a window can be sealed, the store's (with what it knows of Odoo's) and that of Odoo's last
 * answer, so that neither a strange `Date` nor a host that runs ahead seals anything too early.
 *
 * @returns the module's tiling as it is now; null when another turn made it at the same moment.
 */
export async function planBackfill(context: SourceContext): Promise<Tiling | null> {
  const { store, user, state, lane, source, signal, settings, log } = context;
  const { module } = lane;
  const before = state.modules[module].tiling;
  if (before?.range === user.rangeDays) return before;
  const believedNow = async () => toOdooTime(await store.now(), state);
  const end = before?.from ?? windowOf(await believedNow()).end;
  const ask: Ask = (question) => orNothing(context, question);
  const { start, days } = await surveyHistory(ask, source, module, {
    asked: rangeStartOf(user),
    end,
    // Nothing is older than what is there: no window more, or the one of today alone.
    none: before ? end : windowOf(new Date(end.getTime() - 1)).start,
    signal,
  });

  // An Odoo that is behind beyond belief may yet date a record into what our clock calls over.
  const { now, offMs } = source.clock();
  const odooNow = now.getTime() + Math.min(0, offMs ?? 0);
  const surveyedAt = odooTime(Math.min((await believedNow()).getTime(), odooNow));
  const sealable = new Date(surveyedAt.getTime() - settings.settleMs - state.dbSkewMs);
  const old = days ? emptyRanges(start, end, days).flatMap((one) => endedBy(one, sealable) ?? []) : [];
  const empty = (await ask(() => provenEmpty((some) => source.count(module, some, signal), old))) ?? [];
  const tiling: Tiling = { range: user.rangeDays, from: start, until: before?.until ?? odooTime(end) };
  const toRead = windowsToRead(start, end, empty, days);
  const records = totalOf(days);
  const plan: BackfillPlan = { tiling, toRead, empty, surveyedAt, records };
  if (!(await store.createWindows(lane, before, plan))) return null;
  const sealed = empty.reduce((sum, range) => sum + windowsIn(range), 0);
  log.info(
    { from: start, toRead: toRead.length, sealed, records },
    days ? 'the history is surveyed' : 'the history is laid out without a survey',
  );
  return tiling;
}

/** A survey that fails holds up no window; one that found no Odoo is asked again with the next turn, a few times. */
async function orNothing<T>(
  { store, state, lane, signal, log }: SourceContext,
  ask: () => Promise<T>,
): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted || !(error instanceof SyncError)) throw error;
    if (error.kind === 'credentials' || error.kind === 'throttled') throw error;
    const surveyTries = state.modules[lane.module].surveyTries + 1;
    if (error.unreachable && surveyTries < SURVEY_TRIES) {
      await store.noteModule(lane, { surveyTries });
      throw error;
    }
    log.warn({ err: error }, 'a survey failed: no window is sealed by it');
    return null;
  }
}
