import { fieldsOf } from '../fieldTable.js';
import { errors, OdooError } from '../odooError.js';
import { findIds } from '../query/find.js';
import { secondText } from '../timestamps.js';
import { answer, countOf, type MethodAnswer, type MethodCall, mustRead } from './method.js';

const SECONDS = { hour: 3600, day: 86_400 } as const;
type Granularity = keyof typeof SECONDS;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Group {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly ids: readonly number[];
  count: number;
}

interface Grouping {
  readonly spec: string;
  readonly groups: readonly Group[];
}

function timeZoneOffset(zone: unknown, second: number): number {
  if (typeof zone !== 'string' || zone === 'UTC') return 0;
  const text = new Date(second * 1000).toLocaleString('sv-SE', { timeZone: zone });
  return Date.parse(`${text.replace(' ', 'T')}Z`) / 1000 - second;
}

function label(second: number, granularity: Granularity): string {
  const date = new Date(second * 1000);
  const day = `${`${date.getUTCDate()}`.padStart(2, '0')} ${MONTHS[date.getUTCMonth()]}`;
  if (granularity === 'day') return `${day} ${date.getUTCFullYear()}`;
  const hour = date.getUTCHours() % 12 === 0 ? 12 : date.getUTCHours() % 12;
  return `${`${hour}`.padStart(2, '0')}:00 ${day}`;
}

/** Counts by hour or day of write_date or create_date, in the context's time zone, oldest first. */
function group(call: MethodCall, spec: string): Grouping {
  mustRead(call);
  const { database, model, parameters, context } = call;
  const [field = '', unit = 'month'] = spec.split(':');
  if (fieldsOf(database.version, model)[field] === undefined) throw errors.unknownOrder(model, field);
  if ((field !== 'write_date' && field !== 'create_date') || !(unit in SECONDS)) {
    throw new OdooError(
      'builtins.NotImplementedError',
      `The simulator groups by write_date or create_date, :hour or :day, not by "${spec}"`,
    );
  }
  const granularity = unit as Granularity;
  const size = SECONDS[granularity];
  const table = database.table(model);
  const ids = findIds(database, model, {
    domain: parameters.domain,
    activeTest: context.active_test !== false,
    rule: call.user.rules[model],
  });
  const buckets = new Map<number, { count: number; least: number; most: number }>();
  for (const id of ids) {
    const second = field === 'write_date' ? table.writtenAt(id) / 1_000_000 : table.createdSecond(id);
    const key = Math.floor((second + timeZoneOffset(context.tz, Math.floor(second))) / size);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, { count: 1, least: id, most: id });
    else {
      bucket.count += 1;
      bucket.most = id;
    }
  }
  const groups = [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([key, bucket]) => {
      const local = key * size;
      const start = local - timeZoneOffset(context.tz, local);
      return {
        from: secondText(start),
        to: secondText(start + size),
        label: label(local, granularity),
        ids: [bucket.least, bucket.most],
        count: bucket.count,
      };
    });
  const order = String(parameters.order ?? parameters.orderby ?? '');
  const ordered = /\bdesc\b/i.test(order) ? groups.reverse() : groups;
  const offset = countOf(parameters.offset) ?? 0;
  return {
    spec,
    groups: ordered.slice(offset, offset + (countOf(parameters.limit) ?? Number.POSITIVE_INFINITY)),
  };
}

function first(value: unknown): string {
  return String(Array.isArray(value) ? value[0] : value);
}

/** read_group, as 14 to 19 answer it (19 still has it, deprecated). */
export function readGroup(call: MethodCall): MethodAnswer {
  const { spec, groups } = group(call, first(call.parameters.groupby));
  const field = spec.split(':')[0]!;
  const { domain } = call.parameters;
  const lazy = call.parameters.lazy !== false;
  const rangeKey = call.database.version < 16 ? field : spec;
  const own = Array.isArray(domain) ? domain : [];
  const value = groups.map(({ from, to, label: text, count }) => {
    const terms = [
      [field, '>=', from],
      [field, '<', to],
    ];
    const joined = [...own, ...terms];
    return {
      [spec]: text,
      [lazy ? `${field}_count` : '__count']: count,
      __domain: [
        ...Array.from(
          {
            length:
              joined.filter(Array.isArray).length -
              1 -
              own.filter((term) => term === '&' || term === '|').length,
          },
          () => '&',
        ),
        ...joined,
      ],
      __range: { [rangeKey]: { from, to } },
    };
  });
  return answer(call, value, groups.length);
}

/** formatted_read_group, 19: each group with its own extra domain. */
export function formattedReadGroup(call: MethodCall): MethodAnswer {
  const { parameters } = call;
  const aggregates = Array.isArray(parameters.aggregates) ? (parameters.aggregates as string[]) : [];
  const specs = Array.isArray(parameters.groupby) ? (parameters.groupby as string[]) : [];
  if (specs.length === 0)
    return answer(call, [{ __extra_domain: [[1, '=', 1]], ...total(call, aggregates) }], 1);
  const { spec, groups } = group(call, specs[0]!);
  const field = spec.split(':')[0]!;
  const value = groups.map(({ from, to, label: text, ids, count }) => ({
    [spec]: [from, text],
    __extra_domain: ['&', [field, '>=', from], [field, '<', to]],
    ...aggregated(aggregates, { count, least: ids[0]!, most: ids[1]! }),
  }));
  return answer(call, value, groups.length);
}

function aggregated(
  aggregates: readonly string[],
  of: { readonly count: number; readonly least: number; readonly most: number },
): Record<string, unknown> {
  const known: Record<string, unknown> = {
    __count: of.count,
    'id:min': of.least,
    'id:max': of.most,
    'id:count': of.count,
  };
  return Object.fromEntries(aggregates.map((name) => [name, known[name] ?? false]));
}

function total(call: MethodCall, aggregates: readonly string[]): Record<string, unknown> {
  mustRead(call);
  const { database, model, parameters, context } = call;
  const table = database.table(model);
  const ids = findIds(database, model, {
    domain: parameters.domain,
    activeTest: context.active_test !== false,
    rule: call.user.rules[model],
  });
  let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const id of ids) {
    const written = table.writtenAt(id);
    earliest = Math.min(earliest, written);
    latest = Math.max(latest, written);
  }
  const times =
    ids.length === 0
      ? {}
      : {
          'write_date:min': secondText(earliest / 1_000_000),
          'write_date:max': secondText(latest / 1_000_000),
        };
  return {
    ...aggregated(aggregates, { count: ids.length, least: ids[0] ?? 0, most: ids.at(-1) ?? 0 }),
    ...Object.fromEntries(Object.entries(times).filter(([name]) => aggregates.includes(name))),
  };
}
