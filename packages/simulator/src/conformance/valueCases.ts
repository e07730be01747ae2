import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Bench } from './workbench.js';

interface RecordedField {
  readonly type: string;
  readonly store: boolean;
  readonly relation?: string;
  readonly groups?: string;
  readonly company_dependent?: boolean;
}
type Recorded = Readonly<Record<string, Readonly<Record<string, RecordedField>>>>;

const recorded = JSON.parse(
  readFileSync(new URL('../../data/fields19.json', import.meta.url), 'utf8'),
) as Recorded;
const MODELS = Object.keys(recorded);
/** Never asked, not even by a test. */
const SECRET = new Set(['signup_token', 'pin', 'barcode']);
const wanted = (model: string): string[] =>
  Object.keys(recorded[model] ?? {}).filter((field) => !SECRET.has(field));

const isText = (value: unknown): boolean => value === false || typeof value === 'string';
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATETIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
/** How Odoo writes a value of each type, by the fact sheet. */
const RULES: Readonly<Record<string, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  float: (value) => typeof value === 'number',
  monetary: (value) => typeof value === 'number',
  char: isText,
  text: isText,
  html: isText,
  selection: isText,
  date: (value) => value === false || (typeof value === 'string' && DATE.test(value)),
  datetime: (value) => value === false || (typeof value === 'string' && DATETIME.test(value)),
  many2one: (value) =>
    value === false ||
    (Array.isArray(value) &&
      value.length === 2 &&
      Number.isInteger(value[0]) &&
      typeof value[1] === 'string'),
  one2many: (value) => Array.isArray(value) && value.every(Number.isInteger),
  many2many: (value) => Array.isArray(value) && value.every(Number.isInteger),
  binary: (value) => value === false || typeof value === 'string' || typeof value === 'object',
  properties: Array.isArray,
};

export function describeValues(bench: Bench): void {
  describe('fields and values', () => {
    test.each(MODELS)(
      'fields_get of %s has the recorded fields with type, store, relation and groups',
      async (model) => {
        const attributes = ['type', 'store', 'relation', 'groups', 'company_dependent'];
        const fields = await bench().client.call<Recorded[string]>(model, 'fields_get', [], { attributes });
        for (const name of wanted(model)) {
          const { type, store, relation, groups, company_dependent } = recorded[model]![name]!;
          const expected = Object.fromEntries(
            Object.entries({ type, store, relation, groups, company_dependent }).filter(
              ([, value]) => value !== undefined,
            ),
          );
          expect({ name, ...fields[name] }).toEqual({ name, ...expected });
        }
      },
    );

    test.each(MODELS)('every value of %s is written as its type says', async (model) => {
      const rows = await bench().client.call<Record<string, unknown>[]>(
        model,
        'search_read',
        [[], wanted(model)],
        { order: 'id asc', limit: 200, context: { active_test: false } },
      );
      expect(rows.length).toBeGreaterThan(0);
      const wrong = rows.flatMap((row) =>
        wanted(model)
          .filter((name) => RULES[recorded[model]![name]!.type]?.(row[name]) !== true)
          .map((name) => ({ id: row.id, name, type: recorded[model]![name]!.type, value: row[name] })),
      );
      expect(wrong).toEqual([]);
      expect(rows.every((row) => Object.keys(row).length === wanted(model).length)).toBe(true);
    });

    test('a contact with nothing but a name is empty everywhere else', async () => {
      const id = await bench().contact();
      const [row] = await bench().client.call<Record<string, unknown>[]>('res.partner', 'read', [
        [id],
        wanted('res.partner'),
      ]);
      expect(row).toMatchObject({
        id,
        active: true,
        type: 'contact',
        is_company: false,
        company_type: 'person',
        parent_id: false,
        email: false,
        email_normalized: false,
        lang: 'en_US',
        tz: false,
        ref: false,
        category_id: [],
        child_ids: [],
        color: 0,
        customer_rank: 0,
        credit_limit: 0,
        comment: false,
        country_id: false,
        partner_share: true,
        employee: false,
        property_payment_term_id: false,
        autopost_bills: 'ask',
        properties: [],
      });
      expect(row?.display_name).toBe(row?.name);
      expect(row?.complete_name).toBe(row?.name);
      expect(row?.commercial_partner_id).toEqual([id, row?.name]);
    });

    test('text comes back as written: lines, separators, quotes, blanks, and the empty string', async () => {
      const { contact, client, prefix } = bench();
      const name = `${prefix} two\nlines \u2028 "quoted" \\ \u{1f69a} é`;
      const id = await contact({ name, ref: '', street: ' blanks ', city: false });
      const [row] = await client.call<object[]>('res.partner', 'read', [
        [id],
        ['name', 'display_name', 'ref', 'street', 'city'],
      ]);
      expect(row).toEqual({ id, name, display_name: name, ref: '', street: ' blanks ', city: false });
    });

    test('html is sanitized, and bare text becomes a paragraph', async () => {
      const { contact, readField } = bench();
      expect(
        await readField(await contact({ comment: '<p>x &amp; "y"</p><script>1</script>' }), 'comment'),
      ).toBe('<p>x &amp; "y"</p>');
      expect(await readField(await contact({ comment: 'line\n\u2028two\u0007' }), 'comment')).toBe(
        '<p>line\n\u2028two</p>',
      );
    });

    test('computed fields follow what is written', async () => {
      const { client, contact } = bench();
      const parent = await contact({ is_company: true });
      const child = await contact({ parent_id: parent, email: 'A.b@Example.COM' });
      const [row] = await client.call<Record<string, unknown>[]>('res.partner', 'read', [
        [child],
        ['name', 'display_name', 'parent_id', 'commercial_partner_id', 'email_normalized', 'email'],
      ]);
      const [company] = await client.call<Record<string, unknown>[]>('res.partner', 'read', [
        [parent],
        ['name', 'company_type'],
      ]);
      expect(company?.company_type).toBe('company');
      expect(row).toEqual({
        id: child,
        name: row?.name,
        display_name: `${company?.name}, ${row?.name}`,
        parent_id: [parent, company?.name],
        commercial_partner_id: [parent, company?.name],
        email: 'A.b@Example.COM',
        email_normalized: 'a.b@example.com',
      });
    });

    test('many2one, many2many and numbers come back as written', async () => {
      const { client, contact } = bench();
      const id = await contact({
        country_id: 233,
        category_id: [[6, 0, [1, 2]]],
        color: 7,
        credit_limit: 12.5,
      });
      const read = async (): Promise<Record<string, unknown>> =>
        (
          await client.call<Record<string, unknown>[]>('res.partner', 'read', [
            [id],
            ['country_id', 'category_id', 'color'],
          ])
        )[0]!;
      const first = await read();
      expect(first).toMatchObject({ country_id: [233, 'United States'], color: 7 });
      expect([...(first.category_id as number[])].sort()).toEqual([1, 2]);
      await client.call('res.partner', 'write', [
        [id],
        { country_id: false, category_id: [[3, 1, 0]], color: 0 },
      ]);
      expect(await read()).toEqual({ id, country_id: false, category_id: [2], color: 0 });
    });
  });
}
