const DAY_SECONDS = 86_400;
const days = new Map<number, string>();
const timesOfDay: string[] = [];

const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

function timeOfDay(second: number): string {
  const known = timesOfDay[second];
  if (known !== undefined) return known;
  const text = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  timesOfDay[second] = text;
  return text;
}

/** `YYYY-MM-DD` of a day number since 1970. */
export function dayText(day: number): string {
  const known = days.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
  if (days.size > 50_000) days.clear();
  days.set(day, text);
  return text;
}

/** Odoo's text of a moment, in UTC, cut (never rounded) to seconds: `YYYY-MM-DD HH:MM:SS`. */
export function secondText(seconds: number): string {
  const whole = Math.floor(seconds);
  const day = Math.floor(whole / DAY_SECONDS);
  return `${dayText(day)} ${timeOfDay(whole - day * DAY_SECONDS)}`;
}

export type ParsedDatetime =
  | { readonly ok: true; readonly microseconds: number }
  | { readonly ok: false; readonly why: 'zone' | 'format' };

const DATETIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** Reads a datetime of a domain as UTC. A zone is refused by 19 and ignored by older servers (`zones`). */
export function parseDatetime(text: string, zones: 'refuse' | 'ignore'): ParsedDatetime {
  const match = DATETIME.exec(text.trim());
  if (match === null) return { ok: false, why: 'format' };
  if (match[8] !== undefined && zones === 'refuse') return { ok: false, why: 'zone' };
  const part = (index: number): number => Number(match[index] ?? 0);
  const milliseconds = Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6));
  const fraction = Number((match[7] ?? '').padEnd(6, '0'));
  return Number.isNaN(milliseconds)
    ? { ok: false, why: 'format' }
    : { ok: true, microseconds: milliseconds * 1000 + fraction };
}
