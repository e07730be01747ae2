import {
  emptyRanges,
  endedBy,
  rangeStartOf,
  type Source,
  SyncError,
  type Tiling,
  totalOf,
  windowOf,
  windowsIn,
  windowsToRead,
} from '@odoo-sync/core';
import type { Engine } from '../turn/engine.js';
import type { LaneWork } from './prepareModule.js';
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
export async function planBackfill(
  engine: Engine,
  work: LaneWork,
  source: Source,
  signal: AbortSignal,
): Promise<Tiling | null> {
  const { user, plan, lane } = work;
  const { module } = lane;
  const before = plan.modules[module].tiling;
  if (before?.range === user.rangeDays) return before;
  const believedNow = async () => new Date((await engine.store.now()).getTime() + plan.skewMs);
  const end = before?.from ?? windowOf(await believedNow()).end;
  const ask: Ask = (question) => orNothing(engine, work, signal, question);
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
  const surveyedAt = new Date(Math.min((await believedNow()).getTime(), odooNow));
  const sealable = new Date(surveyedAt.getTime() - engine.settings.settleMs - plan.dbSkewMs);
  const old = days ? emptyRanges(start, end, days).flatMap((one) => endedBy(one, sealable) ?? []) : [];
  const empty = (await ask(() => provenEmpty((some) => source.count(module, some, signal), old))) ?? [];
  const tiling: Tiling = { range: user.rangeDays, from: start, until: before?.until ?? end };
  const toRead = windowsToRead(start, end, empty, days);
  const records = totalOf(days);
  const laid = await engine.store.createWindows(lane, before, {
    tiling,
    toRead,
    empty,
    surveyedAt,
    records,
  });
  if (!laid) return null;
  const sealed = empty.reduce((sum, range) => sum + windowsIn(range), 0);
  engine.log.info(
    { from: start, toRead: toRead.length, sealed, records },
    days ? 'the history is surveyed' : 'the history is laid out without a survey',
  );
  return tiling;
}

/** A survey that fails holds up no window; one that found no Odoo is asked again with the next turn, a few times. */
async function orNothing<T>(
  engine: Engine,
  { plan, lane }: LaneWork,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted || !(error instanceof SyncError)) throw error;
    if (error.kind === 'credentials' || error.kind === 'throttled') throw error;
    const surveyTries = plan.modules[lane.module].surveyTries + 1;
    if (error.unreachable && surveyTries < SURVEY_TRIES) {
      await engine.store.noteModule(lane, { surveyTries });
      throw error;
    }
    engine.log.warn({ err: error }, 'a survey failed: no window is sealed by it');
    return null;
  }
}
