import {
  emptyStretches,
  endedBy,
  type ModuleName,
  rangeStartOf,
  type Source,
  type SurveyedDay,
  SyncError,
  type Tiling,
  type User,
  type UserPlan,
  windowOf,
  windowsIn,
  windowsToRead,
} from '@odoo-sync/core';
import type { Engine } from './engine.js';
import { oldestWindow } from './oldestWindow.js';
import { provenEmpty } from './provenEmpty.js';

const SURVEY_TRIES = 3;

/**
 * Makes a module's windows, the first time it is met and when its user was given a wider range: one survey says what each
 * window holds, and which stretches of them hold nothing and can be sealed by it. A survey that fails leaves windows
 * without counts, to be read one by one; where Odoo can't be reached it is tried again with the next turn first.
 *
 * Two clocks must agree that a window can be sealed, the store's (with what it knows of Odoo's) and that of Odoo's last
 * answer, so that neither a strange `Date` nor a host that runs ahead seals anything too early.
 *
 * @returns the module's tiling as it is now; null when another turn made it at the same moment.
 */
export async function layHistory(
  engine: Engine,
  user: User,
  module: ModuleName,
  plan: UserPlan,
  source: Source,
  signal: AbortSignal,
): Promise<Tiling | null> {
  const before = plan.modules[module].tiling;
  if (before?.range === user.rangeDays) return before;
  const believedNow = async () => new Date((await engine.store.now()).getTime() + plan.skewMs);
  const end = before?.from ?? windowOf(await believedNow()).end;
  const surveyed = await survey(engine, user, module, plan, source, end, signal);
  const { start, days } = surveyed;

  const surveyedAt = new Date(Math.min((await believedNow()).getTime(), source.clock().now.getTime()));
  const sealable = new Date(surveyedAt.getTime() - engine.settings.settleMs - plan.dbSkewMs);
  const old = days ? emptyStretches(start, end, days).flatMap((one) => endedBy(one, sealable) ?? []) : [];
  const empty =
    (await orNothing(engine, user, module, plan, signal, () =>
      provenEmpty((some) => source.count(module, some, signal), old),
    )) ?? [];
  const tiling: Tiling = { range: user.rangeDays, from: start, until: before?.until ?? end };
  const toRead = windowsToRead(start, end, empty, days);
  const records = days?.reduce((sum, day) => sum + day.records, 0) ?? null;
  const laid = await engine.store.layHistory(user.userKey, module, before, {
    tiling,
    toRead,
    empty,
    surveyedAt,
    records,
  });
  if (!laid) return null;
  const sealed = empty.reduce((sum, stretch) => sum + windowsIn(stretch), 0);
  engine.log.info(
    { from: start, toRead: toRead.length, sealed, records },
    days ? 'the history is surveyed' : 'the history is laid out without a survey',
  );
  return tiling;
}

interface Surveyed {
  /** The first window. */
  readonly start: Date;
  /** Null when the survey failed. */
  readonly days: readonly SurveyedDay[] | null;
}

async function survey(
  engine: Engine,
  user: User,
  module: ModuleName,
  plan: UserPlan,
  source: Source,
  end: Date,
  signal: AbortSignal,
): Promise<Surveyed> {
  const asked = rangeStartOf(user);
  const start = asked && (asked < end ? asked : end);
  const days = await orNothing(engine, user, module, plan, signal, () =>
    source.survey(module, { start, end }, signal),
  );
  if (start !== null) return { start, days };
  const first = days?.map(({ start: day }) => day).sort((a, b) => a.getTime() - b.getTime())[0];
  const oldest = await oldestWindow(source, module, end, first ?? null, signal);
  // Nothing is older than what is there: no window more, or the one of today alone.
  const none = plan.modules[module].tiling ? end : windowOf(new Date(end.getTime() - 1)).start;
  return { start: oldest?.start ?? none, days };
}

/** A survey that fails holds up no window; one that found no Odoo is asked again with the next turn, a few times. */
async function orNothing<T>(
  engine: Engine,
  user: User,
  module: ModuleName,
  plan: UserPlan,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted || !(error instanceof SyncError)) throw error;
    if (error.kind === 'credentials' || error.kind === 'throttled') throw error;
    const surveyTries = plan.modules[module].surveyTries + 1;
    if (error.unreachable && surveyTries < SURVEY_TRIES) {
      await engine.store.noteModule(user.userKey, module, { surveyTries });
      throw error;
    }
    engine.log.warn({ err: error }, 'a survey failed: no window is sealed by it');
    return null;
  }
}
