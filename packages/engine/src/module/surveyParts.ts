import {
  halvesOf,
  type SurveyedDay,
  WINDOW_MS,
  type WindowRange,
  windowOf,
  windowsIn,
} from '@odoo-sync/core';

/** After so many failures in a row a survey is given up, and after so many questions. */
const FAILURES = 3;
const QUESTIONS = 100;
const SMALLER = 4;

/**
 * Surveys a history that Odoo can't survey at one go (a statement that takes too long, one day that it stumbles over): in
 * quarters, and in quarters of those that fail. Windows that no answer speaks of are days without a count.
 *
 * @param ask null for a survey that failed.
 * @returns null when nothing was learned.
 */
export async function surveyParts(
  ask: (part: WindowRange) => Promise<readonly SurveyedDay[] | null>,
  whole: WindowRange,
): Promise<readonly SurveyedDay[] | null> {
  const days: SurveyedDay[] = [];
  const parts: WindowRange[] = [whole];
  let most = quarterOf(whole);
  let failures = 0;
  let asked = 0;
  let learned = false;
  for (let part = parts.shift(); part; part = parts.shift()) {
    if (failures === FAILURES || asked === QUESTIONS) {
      days.push(...uncounted(part));
      continue;
    }
    if (windowsIn(part) > most) {
      parts.unshift(...halvesOf(part));
      continue;
    }
    asked++;
    const told = await ask(part);
    if (told) {
      days.push(...told);
      failures = 0;
      learned = true;
    } else {
      failures++;
      most = quarterOf(part);
      if (windowsIn(part) > 1) parts.unshift(part);
      else days.push(...uncounted(part));
    }
  }
  return learned ? days : null;
}

const quarterOf = (part: WindowRange): number => Math.max(1, Math.ceil(windowsIn(part) / SMALLER));

function uncounted({ start, end }: WindowRange): readonly SurveyedDay[] {
  const days: SurveyedDay[] = [];
  for (let next = windowOf(start).start; next < end; next = new Date(next.getTime() + WINDOW_MS))
    days.push({ start: next, records: null });
  return days;
}
