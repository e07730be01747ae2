const MINUS = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const BLANK = 0x20;
const DAY_MS = 86_400_000;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Two digits; NaN where they are none. */
function two(body: Buffer, at: number): number {
  const [tens, ones] = [(body[at] as number) - ZERO, (body[at + 1] as number) - ZERO];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Midnight of `YYYY-MM-DD`, UTC, in years from 1000 on; NaN for anything else. */
export function dayAt(body: Buffer, at: number): number {
  const year = two(body, at) * 100 + two(body, at + 2);
  const month = two(body, at + 5);
  const day = two(body, at + 8);
  if (body[at + 4] !== MINUS || body[at + 7] !== MINUS) return Number.NaN;
  if (!(year >= 1_000 && month >= 1 && month <= 12 && day >= 1)) return Number.NaN;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > (MONTH_DAYS[month - 1] as number) + (month === 2 && isLeap ? 1 : 0)) return Number.NaN;
  // Years that begin in March: the day that a leap year has more is then their last.
  const years = month <= 2 ? year - 1 : year;
  const era = Math.floor(years / 400);
  const ofEra = years - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const days = era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear;
  return (days - 719_468) * DAY_MS;
}

/** `YYYY-MM-DD HH:MM:SS` */
export function dateTimeAt(body: Buffer, at: number): number {
  const hours = two(body, at + 11);
  const minutes = two(body, at + 14);
  const seconds = two(body, at + 17);
  if (body[at + 10] !== BLANK || body[at + 13] !== COLON || body[at + 16] !== COLON) return Number.NaN;
  if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return Number.NaN;
  return dayAt(body, at) + ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}
