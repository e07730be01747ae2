import { errors } from '../odooError.js';
import { parseDatetime } from '../timestamps.js';

const SECOND = 1_000_000;
/** [from, to) in microseconds. */
export type TimeRange = readonly [from: number, to: number];

function boundary(value: unknown, version: number): number {
  if (typeof value !== 'string') return Number.NaN;
  const parsed = parseDatetime(value, version >= 19 ? 'refuse' : 'ignore');
  if (!parsed.ok)
    throw parsed.why === 'zone' ? errors.zonedDatetime(value) : errors.badDatetime(version, value);
  return version >= 19 ? Math.floor(parsed.microseconds / SECOND) * SECOND : parsed.microseconds;
}

/**
 * The moments that an operator on a stored datetime matches; undefined for operators that are no range. 19 works in whole
 * seconds (`>` means the next second on, `<=` the whole second, `=` any moment of it), 14 to 18 compare microseconds exactly.
 */
export function timeRange(operator: string, value: unknown, version: number): TimeRange | undefined {
  const step = version >= 19 ? SECOND : 1;
  const at = boundary(Array.isArray(value) ? value[0] : value, version);
  switch (operator) {
    case '>=':
      return [at, Number.POSITIVE_INFINITY];
    case '<':
      return [Number.NEGATIVE_INFINITY, at];
    case '>':
      return [at + step, Number.POSITIVE_INFINITY];
    case '<=':
      return [Number.NEGATIVE_INFINITY, at + step];
    case '=':
      return [at, at + step];
    case 'in':
      return Array.isArray(value) && value.length === 1 ? [at, at + step] : undefined;
    default:
      return undefined;
  }
}
