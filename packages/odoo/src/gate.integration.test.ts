import { describe, expect, test } from '@jest/globals';
import {
  type FieldList,
  type Source,
  type SourcePage,
  type SourceRecord,
  SyncError,
  type Window,
} from '@odoo-sync/core';
import fc from 'fast-check';
import { ANSWERED, collect, never, type OdooCall, PythonError, Servers } from './testing/server.js';

/**
 * Whatever an Odoo answers on any way of reading: a record has the list's fields and no others, each of its type or null and
 * named; or it is unreadable, or the answer is broken. What a type promises is written down here once more, on purpose.
 */

const servers = new Servers();
const RUNS = { numRuns: 30 };
const WINDOW: Window = { start: new Date('2026-11-22T00:00:00Z'), end: new Date('2026-11-23T00:00:00Z') };
const AT = '2026-11-22 12:00:00';

const orNull = (is: (value: unknown) => boolean) => (value: unknown) => value === null || is(value);
const isId = (value: unknown) => Number.isSafeInteger(value) && value !== 0;
const isText = (value: unknown) => typeof value === 'string' && !/\p{Surrogate}/u.test(value);
const isPlain = (value: unknown, depth = 0): boolean => {
  if (typeof value !== 'object' || value === null)
    return value === null || typeof value === 'boolean' || Number.isFinite(value) || isText(value);
  if (depth > 20) return false;
  return Object.entries(value).every(
    ([key, item]) =>
      (Array.isArray(value) || /^(?!\$|_bson|__proto__$)[^.\0]+$/s.test(key)) && isPlain(item, depth + 1),
  );
};
const PROMISES: Readonly<Record<string, (value: unknown) => boolean>> = {
  char: orNull(isText),
  html: orNull(isText),
  selection: orNull(isText),
  reference: orNull(isText),
  boolean: (value) => typeof value === 'boolean',
  integer: orNull((value) => Number.isSafeInteger(value) && !Object.is(value, -0)),
  float: orNull((value) => Number.isFinite(value) && !Object.is(value, -0)),
  monetary: orNull((value) => Number.isFinite(value) && !Object.is(value, -0)),
  date: orNull(
    (value) => /^\d{4}-\d\d-\d\d$/.test(String(value)) && !Number.isNaN(Date.parse(String(value))),
  ),
  datetime: orNull((value) => value instanceof Date && Number.isInteger(value.getTime() / 1_000)),
  many2one: orNull((value) => {
    const { id, name, ...more } = value as Record<string, unknown>;
    return isId(id) && orNull(isText)(name) && Object.keys(more).length === 0;
  }),
  one2many: (value) => Array.isArray(value) && value.every(isId),
  many2many: (value) => Array.isArray(value) && value.every(isId),
  json: (value) => isPlain(value),
  properties: (value) => isPlain(value),
  tomorrow: (value) => isPlain(value),
};

const FIELDS: FieldList = {
  fields: [
    { name: 'id', type: 'integer' },
    ...Object.keys(PROMISES).map((type) => ({ name: `x_${type}`, type })),
    { name: 'write_date', type: 'datetime' },
  ],
  dropped: [],
  version: 'as stored',
};
const NAMES = FIELDS.fields.map(({ name }) => name);

/** JSON as Python writes it, numbers that JSON has no word for included. */
function python(value: unknown): string {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'NaN';
    if (Number.isFinite(value)) return Object.is(value, -0) ? '-0.0' : String(value);
    return value > 0 ? 'Infinity' : '-Infinity';
  }
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}: ${python(item)}`)
      .join(', ')}}`;
  return JSON.stringify(value ?? null);
}

const KEYS = [
  '_id',
  'userId',
  'odooId',
  '_sync',
  '_sync.hash',
  '$where',
  '$set',
  '_bsontype',
  '__proto__',
  'constructor',
  'prototype',
  'toJSON',
  'toBSON',
  'hasOwnProperty',
  'length',
  'result',
  'a.b',
  'a\0b',
  '',
];
const key = fc.oneof(fc.constantFrom(...KEYS), fc.string({ unit: 'binary', maxLength: 5 }));
const scalar = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '2026-02-30',
    '2026-11-22',
    AT,
    '202-05-01',
    '9999-12-31 23:59:59',
    'NaN',
    '\ud800',
    '\0',
    '5',
  ),
  fc.double(),
  fc.integer(),
  fc.constantFrom(2 ** 53, -(2 ** 53), 1e308, -0, 0, 2 ** 31, -1),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('tree')), { maxLength: 4 }).map(own),
  ),
}));
const deep = fc
  .constantFrom('[', '{"a":')
  .map((open) => JSON.parse(`${open.repeat(2_000)}0${(open === '[' ? ']' : '}').repeat(2_000)}`));
const value = fc.oneof(
  { weight: 8, arbitrary: scalar },
  { weight: 6, arbitrary: tree },
  { weight: 1, arbitrary: deep },
);

/** An object with these as its own keys, `__proto__` too. */
function own(entries: readonly (readonly [string, unknown])[]): object {
  return JSON.parse(`{${entries.map(([name], n) => `${JSON.stringify(name)}: ${n}`).join()}}`, (_, n) =>
    typeof n === 'number' ? entries[n]?.[1] : n,
  );
}

const row = fc
  .record({
    told: fc.array(fc.tuple(fc.constantFrom(...NAMES.slice(1, -1)), value), { maxLength: 20 }),
    foreign: fc.array(fc.tuple(key, value), { maxLength: 6 }),
    at: fc.oneof({ weight: 6, arbitrary: fc.constant<unknown>(AT) }, { weight: 1, arbitrary: value }),
  })
  .map(({ told, foreign, at }) => ({ told, foreign, at }));
const page = fc.array(row, { minLength: 1, maxLength: 6 }).map((rows) =>
  rows.map(({ told, foreign, at }, n) => {
    const fields = foreign.filter(([name]) => !NAMES.includes(name));
    return own([['id', n + 1], ...told, ...fields, ['write_date', at]]) as { readonly id: number };
  }),
);

type Rows = readonly { readonly id: number }[];

function answer({ response, kwargs }: OdooCall, version: number, rows: Rows): symbol {
  const terms = kwargs.domain as readonly (readonly [string, string, unknown])[];
  const ids = terms.find(([field, operator]) => field === 'id' && operator === 'in')?.[2] as
    | number[]
    | undefined;
  const after = terms.find(([field, operator]) => field === 'id' && operator === '>')?.[2] as
    | number
    | undefined;
  const some = rows
    .filter(({ id }) => (ids ? ids.includes(id) : id > (after ?? 0)))
    .slice(0, kwargs.limit as number);
  const text = python(some);
  response.writeHead(200, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(version >= 19 ? text : `{"jsonrpc": "2.0", "id": 1, "result": ${text}}`);
  return ANSWERED;
}

function expectRecord({ odooId, fields, unread = [], writeDate, hash }: SourceRecord): void {
  expect(Object.keys(fields)).toEqual(NAMES);
  expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
  expect(fields.id).toBe(odooId);
  expect(writeDate).toBeInstanceOf(Date);
  expect(hash).toMatch(/^[\w-]{22}$/);
  for (const { name, type } of FIELDS.fields) {
    if (unread.includes(name)) expect(fields[name]).toBeNull();
    else if (!PROMISES[type]?.(fields[name])) throw new Error(`${name} is ${JSON.stringify(fields[name])}`);
  }
}

/** Reads to the end; null where the answer was found to be broken. */
async function read<T>(pages: AsyncIterable<T>): Promise<readonly T[] | null> {
  try {
    return await collect(pages);
  } catch (error) {
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({ kind: 'transient', message: expect.stringContaining('is broken') });
    return null;
  }
}

function expectPages(pages: readonly SourcePage[] | null, rows: Rows): void {
  if (!pages) return;
  const ids = pages.flatMap(({ records, unreadable }) =>
    [...records, ...unreadable].map(({ odooId }) => odooId),
  );
  expect(ids.sort((a, b) => a - b)).toEqual(rows.map(({ id }) => id));
  for (const { records, unreadable, packed, unpack } of pages) {
    for (const record of records) expectRecord(record);
    for (const { reason } of unreadable) expect(reason.length).toBeLessThan(300);
    expect(unpack(packed)).toEqual(records);
  }
}

describe.each([19, 14])('whatever Odoo %i answers', (version) => {
  let rows: Rows = [];
  /** Ids over which a reading of more than id and date fails. */
  let poisoned: readonly number[] = [];
  const opened = async (): Promise<Source> => {
    const { source } = await servers.odoo(
      version,
      (call) => {
        const { method, kwargs } = call;
        if (method === 'fields_get')
          return Object.fromEntries(FIELDS.fields.map(({ name, type }) => [name, { type, store: true }]));
        if (method !== 'search_read') return true;
        const names = kwargs.fields as readonly string[];
        const ids = (kwargs.domain as readonly (readonly [string, string, unknown])[]).find(
          ([, is]) => is === 'in',
        )?.[2];
        const fails = (id: number) => poisoned.includes(id) && (!Array.isArray(ids) || ids.includes(id));
        const isWhole = !Array.isArray(ids) || ids.length > 1 || poisoned.length % 2 > 0;
        if (names.length > 2 && isWhole && rows.some(({ id }) => fails(id)))
          throw new PythonError('builtins.ZeroDivisionError', 'float division by zero', 500);
        return answer(call, version, rows);
      },
      { limitPerCall: 4, limitPerCallMax: 4 },
    );
    return source;
  };
  const expectByIds = async (source: Source): Promise<void> => {
    const ids = rows.map(({ id }) => id);
    expectPages(await read(source.read('contacts', FIELDS, ids, never)), rows);
  };

  test('a window gives records of their types, and the same once more from its bytes', async () => {
    const source = await opened();
    await fc.assert(
      fc.asyncProperty(page, async (some) => {
        rows = some;
        expectPages(await read(source.window('employees', FIELDS, WINDOW, never)), rows);
        expectPages(await read(source.window('contacts', FIELDS, WINDOW, never)), rows);
      }),
      RUNS,
    );
  });

  test('a reading by ids does', async () => {
    const source = await opened();
    await fc.assert(
      fc.asyncProperty(page, async (some) => {
        rows = some;
        await expectByIds(source);
      }),
      RUNS,
    );
  });

  test('a page that is read by its records does', async () => {
    const source = await opened();
    await fc.assert(
      fc.asyncProperty(
        page,
        fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
        async (some, ids) => {
          rows = some;
          poisoned = ids;
          expectPages(await read(source.window('employees', FIELDS, WINDOW, never)), rows);
          await expectByIds(source);
          poisoned = [];
        },
      ),
      RUNS,
    );
  });

  test('a light pass gives ids and dates', async () => {
    const source = await opened();
    await fc.assert(
      fc.asyncProperty(page, async (some) => {
        rows = some;
        const pages = await read(source.light('employees', WINDOW.start, never));
        const seen = pages?.flatMap(({ rows: light, unreadable }) => [...light, ...unreadable]);
        expect(seen?.map(({ odooId }) => odooId).sort((a, b) => a - b) ?? null).toEqual(
          pages && rows.map(({ id }) => id),
        );
        for (const light of pages?.flatMap((one) => one.rows) ?? []) {
          expect(Object.keys(light)).toEqual(['odooId', 'writeDate']);
          expect(light.writeDate).toBeInstanceOf(Date);
        }
      }),
      RUNS,
    );
  });
});
