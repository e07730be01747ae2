import { describe, expect, test } from '@jest/globals';
import type { FieldSpec, SourceRecord, UnreadableRecord } from '@odoo-sync/core';
import { BSON } from 'bson';
import fc from 'fast-check';
import { createDecoder, fieldListVersion, type OdooRow } from './decode.js';
import { isUnreadable } from './sourceRecord.js';

const decoderOf = (fields: readonly FieldSpec[], volatile: readonly string[] = []) => {
  const decode = createDecoder({ fields, dropped: [], version: 'as the store has it' }, volatile);
  return (row: OdooRow): SourceRecord => {
    const decoded = decode(row);
    if (isUnreadable(decoded)) throw new Error(decoded.reason);
    return decoded;
  };
};

const BASE = { id: 1, write_date: '2026-11-22 12:00:00' };
const recordOf = (type: string, raw: unknown): SourceRecord =>
  decoderOf([{ name: 'x', type }])({ ...BASE, x: raw });

describe('a value becomes what readers were told', () => {
  test.each<[type: string, raw: unknown, decoded: unknown]>([
    ['char', 'Azure\u2028\u0007 ', 'Azure\u2028\u0007 '],
    ['char', '', ''],
    ['char', false, null],
    ['char', 'half \ud83d of one', 'half \ufffd of one'],
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
    ['integer', -0, 0],
    ['integer', 3_000_000_000, 3_000_000_000],
    ['integer', false, null],
    ['many2one_reference', 7, 7],
    ['float', 0, 0],
    ['float', -0, 0],
    ['float', 1e300, 1e300],
    ['float', 1.5, 1.5],
    ['monetary', 31750, 31750],
    ['date', '2026-11-01', '2026-11-01'],
    ['date', '202-05-01', '0202-05-01'],
    ['date', false, null],
    ['datetime', '2026-11-22 12:56:17', new Date('2026-11-22T12:56:17Z')],
    ['datetime', false, null],
    ['datetime', null, null],
    ['datetime', '202-05-01 10:00:00', new Date('0202-05-01T10:00:00Z')],
    ['many2one', [5, 'YourCompany, Mitchell Admin'], { id: 5, name: 'YourCompany, Mitchell Admin' }],
    ['many2one', 5, { id: 5, name: null }],
    ['many2one', [5, false], { id: 5, name: null }],
    ['many2one', [5], { id: 5, name: null }],
    ['many2one', false, null],
    ['one2many', [3, 1, 2], [3, 1, 2]],
    ['one2many', [], []],
    ['many2many', [9], [9]],
    ['json', { 1: 50 }, { 1: 50 }],
    ['json', false, null],
    ['properties', [{ name: 'a', type: 'char', value: 'x' }], [{ name: 'a', type: 'char', value: 'x' }]],
    ['a type of tomorrow', { a: [1.5, null, true, 'x'] }, { a: [1.5, null, true, 'x'] }],
  ])('%s %j', (type, raw, decoded) => {
    expect(recordOf(type, raw)).toMatchObject({ fields: { x: decoded } });
    expect(recordOf(type, raw)).not.toHaveProperty('unread');
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
});

test('the numbers of a field have one type of BSON, whatever their values', () => {
  const typesOf = (type: string, ...values: readonly unknown[]) =>
    values.map((value) => {
      const { x } = BSON.deserialize(recordOf(type, value).document, { promoteValues: false });
      return x === null ? null : x._bsontype;
    });
  for (const type of ['float', 'monetary'])
    expect(typesOf(type, 16, 16.5, 0, 1e20, false)).toEqual(['Double', 'Double', 'Double', 'Double', null]);
  for (const type of ['integer', 'many2one_reference'])
    expect(typesOf(type, 5, 2 ** 31 - 1, 2 ** 31, false)).toEqual(['Int32', 'Int32', 'Long', null]);
});

const isX2many = (type: string) => type === 'one2many' || type === 'many2many';
const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

describe("what is not of its field's type is unread, and all else is read", () => {
  test.each<[type: string, raw: unknown]>([
    ['char', undefined],
    ['char', { $where: 'sleep(1000)' }],
    ['char', ['a']],
    ['char', 5],
    ['char', true],
    ['text', nested(5_000)],
    ['html', { _bsontype: 'Code', code: 'x' }],
    ['selection', 1],
    ['reference', ['res.partner', 5]],
    ['boolean', 'true'],
    ['boolean', 0],
    ['boolean', null],
    ['integer', '7'],
    ['integer', 7.5],
    ['integer', 2 ** 53],
    ['integer', Number.POSITIVE_INFINITY],
    ['integer', true],
    ['many2one_reference', [7, 'x']],
    ['float', '1.5'],
    ['float', Number.NaN],
    ['float', Number.NEGATIVE_INFINITY],
    ['monetary', { $numberDecimal: '1' }],
    ['date', '2026-02-30'],
    ['date', '2026-11-22 12:00:00'],
    ['date', 20_261_122],
    ['datetime', '2026-11-22'],
    ['datetime', '2026-13-22 12:00:00'],
    ['datetime', 1_795_352_177_000],
    ['datetime', { $date: 0 }],
    ['many2one', ['5', 'x']],
    ['many2one', [5, { $ne: null }]],
    ['many2one', [5, 'x', 'y']],
    ['many2one', [2 ** 53, 'x']],
    ['many2one', []],
    ['many2one', { id: 5, name: 'x' }],
    ['one2many', false],
    ['one2many', [1, '2']],
    ['one2many', [1.5]],
    ['many2many', [[1]]],
    ['many2many', { 0: 1, length: 1 }],
    ['json', { $where: 'x' }],
    ['json', { a: { $gt: '' } }],
    ['json', { _bsontype: 'ObjectId' }],
    ['json', { 'a\0b': 1 }],
    ['json', { 'a.b': 1 }],
    ['json', { '': 1 }],
    ['json', JSON.parse('{"__proto__": {"x": 1}}')],
    ['json', { a: Number.POSITIVE_INFINITY }],
    ['json', nested(21)],
    ['properties', nested(5_000)],
    ['a type of tomorrow', { a: [{ $set: {} }] }],
  ])('%s %p', (type, raw) => {
    const decode = decoderOf([
      { name: 'x', type },
      { name: 'name', type: 'char' },
    ]);
    const record = decode({ ...BASE, x: raw, name: 'there' });
    expect(record).toMatchObject({ fields: { x: null, name: 'there' }, unread: ['x'] });
    const empty = isX2many(type) ? [] : false;
    expect(record.hash).not.toBe(decode({ ...BASE, x: empty, name: 'there' }).hash);
  });

  test('a record without a date, or too large for a document, is unreadable, and says why', () => {
    const decode = createDecoder(
      { fields: [{ name: 'comment', type: 'text' }], dropped: [], version: '' },
      [],
    );
    const unreadable = (row: OdooRow) => decode(row) as UnreadableRecord;
    for (const write_date of [undefined, false, 'garbage', 5, {}])
      expect(unreadable({ id: 7, write_date, comment: '' })).toEqual({
        odooId: 7,
        reason: expect.stringContaining('its write_date is no date and time'),
      });
    const note = 'x'.repeat(17 * 1024 * 1024);
    expect(unreadable({ ...BASE, comment: note })).toEqual({
      odooId: 1,
      reason: 'it is too large for a document: 17.0 MiB, of at most 15',
    });
    expect(isUnreadable(unreadable({ ...BASE, comment: note.slice(3 * 1024 * 1024) }))).toBe(false);
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

  test('changes with the type of a field that holds the same', () => {
    const typed = (type: string) => decoderOf([{ name: 'x', type }])({ ...BASE, x: 5 }).hash;
    expect(typed('float')).not.toBe(typed('integer'));
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
