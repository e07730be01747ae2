import { describe, expect, test } from '@jest/globals';
import { heapOf } from './weigh.js';

const MB = 1_000_000;
/** A page may take so much where a worker has 384 MiB and four turns. */
const PAGE = 18 * MB;
const of = (json: string, most = PAGE) => heapOf(Buffer.from(json), 1, most);
const list = (count: number, item: (n: number) => string) =>
  `[${Array.from({ length: count }, (_, n) => item(n)).join(',')}]`;

/** As a real Odoo's, of 46 fields. */
const row = (id: number) => {
  const kinds = [
    `Some text of record ${id}`,
    false,
    [id % 90, 'Partner, Some Contact'],
    [id, id + 1, id + 2],
    id * 1.25,
    '2026-11-02 10:00:00',
  ];
  return Object.fromEntries(Array.from({ length: 46 }, (_, n) => [`some_field_name_${n}`, kinds[n % 6]]));
};

describe('what an answer will take is known before it is parsed', () => {
  // Of each, 18 MB or more stay after JSON.parse: measured with --expose-gc.
  test.each<[what: string, json: string]>([
    ['empty lists', list(600_000, () => '[]')],
    ['empty objects', list(400_000, () => '{}')],
    ['lists of one number', list(400_000, () => '[0]')],
    ['lists in each other', '['.repeat(400_000)],
    ['lists in lists', list(250_000, () => '[[]]')],
    ['objects in each other', '{"a":'.repeat(700_000)],
    ['objects of one name', list(600_000, () => '{"a":0}')],
    ['objects of ever new names', list(150_000, (n) => `{"${n.toString(36)}z":0}`)],
    ['one object of many names', `{${list(300_000, (n) => `"${n.toString(36)}z":0`).slice(1, -1)}}`],
    ['names that are numbers', list(120_000, () => '{"99999999":0}')],
    ['numbers that are no small ones', `[{},${list(1_200_000, () => '1.5').slice(1)}`],
    ['ever new texts', list(700_000, (n) => `"${n.toString(36)}"`)],
    ['one long text', `["${'x'.repeat(PAGE)}"]`],
    ['empty lists behind a page of a long text', `["${'x'.repeat(5 * MB)}",${list(600_000, () => '[]')}]`],
    ['empty lists between texts', list(300_000, () => '[],"[[[","\\"",[]')],
  ])('%s', (_what, json) => {
    for (let tries = 0; tries < 3; tries++) expect(of(json)).toBeGreaterThan(PAGE);
  });

  test.each<[what: string, json: string]>([
    ['a page of a thousand records', JSON.stringify(Array.from({ length: 1_000 }, (_, id) => row(id)))],
    ['a text that looks like JSON', `["${'[],{},'.repeat(2 * MB)}"]`],
    ['a text of quotes and backslashes', `["${'\\"\\\\'.repeat(2 * MB)}"]`],
    ['a long number', '9'.repeat(10 * MB)],
    ['one name again and again', `{${list(300_000, () => '"a":0').slice(1, -1)}}`],
  ])('and %s is let through', (_what, json) => {
    for (let tries = 0; tries < 3; tries++) expect(of(json)).toBeLessThanOrEqual(PAGE);
  });

  test('texts of other alphabets take twice the room', () => {
    const json = Buffer.from(`["${'ж'.repeat(5 * MB)}"]`);
    expect(heapOf(json, 2, PAGE)).toBeGreaterThan(PAGE);
  });
});
