import {
  type Entry,
  failing,
  ofContacts,
  poison,
  poisoned,
  READINGS,
  rows,
  Text,
  to,
  withValue,
} from './entry.js';

const FOREIGN = ['_id', 'userId', 'odooId', '_sync', '__proto__', 'constructor', '$set', 'a.b'];
const nested = (levels: number) => new Text(`${'['.repeat(levels)}${']'.repeat(levels)}`);
/** As many foreign names as a record's fields that may be left out. */
const OPTIONAL = ['comment', 'website', 'function', 'street', 'street2', 'city', 'zip', 'ref'];
const foreign = Object.fromEntries(FOREIGN.map((name) => [name, name === 'userId' ? 'north' : 1]));
const without = (row: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
/** `__proto__` is a name like any other in JSON, and none in an object that is written so. */
const withForeign = (row: Readonly<Record<string, unknown>>) =>
  new Text(`{"__proto__": {"userId": "north"}, ${JSON.stringify({ ...row, ...foreign }).slice(1)}`);

/** Section 1: what stands in a row is a fault of that record at most. */
export const ROWS: readonly Entry[] = [
  { name: 'foreign names in every row', does: rows(withForeign), operator: null, mirrored: 'all' },
  {
    name: 'as many foreign names as fields are missing',
    does: rows((row) => withForeign(without(row, OPTIONAL))),
    operator: null,
    mirrored: 'none',
  },
  {
    name: 'the same in a record that fails twice',
    does: (exchange) =>
      exchange.fields.includes('display_name')
        ? failing(
            (row) => row.id === poisoned.one,
            ({ fault }) => fault('builtins.ValueError', 'no'),
          )(exchange)
        : poison(withForeign)(exchange),
    operator: null,
    mirrored: 'others',
  },
  {
    name: 'an operator of MongoDB for a text',
    does: withValue({ name: { $where: 'sleep(1000)' }, city: { $gt: '' } }),
    operator: null,
    mirrored: 'others',
  },
  {
    name: 'a _bsontype for a text, and in a link',
    does: withValue({ name: { _bsontype: 'ObjectId', id: 'x' }, parent_id: [{ _bsontype: 'Code' }, 'x'] }),
    operator: null,
    mirrored: 'others',
  },
  {
    name: 'a NUL in a name and in a text',
    does: poison((row) => ({ ...row, 'a\0b': 1, city: { 'x\0y': 1 }, zip: 'a\0b' })),
    operator: null,
    mirrored: 'others',
  },
  {
    name: '5,000 levels of nesting',
    does: withValue({ comment: nested(5_000), parent_id: nested(5_000), category_id: nested(5_000) }),
    operator: null,
    mirrored: 'others',
  },
  {
    name: 'numbers that are none',
    does: withValue({
      credit_limit: new Text('NaN'),
      color: new Text('-Infinity'),
      customer_rank: new Text('1e999'),
    }),
    operator: null,
    mirrored: 'others',
  },
  {
    name: 'whole numbers for floats, and floats for whole numbers',
    does: rows((row) => ({
      ...row,
      credit_limit: row.id % 2 ? 7 : new Text('7.0'),
      customer_rank: new Text('3.0'),
    })),
    operator: null,
    mirrored: 'none',
  },
  {
    name: 'a note of 17 MB',
    does: withValue({ comment: 'x'.repeat(17_000_000) }),
    operator: /too large for a document/,
    mirrored: 'others',
  },
  {
    name: 'other types for every field',
    does: poison((row) => ({
      ...Object.fromEntries(
        Object.keys(row).map((name, n) => [name, [17, 'text', true, [], {}, ['x']][n % 6]]),
      ),
      id: row.id,
      write_date: row.write_date,
    })),
    operator: null,
    mirrored: 'others',
  },
  {
    name: 'ids that are texts, floats and past all bounds',
    does: rows((row) => ({ ...row, id: row.id === poisoned.one ? new Text('1e30') : row.id })),
    operator: /expected an id in each row/,
    mirrored: 'none',
  },
  {
    name: 'dates that are none, or of the year 9999',
    does: withValue({ create_date: '9999-12-31 23:59:59', date: '0000-00-00', write_uid: [-1, false] }),
    operator: null,
    mirrored: 'others',
  },
  {
    name: 'a write_date that is none',
    does: withValue({ write_date: { $date: 0 } }),
    operator: /write_date/,
    mirrored: 'others',
  },
  {
    name: 'a write_date that is none in a page of ids and dates',
    does: rows((row) => (row.id === poisoned.one ? { ...row, write_date: 'soon' } : row), 'light'),
    operator: null,
    mirrored: 'others',
    stirred: true,
  },
  {
    name: 'pages of ids with every other record twice',
    does: rows((row) => ({ ...row, id: row.id - (row.id % 2) }), 'light'),
    operator: /expected rising ids/,
    mirrored: 'none',
    stirred: true,
  },
  {
    name: 'records of others than were asked for',
    does: ofContacts(
      to('ids', async (exchange) => {
        const { value } = await exchange.honest();
        exchange.value((value as { id: number }[]).map((row) => ({ ...row, id: row.id + 100_000 })));
      }),
    ),
    operator: /was not asked for/,
    mirrored: 'none',
    stirred: true,
  },
  {
    name: 'an AccessError over one field of one record',
    does: (exchange) =>
      exchange.fields.includes('comment')
        ? failing(
            (row) => row.id === poisoned.one,
            ({ fault }) => fault('odoo.exceptions.AccessError', 'not yours'),
          )(exchange)
        : exchange.pass(),
    operator: null,
    mirrored: 'others',
  },
  {
    name: 'fifty poisoned records in a page',
    does: failing(
      (row) => poisoned.fifty.has(row.id),
      ({ fault }) => fault('builtins.ZeroDivisionError', 'division by zero'),
    ),
    operator: /ZeroDivisionError/,
    mirrored: 'others',
  },
  {
    name: "a ValidationError of an addon's over one record",
    does: failing(
      (row) => row.id === poisoned.one,
      ({ fault }) => fault('odoo.exceptions.ValidationError', 'A partner needs a nickname'),
    ),
    operator: /ValidationError: A partner needs a nickname/,
    mirrored: 'others',
  },
  {
    name: 'rows that are no objects',
    does: ofContacts(to(READINGS, ({ json }) => json('[null, 1, "x", [], true]'))),
    operator: /page after id 0 is broken/,
    mirrored: 'none',
  },
];
