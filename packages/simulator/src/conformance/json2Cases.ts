import { describe, expect, test } from '@jest/globals';
import type { Bench } from './workbench.js';

interface Refusal {
  readonly title: string;
  readonly path: readonly [model: string, method: string];
  readonly body: unknown;
  readonly status: number;
  readonly name: string;
  readonly message: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    title: 'an unknown model',
    path: ['no.such.model', 'search_read'],
    body: { domain: [] },
    status: 404,
    name: 'werkzeug.exceptions.NotFound',
    message: "the model 'no.such.model' does not exist",
  },
  {
    title: 'an unknown method',
    path: ['res.partner', 'no_such_method'],
    body: {},
    status: 404,
    name: 'werkzeug.exceptions.NotFound',
    message: "The method 'res.partner.no_such_method' does not exist",
  },
  {
    title: 'a private method',
    path: ['res.partner', '_search'],
    body: {},
    status: 403,
    name: 'odoo.exceptions.AccessError',
    message: "Private methods (such as 'res.partner._search') cannot be called remotely.",
  },
  {
    title: 'an unknown field',
    path: ['res.partner', 'search_read'],
    body: { domain: [], fields: ['no_such'], limit: 1 },
    status: 500,
    name: 'builtins.ValueError',
    message: "Invalid field 'no_such' on 'res.partner'",
  },
  {
    title: 'an unknown field in the domain',
    path: ['res.partner', 'search'],
    body: { domain: [['no_such', '=', 1]] },
    status: 500,
    name: 'builtins.ValueError',
    message: "Invalid field res.partner.no_such in condition ('no_such', '=', 1)",
  },
  {
    title: 'an unknown argument',
    path: ['res.partner', 'search_read'],
    body: { domain: [['id', '=', 1]], fields: ['id'], nosuchkw: 1 },
    status: 500,
    name: 'builtins.TypeError',
    message: "BaseModel._read_format() got an unexpected keyword argument 'nosuchkw'",
  },
  {
    title: 'ids where there is no record method',
    path: ['res.partner', 'search_read'],
    body: { ids: [1], domain: [] },
    status: 422,
    name: 'werkzeug.exceptions.UnprocessableEntity',
    message: 'cannot call res.partner.search_read with ids',
  },
  {
    title: 'a contact without a name',
    path: ['res.partner', 'create'],
    body: { vals_list: [{ email: 'nobody@example.com' }] },
    status: 422,
    name: 'odoo.exceptions.ValidationError',
    message: 'The operation cannot be completed: Contacts require a name',
  },
];

export function describeJson2(bench: Bench): void {
  describe('JSON-2', () => {
    test.each(REFUSALS)('refuses $title', async ({ path, body, status, name, message }) => {
      const answer = await bench().client.json2(...path, body);
      expect(answer.status).toBe(status);
      const args = name.startsWith('werkzeug.') ? [message, status] : [message];
      expect(answer.value).toMatchObject({ name, message, arguments: args, context: {} });
    });

    test('refuses to write a record that is gone with 404 JSON', async () => {
      const answer = await bench().client.json2('res.partner', 'write', {
        ids: [99_999_999],
        vals: { comment: 'x' },
      });
      expect(answer.status).toBe(404);
      expect(answer.value).toMatchObject({ name: 'odoo.exceptions.MissingError' });
    });

    test.each([
      ['a wrong key', { Authorization: 'Bearer 0000000000000000000000000000000000000000' }, 'Invalid apikey'],
      [
        'no key',
        { Authorization: '' },
        'User not authenticated, use an API Key with a Bearer Authorization header.',
      ],
    ])('refuses %s with 401', async (_title, headers, message) => {
      const answer = await bench().client.json2('res.partner', 'search', { domain: [], limit: 1 }, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(answer.value).toMatchObject({
        name: 'werkzeug.exceptions.Unauthorized',
        message,
        arguments: [message, 401],
      });
    });

    test('refuses the password as key', async () => {
      const { client } = bench();
      expect(
        (
          await client.json2(
            'res.partner',
            'search',
            { domain: [], limit: 1 },
            { Authorization: `bearer ${client.target.password}` },
          )
        ).status,
      ).toBe(401);
    });

    test('answers an unknown database with an HTML 404', async () => {
      const answer = await bench().client.json2(
        'res.partner',
        'search',
        { domain: [] },
        { 'X-Odoo-Database': 'no-such-db' },
      );
      expect(answer.status).toBe(404);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.text).toContain('No database is selected');
    });

    test('answers GET and a short path with 404 JSON', async () => {
      const { client } = bench();
      const headers = {
        Authorization: `bearer ${client.target.apiKey}`,
        'X-Odoo-Database': client.target.db,
        'Content-Type': 'application/json',
      };
      const get = await client.http('/json/2/res.partner/search_read', { headers });
      const short = await client.post('/json/2/res.partner', {}, headers);
      for (const answer of [get, short]) {
        expect(answer.status).toBe(404);
        expect(JSON.parse(answer.text)).toMatchObject({
          name: 'werkzeug.exceptions.NotFound',
          message: 'Did you mean POST /json/2/<model>/<method>?',
        });
      }
    });

    test('refuses a body that is no JSON, and a wrong content type', async () => {
      const { client } = bench();
      const broken = await client.json2('res.partner', 'search_read', '{"domain":[');
      expect(broken.status).toBe(400);
      expect(broken.value).toMatchObject({ name: 'werkzeug.exceptions.BadRequest' });
      expect(
        (await client.json2('res.partner', 'search_read', '{}', { 'Content-Type': 'text/plain' })).status,
      ).toBe(415);
    });

    test('gives the same page as /jsonrpc', async () => {
      const { client, contact } = bench();
      const ids = [
        await contact({ email: 'a@example.com' }),
        await contact({ comment: '<p>Ünïcode \u2028 \u{1f69a}</p>' }),
      ];
      const query = {
        domain: [['id', 'in', ids]],
        fields: ['name', 'email', 'comment', 'write_date', 'category_id', 'credit_limit', 'parent_id'],
        order: 'id asc',
        limit: 10,
        context: { active_test: false },
      };
      const answer = await client.json2('res.partner', 'search_read', query);
      expect(answer.status).toBe(200);
      const { domain, ...rest } = query;
      expect(answer.value).toEqual(await client.call('res.partner', 'search_read', [domain], rest));
    });

    test('creates, reads, writes, counts and removes', async () => {
      const { client, prefix } = bench();
      const made = await client.json2('res.partner', 'create', {
        vals_list: [{ name: `${prefix} json2 a` }, { name: `${prefix} json2 b` }],
      });
      const ids = made.value as number[];
      expect(ids).toHaveLength(2);
      expect((await client.json2('res.partner', 'write', { ids, vals: { ref: 'J2' } })).value).toBe(true);
      expect(
        (await client.json2('res.partner', 'read', { ids: [...ids, 99_999_999], fields: ['ref'] })).value,
      ).toEqual(ids.map((id) => ({ id, ref: 'J2' })));
      expect((await client.json2('res.partner', 'search_count', { domain: [['id', 'in', ids]] })).value).toBe(
        2,
      );
      expect((await client.json2('res.partner', 'action_unarchive', { ids })).text).toBe('null');
      expect((await client.json2('res.partner', 'unlink', { ids })).value).toBe(true);
      expect((await client.json2('res.partner', 'search', { domain: [['id', 'in', ids]] })).value).toEqual(
        [],
      );
    });

    test('tells rights and fields', async () => {
      const { client } = bench();
      expect((await client.json2('res.partner', 'has_access', { ids: [], operation: 'read' })).value).toBe(
        true,
      );
      const fields = await client.json2('res.partner', 'fields_get', {
        allfields: ['name', 'write_date'],
        attributes: ['type'],
      });
      expect(fields.value).toEqual({ name: { type: 'char' }, write_date: { type: 'datetime' } });
    });
  });
}
