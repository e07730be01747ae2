import { SyncError } from '@odoo-sync/core';
import { shapeOf } from './shapeOf.js';

const PLAIN = /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;
const DATE_TIME = /^(\d{1,4})-(\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{1,9})?$/;
const PLAIN_DATE = /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])$/;
const DATE = /^(\d{1,4})-(\d\d-\d\d)$/;

/**
 * Odoo's naive UTC text, in whole seconds. Python writes years before 1000, which are typing errors that Odoo keeps,
 * without leading zeros. Null for anything else.
 */
export function dateTimeOf(value: unknown): Date | null {
  if (typeof value !== 'string') return null;
  // Nearly all dates are, and there are several in each record.
  if (PLAIN.test(value)) return plainDate(value);
  const [, year = '', day, time] = DATE_TIME.exec(value) ?? [];
  return real(`${year.padStart(4, '0')}-${day}T${time}.000Z`);
}

/** Odoo's text of a day as `YYYY-MM-DD`; null for anything else. */
export function dayOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  if (PLAIN_DATE.test(value)) return value;
  const [, year = '', day] = DATE.exec(value) ?? [];
  const text = `${year.padStart(4, '0')}-${day}`;
  return real(`${text}T00:00:00.000Z`) && text;
}

/** As {@link dateTimeOf}. @throws SyncError `transient` for anything else: a broken answer. */
export function readDateTime(value: unknown, name: string): Date {
  const date = dateTimeOf(value);
  if (date === null)
    throw new SyncError(
      'transient',
      `expected a date and time such as "2026-01-31 23:59:59" in ${name}, got ${shapeOf(value)}`,
    );
  return date;
}

/** JavaScript takes February 30 for March 2. */
function real(text: string): Date | null {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) || date.toISOString() !== text ? null : date;
}

function plainDate(text: string): Date | null {
  const two = (at: number) => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
  const day = two(8);
  const date = new Date(Date.UTC(two(0) * 100 + two(2), two(5) - 1, day, two(11), two(14), two(17)));
  return day > 28 && date.getUTCDate() !== day ? null : date;
}
