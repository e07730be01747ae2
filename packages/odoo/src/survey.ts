import {
  type DomainTerm,
  moduleOf,
  odooDateTime,
  type SurveyedDay,
  SyncError,
  type TimeRange,
} from '@odoo-sync/core';
import { readDateTime } from './dateTime.js';
import { shapeOf } from './shapeOf.js';
import type { ModuleQuestion } from './transport.js';

const FORMATTED_SINCE = 19;

/** The terms of a range, as a window's. */
export const termsOf = ({ start, end }: TimeRange): readonly DomainTerm[] => [
  ...(start ? [['write_date', '>=', odooDateTime(start)] as const] : []),
  ['write_date', '<', odooDateTime(end)],
];

/** How many records each day of a range holds, which Odoo of this version is asked in one question. */
export async function surveyDays(
  { transport, module, context, signal }: ModuleQuestion,
  major: number,
  range: TimeRange,
): Promise<readonly SurveyedDay[]> {
  const { model, baseDomain } = moduleOf(module);
  const domain = [...baseDomain, ...termsOf(range)];
  const groupby = ['write_date:day'];
  // By day in UTC, whatever the user's own time zone is.
  const inUtc = { ...context, tz: 'UTC' };
  const { value } =
    major >= FORMATTED_SINCE
      ? await transport.call(
          model,
          'formatted_read_group',
          { domain, groupby, aggregates: ['__count'], context: inUtc },
          signal,
        )
      : await transport.call(
          model,
          'read_group',
          { domain, fields: ['write_date'], groupby, lazy: false, context: inUtc },
          signal,
        );
  return readGroups(value, range);
}

/** How many records lie in any of some ranges, of which there is one at least. */
export async function countRecords(
  { transport, module, context, signal }: ModuleQuestion,
  ranges: readonly TimeRange[],
): Promise<number> {
  const { model, baseDomain } = moduleOf(module);
  const { value } = await transport.call(
    model,
    'search_count',
    { domain: [...baseDomain, ...anyOf(ranges)], context },
    signal,
  );
  if (!isCount(value))
    throw new SyncError('bug', `expected a count from Odoo's search_count, got ${shapeOf(value)}`);
  return value;
}

/** The terms of any of several ranges, in Odoo's prefix notation, in which terms side by side are joined by AND. */
function anyOf(ranges: readonly TimeRange[]): readonly unknown[] {
  const ors: readonly unknown[] = Array.from({ length: ranges.length - 1 }, () => '|');
  const each = ranges.flatMap((range): readonly unknown[] => {
    const terms = termsOf(range);
    return terms.length === 2 ? ['&', ...terms] : terms;
  });
  return [...ors, ...each];
}

/** Odoo's ids have 31 bits: there are no more records than that. */
const RECORDS_MOST = 2 ** 31;

/** Whether a value can be a number of records. */
const isCount = (value: unknown): value is number =>
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
