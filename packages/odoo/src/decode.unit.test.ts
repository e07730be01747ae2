import { describe, expect, test } from '@jest/globals';
import { type FieldSpec, SyncError } from '@odoo-sync/core';
import fc from 'fast-check';
import { createDecoder, fieldListVersion, type OdooRow, readDateTime } from './decode.js';

const decoderOf = (fields: readonly FieldSpec[], volatile: readonly string[] = [], version?: string) =>
  createDecoder({ fields, dropped: [], version: version ?? fieldListVersion(fields) }, volatile);

const BASE = { id: 1, write_date: '2026-11-22 12:00:00' };
const decodeOne = (type: string, raw: unknown): unknown =>
  decoderOf([{ name: 'x', type }])({ ...BASE, x: raw }).fields.x;

describe('a value becomes what readers were told', () => {
  test.each<[type: string, raw: unknown, decoded: unknown]>([
    ['char', 'Azure\u2028\u0007 ', 'Azure\u2028\u0007 '],
    ['char', '', ''],
    ['char', false, null],
    ['text', 'a\nb', 'a\nb'],
    ['text', false, null],
    ['html', '<p>a</p>', '<p>a</p>'],
    ['html', false, null],
    ['selection', 'draft', 'draft'],
    ['selection', false, null],
    ['reference', 'res.partner,5', 'res.partner,5'],
    ['reference', false, null],
    ['boolean', true, true],
    ['boolean', false, false],
    ['integer', 0, 0],
    ['integer', 7, 7],
    ['many2one_reference', 7, 7],
    ['float', 0, 0],
    ['float', 1.5, 1.5],
    ['monetary', 31750, 31750],
    ['date', '2026-11-01', '2026-11-01'],
    ['date', false, null],
    ['datetime', '2026-11-22 12:56:17', new Date('2026-11-22T12:56:17Z')],
    ['datetime', false, null],
    ['datetime', null, null],
    ['many2one', [5, 'YourCompany, Mitchell Admin'], { id: 5, name: 'YourCompany, Mitchell Admin' }],
    ['many2one', 5, { id: 5, name: null }],
    ['many2one', false, null],
    ['one2many', [3, 1, 2], [3, 1, 2]],
    ['one2many', [], []],
    ['many2many', [9], [9]],
    ['json', { 1: 50 }, { 1: 50 }],
    ['json', false, null],
  ])('%s %j', (type, raw, decoded) => {
    expect(decodeOne(type, raw)).toEqual(decoded);
  });

  test('a record carries id and write_date apart, also when the list has neither', () => {
    const record = decoderOf([{ name: 'name', type: 'char' }])({ ...BASE, name: 'a', more: 1 });
    expect(record).toMatchObject({
      odooId: 1,
      writeDate: new Date('2026-11-22T12:00:00Z'),
      fields: { name: 'a' },
    });
    expect(Object.keys(record.fields)).toEqual(['name']);
  });

  test('a row that lacks a field of the list is no record', () => {
    const decode = decoderOf([{ name: 'ref', type: 'char' }]);
    expect(() => decode(BASE)).toThrow(
      expect.objectContaining({ kind: 'fields', message: expect.stringContaining('ref of record 1') }),
    );
  });
});

const TYPES = [
  'char',
  'boolean',
  'integer',
  'float',
  'date',
  'datetime',
  'many2one',
  'one2many',
  'many2many',
];
const rawOf: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  char: fc.oneof(fc.string({ unit: 'binary' }), fc.constant(false)),
  boolean: fc.boolean(),
  integer: fc.integer(),
  float: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
  date: fc.oneof(fc.constantFrom('2026-01-01', '2026-01-02'), fc.constant(false)),
  datetime: fc.oneof(fc.constantFrom('2026-01-01 00:00:00', '2026-01-01 00:00:01'), fc.constant(false)),
  many2one: fc.oneof(fc.tuple(fc.nat(), fc.string()), fc.constant(false)),
  one2many: fc.uniqueArray(fc.nat(), { maxLength: 12 }),
  many2many: fc.uniqueArray(fc.nat(), { maxLength: 12 }),
};

/** A field list and a row for it. */
const listAndRow = fc
  .array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 10 })
  .chain((types) =>
    fc.tuple(fc.constant(types), fc.tuple(...types.map((type) => rawOf[type] as fc.Arbitrary<unknown>))),
  )
  .map(([types, raws]) => ({
    fields: types.map((type, n): FieldSpec => ({ name: `f${n}`, type })),
    row: { ...BASE, ...Object.fromEntries(raws.map((raw, n) => [`f${n}`, raw])) } as OdooRow,
  }));

const isX2many = (type: string) => type === 'one2many' || type === 'many2many';
/** What two raw values must share to count as equal. */
const sameAs = (type: string, raw: unknown): string =>
  JSON.stringify(isX2many(type) ? [...(raw as number[])].sort((a, b) => a - b) : raw);

describe('the hash of a record', () => {
  test('stays when only the order of x2many ids differs', () => {
    fc.assert(
      fc.property(listAndRow, fc.integer(), ({ fields, row }, seed) => {
        const turned = Object.fromEntries(
          Object.entries(row).map(([name, raw]) => {
            const isIds = isX2many(fields.find((field) => field.name === name)?.type ?? '');
            if (!isIds) return [name, raw];
            const ids = raw as number[];
            const at = ids.length === 0 ? 0 : Math.abs(seed) % ids.length;
            return [name, [...ids.slice(at), ...ids.slice(0, at)].reverse()];
          }),
        );
        const decode = decoderOf(fields);
        expect(decode({ ...BASE, ...turned }).hash).toBe(decode(row).hash);
      }),
    );
  });

  test('stays when a volatile field differs, which is stored all the same', () => {
    fc.assert(
      fc.property(listAndRow, fc.anything({ maxDepth: 0 }), ({ fields, row }, other) => {
        const list = [...fields, { name: 'expected', type: 'char' }];
        const decode = decoderOf(list, ['expected']);
        const one = decode({ ...row, expected: 'a' });
        const two = decode({ ...row, expected: other ?? false });
        expect(two.hash).toBe(one.hash);
        expect(one.fields.expected).toBe('a');
      }),
    );
  });

  test('changes with any other change of any field', () => {
    const changed = listAndRow.chain(({ fields, row }) =>
      fc.nat({ max: fields.length - 1 }).chain((n) => {
        const { name, type } = fields[n] as FieldSpec;
        return (rawOf[type] as fc.Arbitrary<unknown>)
          .filter((raw) => sameAs(type, raw) !== sameAs(type, row[name]))
          .map((raw) => ({ fields, row, other: { ...row, [name]: raw } as OdooRow }));
      }),
    );
    fc.assert(
      fc.property(changed, ({ fields, row, other }) => {
        const decode = decoderOf(fields);
        expect(decode(other).hash).not.toBe(decode(row).hash);
      }),
    );
  });

  test('changes when two fields swap their values', () => {
    const fields = [
      { name: 'a', type: 'char' },
      { name: 'b', type: 'char' },
    ];
    const decode = decoderOf(fields);
    expect(decode({ ...BASE, a: 'x', b: 'y' }).hash).not.toBe(decode({ ...BASE, a: 'y', b: 'x' }).hash);
  });

  test('tells an empty text from a text that was never set', () => {
    const decode = decoderOf([{ name: 'ref', type: 'char' }]);
    expect(decode({ ...BASE, ref: '' }).hash).not.toBe(decode({ ...BASE, ref: false }).hash);
  });

  test("changes with the list's version", () => {
    fc.assert(
      fc.property(listAndRow, fc.string(), fc.string(), ({ fields, row }, one, two) => {
        fc.pre(one !== two);
        expect(decoderOf(fields, [], one)(row).hash).not.toBe(decoderOf(fields, [], two)(row).hash);
      }),
    );
  });
});

describe('the version of a field list', () => {
  const list: readonly FieldSpec[] = [
    { name: 'id', type: 'integer' },
    { name: 'comment', type: 'text' },
  ];

  test('is the same for the same list', () => {
    expect(fieldListVersion(structuredClone(list))).toBe(fieldListVersion(list));
  });

  test.each<[what: string, other: readonly FieldSpec[]]>([
    ['a field comes', [...list, { name: 'ref', type: 'char' }]],
    ['a field goes', list.slice(0, 1)],
    ['a field is of another type', [list[0] as FieldSpec, { name: 'comment', type: 'html' }]],
    ['the order changes', [...list].reverse()],
  ])('changes when %s', (_what, other) => {
    expect(fieldListVersion(other)).not.toBe(fieldListVersion(list));
  });
});

describe('readDateTime', () => {
  test('gives back every whole second that Odoo can hold', () => {
    const second = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(second, (date) => {
        const whole = new Date(Math.floor(date.getTime() / 1_000) * 1_000);
        expect(readDateTime(whole.toISOString().slice(0, 19).replace('T', ' '), 'x')).toEqual(whole);
      }),
    );
  });

  test.each([
    ['202-05-01 10:00:00', '0202-05-01T10:00:00Z'],
    ['26-01-31 00:00:00', '0026-01-31T00:00:00Z'],
    ['0026-01-31 00:00:00', '0026-01-31T00:00:00Z'],
  ])('reads the mistyped year of %s as Python writes it', (text, iso) => {
    expect(readDateTime(text, 'x')).toEqual(new Date(iso));
  });

  test('cuts a fraction to the second', () => {
    expect(readDateTime('2026-11-22 12:56:17.084132', 'x')).toEqual(new Date('2026-11-22T12:56:17Z'));
  });

  test.each([
    'garbage',
    '',
    '2026-11-22',
    '2026-11-22 12:56',
    '2026-11-22T12:56:17',
    '2026-11-22 12:56:17Z',
    '2026-11-22 12:56:17+02:00',
    '2026-11-22 12:56:17 and more',
    ' 2026-11-22 12:56:17',
    '2026-13-01 00:00:00',
    '2026-02-30 00:00:00',
    '2026-00-10 00:00:00',
    '2026-01-01 24:00:00',
    '2026-01-01 00:60:00',
    '12026-01-01 00:00:00',
    false,
    null,
    undefined,
    0,
    1_795_352_177_000,
    ['2026-11-22 12:56:17'],
    {},
  ])('refuses %j as a broken answer', (value) => {
    expect(() => readDateTime(value, 'write_date')).toThrow(SyncError);
    expect(() => readDateTime(value, 'write_date')).toThrow(
      expect.objectContaining({ kind: 'transient', message: expect.stringContaining('write_date') }),
    );
  });
});
