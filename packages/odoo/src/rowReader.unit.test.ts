import { describe, expect, test } from '@jest/globals';
import type { FieldSpec } from '@odoo-sync/core';
import { BSON } from 'bson';
import fc from 'fast-check';
import { createDecoder, type OdooRow } from './decode.js';
import { parseJson } from './parseJson.js';
import { createRowReader } from './rowReader.js';
import type { Decoded } from './sourceRecord.js';

/** Rows of the fuzz test: as many as a command line asks for, and few enough for every day. */
const FUZZED_ROWS = Number(process.env.FUZZED_ROWS ?? 5_000);

const ID: FieldSpec = { name: 'id', type: 'integer' };
const WRITTEN: FieldSpec = { name: 'write_date', type: 'datetime' };
const DATE = '2026-11-22 12:00:00';

/** All that matters of a record, or of what was none. */
const told = (decoded: Decoded) =>
  'reason' in decoded
    ? decoded
    : {
        odooId: decoded.odooId,
        writeDate: decoded.writeDate.getTime(),
        hash: decoded.hash,
        unread: decoded.unread,
        document: Buffer.from(decoded.document).toString('hex'),
      };

function bothOf(fields: readonly FieldSpec[], volatile: readonly string[] = []) {
  const list = { fields, dropped: [], version: 'as the store has it' };
  const decode = createDecoder(list, volatile);
  const read = createRowReader(list, volatile, decode);
  if (!read) throw new Error('expected a list with id and write_date');
  const plain = (text: string) => (parseJson(text) as readonly OdooRow[]).map((row) => decode(row));
  return { read: (text: string) => read(Buffer.from(text)), plain };
}

const readerOf = (fields: readonly FieldSpec[]) => {
  const list = { fields, dropped: [], version: '' };
  return createRowReader(list, [], createDecoder(list, []));
};

const HEAD = `"id": 7, "write_date": "${DATE}"`;
const rowOf = (value: string) => `[{${HEAD}, "x": ${value}, "name": "there"}]`;

describe('a value is read as the decoder reads it', () => {
  test.each<[type: string, ...values: string[]]>([
    [
      'char',
      '"Azure"',
      '""',
      '"a\\nb\\t\\"\\\\\\/\\b\\f\\r"',
      '"\\u00e9\\u20ac\\u0000"',
      '"é€😀"',
      '"\\ud83d\\ude00"',
    ],
    ['char', '"half \\ud83d"', 'false', 'null', 'true', '5', '["a"]', '{"$where": "x"}', '"\\u2028\\u007f"'],
    ['html', `"${'<p>a</p>'.repeat(200)}"`, '"\\u003cp\\u003E"'],
    [
      'integer',
      '0',
      '-0',
      '7',
      '-7',
      '2147483647',
      '2147483648',
      '-2147483648',
      '-2147483649',
      '999999999999999',
    ],
    [
      'integer',
      '9007199254740991',
      '9007199254740993',
      '1e3',
      '1.0',
      '7.5',
      '"7"',
      'true',
      'false',
      'null',
      '-1E400',
    ],
    [
      'float',
      '0',
      '-0',
      '-0.0',
      '0.1',
      '1.5',
      '-1234.56',
      '31750',
      '1e300',
      '0.30000000000000004',
      '1E-7',
      '5e-324',
    ],
    [
      'float',
      '123456789012345',
      '1234567890123456',
      '0.000001',
      '99999.999999999',
      '1.7976931348623157e308',
      '"1"',
    ],
    ['monetary', '0.0', '100.10', '-0.01', '179769313486231580000e290', '{"$numberDecimal": "1"}', 'false'],
    ['boolean', 'true', 'false', 'null', '0', '"true"'],
    [
      'date',
      '"2026-11-01"',
      '"2024-02-29"',
      '"2026-02-29"',
      '"2026-02-30"',
      '"202-05-01"',
      '"1000-01-01"',
      '"2026-13-01"',
    ],
    [
      'date',
      '"9999-12-31"',
      '"2026-11-22 12:00:00"',
      '20261122',
      'false',
      '"2026\\u002d11-01"',
      '"0999-01-01"',
    ],
    [
      'datetime',
      '"2026-11-22 12:56:17"',
      '"1969-12-31 23:59:59"',
      '"1000-03-01 00:00:00"',
      '"2026-02-30 00:00:00"',
    ],
    [
      'datetime',
      '"202-05-01 10:00:00"',
      '"2026-11-22 24:00:00"',
      '"2026-11-22 12:00:00.5"',
      '"2026-11-22T12:00:00"',
      '0',
    ],
    [
      'datetime',
      '"2000-02-29 00:00:00"',
      '"1900-02-29 00:00:00"',
      '"9999-12-31 23:59:59"',
      'false',
      '{"$date": 0}',
    ],
    [
      'many2one',
      '[5, "It"]',
      '[5, "\\u00e9"]',
      '[5, false]',
      '[5, null]',
      '[5]',
      '5',
      'false',
      'null',
      '[]',
      '[0, "x"]',
    ],
    [
      'many2one',
      '[2147483648, "x"]',
      '[5, "x", "y"]',
      '["5", "x"]',
      '[5, {"$ne": null}]',
      '{"id": 5}',
      '[ 5 , "x" ]',
    ],
    [
      'one2many',
      '[3, 1, 2]',
      '[1, 2, 3]',
      '[]',
      '[ 1 ,2 ]',
      '[1, "2"]',
      '[1.5]',
      '[0]',
      '[2147483648, 1]',
      'false',
      '[[1]]',
    ],
    [
      'many2many',
      '[9]',
      '[9, 9]',
      '[-1, -2]',
      `[${Array.from({ length: 1_200 }, (_, n) => n + 1)}]`,
      '{"0": 1}',
    ],
    [
      'json',
      '{"1": 50}',
      '{"a": [1, {"b": null}]}',
      '{"$where": "x"}',
      '[]',
      '"x"',
      'false',
      '"}]\\"{"',
      '-0',
      '1e999',
    ],
    ['a type of tomorrow', '{"a": [1.5, null, true, "x"]}', '[[[[]]]]'],
  ])('%s', (type, ...values) => {
    const fields = [ID, WRITTEN, { name: 'x', type }, { name: 'name', type: 'char' }];
    for (const volatile of [[], ['x'], ['name']]) {
      const { read, plain } = bothOf(fields, volatile);
      for (const value of values) {
        const text = rowOf(value);
        const found = read(text);
        expect([value, found?.records.map(told)]).toEqual([value, plain(text).map(told)]);
        expect(found?.rows).toEqual([expect.objectContaining({ id: 7, write_date: DATE })]);
      }
    }
  });
});

describe('a row in another form is read all the same', () => {
  const fields = [ID, WRITTEN, { name: 'name', type: 'char' }, { name: 'rate', type: 'float' }];
  const ROW = `{${HEAD}, "name": "Azure", "rate": 1}`;
  test.each([
    ['without blanks', ROW.replaceAll(', ', ',').replaceAll(': ', ':')],
    [
      'with more blanks',
      ROW.replaceAll(/[,:{}]/g, ' \n\r\t$& ').replace('12 \n\r\t: 00 \n\r\t: 00', '12:00:00'),
    ],
    ['in another order', `{"rate": 1, "name": "Azure", ${HEAD}}`],
    ['with a foreign name', ROW.replace('{', '{"userId": "another", ')],
    ['with a foreign name for one that is missing', ROW.replace('"rate"', '"_id"')],
    ['with a foreign prototype', ROW.replace('{', '{"__proto__": {"userId": "another"}, ')],
    ['that lacks a name', ROW.replace(', "rate": 1', '')],
    ['with a name twice', ROW.replace('"rate"', '"name": "again", "rate"')],
    ['with an escaped name', ROW.replace('"rate"', '"r\\u0061te"')],
    ['with a date that is none', ROW.replace(DATE, 'garbage')],
    ['without a date', ROW.replace(`"${DATE}"`, 'false')],
    ['with an id that is none', ROW.replace('7', 'false')],
    ['with a text for an id', ROW.replace('7', '"7"')],
  ])('%s', (_how, row) => {
    const { read, plain } = bothOf(fields);
    const text = `[${ROW}, ${row}, ${ROW}]`;
    expect(read(text)?.records.map(told)).toEqual(plain(text).map(told));
  });
});

describe('an answer that is no list of rows is left to be parsed', () => {
  const { read } = bothOf([ID, WRITTEN]);
  const ROW = `{${HEAD}}`;
  test.each([
    '',
    '[',
    ']',
    '[}',
    '{}',
    'null',
    `[${ROW}`,
    `[${ROW},]`,
    `[,${ROW}]`,
    `[${ROW}${ROW}]`,
    `[${ROW}]]`,
    `[${ROW}] x`,
    `[${ROW.slice(0, -1)}]`,
    `[${ROW.replace('7', '07')}]`,
    `[${ROW.replace('7', '7.')}]`,
    `[${ROW.replace('7', '+7')}]`,
    `[${ROW.replace('7', 'NaN')}]`,
    `[${ROW.replace('7', 'falsely')}]`,
    `[${ROW.replace(' 12', '\t12')}]`,
    `[${ROW.replace(' 12', '\\x12')}]`,
    '[1, 2]',
    '[null]',
    '[[]]',
    '["a"]',
    `{"jsonrpc": "2.0", "id": 1, "result": [${ROW}]`,
    `{"jsonrpc": "2.0", "id": 1, "result": [${ROW}], "error": {}}`,
    `{"jsonrpc": "2.0", "id": 1, "error": [${ROW}]}`,
  ])('%s', (text) => {
    expect(read(text)).toBeNull();
  });

  test('as one that is no UTF-8', () => {
    const reader = readerOf([ID, WRITTEN]);
    expect(reader?.(Buffer.from(`[${ROW}]\xff`, 'latin1'))).toBeNull();
  });

  test.each([
    `[${ROW}]`,
    ` [${ROW}]`.trim(),
    `{"jsonrpc": "2.0", "id": 1, "result": [${ROW}]}\n`,
    '[]',
    '[ ]',
  ])('and this is one: %s', (text) => {
    expect(read(text)?.rows).toHaveLength(text.includes('id": 7') ? 1 : 0);
  });
});

test('a list without id or write_date has no reader', () => {
  expect(readerOf([ID])).toBeNull();
  expect(readerOf([WRITTEN])).toBeNull();
});

test('a record that no document can hold is unreadable, and the next ones are read', () => {
  const { read, plain } = bothOf([ID, WRITTEN, { name: 'note', type: 'text' }]);
  const row = (id: number, bytes: number) =>
    `{"id": ${id}, "write_date": "${DATE}", "note": "${'x'.repeat(bytes)}"}`;
  const text = `[${row(1, 17 * 1024 * 1024)}, ${row(2, 5)}]`;
  const records = read(text)?.records.map(told);
  expect(records).toEqual(plain(text).map(told));
  expect(records?.[0]).toEqual({
    odooId: 1,
    reason: 'it is too large for a document: 17.0 MiB, of at most 15',
  });
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('', '\0', '\\', '"', '\ud800', 'é€😀'),
);
const ids = fc.array(fc.integer({ min: -5, max: 2 ** 32 }), { maxLength: 12 });
/** What Odoo sends for a type, and, now and then, anything. */
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  char: fc.oneof(text, fc.constant(false)),
  html: text,
  boolean: fc.boolean(),
  integer: fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constant(false)),
  float: fc.oneof(
    fc.double(),
    fc.integer(),
    fc.integer().map((n) => n / 100),
    fc.tuple(fc.nat(999_999), fc.nat(12)).map(([n, places]) => n / 10 ** places),
  ),
  date: fc.oneof(
    fc.date({ noInvalidDate: true }).map((at) => at.toISOString().slice(0, 10)),
    fc.constant(false),
  ),
  datetime: fc.oneof(
    fc.date({ noInvalidDate: true }).map((at) => at.toISOString().slice(0, 19).replace('T', ' ')),
    fc.constant(false),
  ),
  many2one: fc.oneof(fc.tuple(fc.nat(2 ** 32), text), fc.constant(false)),
  one2many: ids,
  json: fc.jsonValue(),
};
const anything = fc.oneof(fc.jsonValue(), text, fc.double());

/** Python's way to write JSON, or one of the others. */
const write = (value: unknown, isAscii: boolean, isDense: boolean): string => {
  const blank = isDense ? '' : ' ';
  if (typeof value === 'string') {
    const json = JSON.stringify(value);
    return isAscii
      ? json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : json;
  }
  if (Object.is(value, -0)) return '-0.0';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const parts = Array.isArray(value)
    ? value.map((item) => write(item, isAscii, isDense))
    : Object.entries(value).map(
        ([key, item]) => `${write(key, isAscii, isDense)}:${blank}${write(item, isAscii, isDense)}`,
      );
  return `${Array.isArray(value) ? '[' : '{'}${parts.join(`,${blank}`)}${Array.isArray(value) ? ']' : '}'}`;
};

const page = fc
  .array(fc.constantFrom(...Object.keys(VALUES)), { minLength: 1, maxLength: 14 })
  .chain((types) => {
    const row = fc.tuple(
      ...types.map((type) =>
        fc.oneof(
          { weight: 12, arbitrary: VALUES[type] as fc.Arbitrary<unknown> },
          { weight: 1, arbitrary: anything },
        ),
      ),
    );
    return fc.record({
      types: fc.constant(types),
      rows: fc.array(row, { minLength: 1, maxLength: 10 }),
      volatile: fc.subarray(types.map((_, n) => `f${n}`).slice(0, 2)),
      isAscii: fc.boolean(),
      isDense: fc.boolean(),
    });
  });

test('random rows are read as the decoder reads them, to the byte', () => {
  let left = FUZZED_ROWS;
  const oneRun = fc.property(page, ({ types, rows, volatile, isAscii, isDense }) => {
    const fields = [ID, ...types.map((type, n): FieldSpec => ({ name: `f${n}`, type })), WRITTEN];
    const list = rows.map((values, n) => ({
      id: n + 1,
      ...Object.fromEntries(values.map((value, m) => [`f${m}`, value])),
      write_date: DATE,
    }));
    const json = write(list, isAscii, isDense);
    const { read, plain } = bothOf(fields, volatile);
    const found = read(json);
    const expected = plain(json);
    expect(found?.records.map(told)).toEqual(expected.map(told));
    for (const [n, record] of (found?.records ?? []).entries())
      if (!('reason' in record)) expect(BSON.deserialize(record.document).id).toBe(n + 1);
    left -= rows.length;
  });
  while (left > 0) fc.assert(oneRun, { numRuns: 100 });
});
