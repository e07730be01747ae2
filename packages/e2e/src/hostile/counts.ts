import type { Twist } from '../harness/hostileOdoo.js';
import { CALLS, type Entry, Text, to } from './entry.js';

const dated =
  (date: string): Twist =>
  (exchange) =>
    exchange.pass({ date });
const counting = (count: string): Twist =>
  to(['survey', 'count'], async (exchange) => {
    if (exchange.asked === 'count') return exchange.json(count);
    const { value } = await exchange.honest();
    exchange.json(JSON.stringify(value).replaceAll(/"__count": ?\d+/g, `"__count": ${new Text(count).text}`));
  });

/** Section 1: clocks, and numbers that a survey gives. */
export const COUNTS: readonly Entry[] = [
  {
    name: 'a clock of the year 9999',
    does: dated('Fri, 31 Dec 9999 23:59:59 GMT'),
    operator: /clock/,
    mirrored: 'all',
  },
  {
    name: 'a clock of 1970',
    does: dated('Thu, 01 Jan 1970 00:00:00 GMT'),
    operator: /clock/,
    mirrored: 'all',
  },
  { name: 'a clock that is none', does: dated('soon'), operator: null, mirrored: 'all' },
  { name: 'half a record a day', does: counting('0.5'), operator: null, mirrored: 'all' },
  { name: 'fewer than no records', does: counting('-3'), operator: null, mirrored: 'all' },
  { name: 'more records than there are numbers', does: counting('1e999'), operator: null, mirrored: 'all' },
  {
    name: 'a survey that is no list',
    does: to('survey', ({ json }) => json('{"a": [1, 2]}')),
    operator: null,
    mirrored: 'all',
  },
  {
    name: 'a survey of the year 9999',
    does: to('survey', ({ json }) =>
      json('[{"__count": 3, "__extra_domain": [["write_date", ">=", "9999-12-31 00:00:00"]]}]'),
    ),
    operator: null,
    mirrored: 'all',
  },
  {
    name: 'a search_count that always fails, with range `all`',
    does: to('count', ({ fault }) => fault('psycopg2.errors.QueryCanceled', 'statement timeout')),
    operator: null,
    mirrored: 'all',
    range: 'all',
  },
  {
    name: 'surveys of all kinds that always fail',
    does: to(['survey', 'count'], ({ fault }) => fault('psycopg2.errors.QueryCanceled', 'statement timeout')),
    operator: null,
    mirrored: 'all',
  },
  {
    name: 'Retry-After of 30 years',
    does: to(CALLS, ({ raw }) => raw('', 429, { 'Retry-After': '1000000000' })),
    operator: /asks for fewer requests/,
    mirrored: 'none',
  },
  {
    name: 'Retry-After before now, and in the year 9999',
    does: to(CALLS, ({ raw, before }) =>
      raw('', 503, { 'Retry-After': before % 2 ? '-5' : 'Fri, 31 Dec 9999 23:59:59 GMT' }),
    ),
    operator: /asks for fewer requests/,
    mirrored: 'none',
  },
];
