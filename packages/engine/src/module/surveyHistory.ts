import type { ModuleName, Source, SurveyedDay } from '@odoo-sync/core';
import { oldestWindow } from './oldestWindow.js';
import { surveyParts } from './surveyParts.js';

/** Asks an Odoo something that it need not answer. @returns null where it fails. */
export type Ask = <T>(question: () => Promise<T>) => Promise<T | null>;

export interface HistoryRange {
  /** Where the user's range begins; null for the whole history. */
  readonly asked: Date | null;
  readonly end: Date;
  /** The first window of a whole history without a record. */
  readonly none: Date;
  readonly signal: AbortSignal;
}

export interface Surveyed {
  /** The first window. */
  readonly start: Date;
  /** Null when no survey told anything. */
  readonly days: readonly SurveyedDay[] | null;
}

/** There was no Odoo before: so far back a whole history is read where Odoo doesn't tell how old its oldest record is. */
const FIRST_ODOO = new Date('2005-01-01T00:00:00Z');

/** Finds where a module's history begins, and what its days hold: at one go, else in parts, else not at all. */
export async function surveyHistory(
  ask: Ask,
  source: Source,
  module: ModuleName,
  range: HistoryRange,
): Promise<Surveyed> {
  const { asked, end, signal } = range;
  const known = asked !== null && asked > end ? end : asked;
  const whole = await ask(() => source.survey(module, { start: known, end }, signal));
  const start = known ?? (await wholeStart(ask, source, module, range, whole));
  if (whole || start >= end) return { start, days: whole };
  const part = (one: { readonly start: Date; readonly end: Date }) =>
    ask(() => source.survey(module, one, signal));
  return { start, days: await surveyParts(part, { start, end }) };
}

async function wholeStart(
  ask: Ask,
  source: Source,
  module: ModuleName,
  { end, none, signal }: HistoryRange,
  days: readonly SurveyedDay[] | null,
): Promise<Date> {
  const first = days?.map(({ start }) => start).sort((a, b) => a.getTime() - b.getTime())[0] ?? null;
  const found = await ask(async () => ({ oldest: await oldestWindow(source, module, end, first, signal) }));
  if (found) return found.oldest?.start ?? none;
  return FIRST_ODOO < end ? FIRST_ODOO : none;
}
