import { type DomainTerm, odooDateTime, type SurveyedDay, SyncError, type TimeRange } from '@odoo-sync/core';
import { readDateTime } from './dateTime.js';

/** The terms of a range, as a window's. */
export const boundsOf = ({ start, end }: TimeRange): readonly DomainTerm[] => [
  ...(start ? [['write_date', '>=', odooDateTime(start)] as const] : []),
  ['write_date', '<', odooDateTime(end)],
];

/** The terms of a module and a range, in Odoo's prefix notation, in which terms side by side are joined by AND. */
export const surveyDomain = (base: readonly DomainTerm[], range: TimeRange): readonly DomainTerm[] => [
  ...base,
  ...boundsOf(range),
];

/** The same for any of several ranges. */
export function anyOf(base: readonly DomainTerm[], ranges: readonly TimeRange[]): readonly unknown[] {
  const ors: readonly unknown[] = Array.from({ length: ranges.length - 1 }, () => '|');
  const each = ranges.flatMap((range): readonly unknown[] => {
    const bounds = boundsOf(range);
    return bounds.length === 2 ? ['&', ...bounds] : bounds;
  });
  return [...base, ...ors, ...each];
}

/** Odoo's ids have 31 bits: there are no more records than that. */
const RECORDS_MOST = 2 ** 31;

/** Whether a value can be a number of records. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < RECORDS_MOST;

/**
 * Reads the groups of `read_group` (14 on) or `formatted_read_group` (19 on) by day. The labels are made for a reader's
 * language; the day is read off the domain that stands beside each group. A count that can be none leaves its day uncounted.
 * Days outside of what was asked for are no answer to it.
 */
export function readGroups(value: unknown, { start: from, end }: TimeRange): readonly SurveyedDay[] {
  if (!Array.isArray(value)) throw new SyncError('transient', "Odoo's answer to the survey is no list");
  const days = value.map((one: Readonly<Record<string, unknown>> | null): SurveyedDay => {
    const group = one ?? {};
    const records = group.__count ?? group.write_date_count;
    const domain = group.__extra_domain ?? group.__domain;
    const start = Array.isArray(domain) ? latestStart(domain) : undefined;
    if (start === undefined) throw new SyncError('bug', 'a group of the survey names no day in its domain');
    return { start: readDateTime(start, 'write_date'), records: isCount(records) ? records : null };
  });
  return days.filter(({ start }) => start < end && (from === null || start >= from));
}

/** Of several lower bounds, the survey's own and the day's, the later one is the day's. */
function latestStart(domain: readonly unknown[]): string | undefined {
  const starts = domain.flatMap((term) =>
    Array.isArray(term) && term[0] === 'write_date' && term[1] === '>=' && typeof term[2] === 'string'
      ? [term[2]]
      : [],
  );
  return starts.sort().at(-1);
}
