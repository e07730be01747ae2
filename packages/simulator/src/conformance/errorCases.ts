import { describe, expect, test } from '@jest/globals';
import { ConformanceClient } from './client.js';
import type { Bench } from './workbench.js';

type Args = readonly [
  model: string,
  method: string,
  args: readonly unknown[],
  kwargs?: Readonly<Record<string, unknown>>,
];

const REFUSALS: readonly (readonly [title: string, call: Args, name: string, message: string])[] = [
  [
    'an unknown model',
    ['no.such.model', 'search_read', [[]]],
    'odoo.exceptions.UserError',
    "Object no.such.model doesn't exist",
  ],
  [
    'an unknown field',
    ['res.partner', 'search_read', [[], ['id', 'no_such']]],
    'builtins.ValueError',
    "Invalid field 'no_such' on 'res.partner'",
  ],
  [
    'an unknown field of read',
    ['res.partner', 'read', [[1], ['no_such']]],
    'builtins.ValueError',
    "Invalid field 'no_such' on 'res.partner'",
  ],
  [
    'a dotted field',
    ['res.partner', 'search_read', [[], ['parent_id.name']]],
    'builtins.ValueError',
    "Invalid field 'parent_id.name' on 'res.partner'",
  ],
  [
    'an unknown field in the domain',
    ['res.partner', 'search', [[['no_such', '=', 1]]]],
    'builtins.ValueError',
    "Invalid field res.partner.no_such in condition ('no_such', '=', 1)",
  ],
  [
    'an unknown operator',
    ['res.partner', 'search', [[['id', 'nosuchop', 1]]]],
    'builtins.ValueError',
    "Invalid operator in condition ('id', 'nosuchop', 1)",
  ],
  [
    'a malformed domain',
    ['res.partner', 'search', [[['id', '=', 1], '&']]],
    'builtins.ValueError',
    "Domain() malformed domain [['id', '=', 1], '&']",
  ],
  [
    'a domain that is no list',
    ['res.partner', 'search', ['garbage']],
    'builtins.TypeError',
    "Domain() invalid argument type for domain: 'garbage'",
  ],
  [
    'an unknown field to order by',
    ['res.partner', 'search', [[]], { order: 'no_such asc', limit: 1 }],
    'builtins.ValueError',
    "Invalid field 'no_such' on model 'res.partner'",
  ],
  [
    'an order that is none',
    ['res.partner', 'search', [[]], { order: 'garbage here', limit: 1 }],
    'odoo.exceptions.UserError',
    'Invalid "order" specified (garbage here). A valid "order" specification is a comma-separated list of valid field names (optionally followed by asc/desc for the direction)',
  ],
  [
    'a date that is none',
    ['res.partner', 'search', [[['write_date', '>=', 'garbage']]]],
    'builtins.ValueError',
    "Invalid term 'garbage' in expression date: 'garbage'",
  ],
  [
    'a date with a zone',
    ['res.partner', 'search', [[['write_date', '>=', '2026-11-23T00:00:00Z']]]],
    'builtins.ValueError',
    "expecting only datetimes with no timezone: '2026-11-23T00:00:00Z'",
  ],
  [
    'a negative limit',
    ['res.partner', 'search', [[]], { limit: -1 }],
    'psycopg2.errors.InvalidRowCountInLimitClause',
    'LIMIT must not be negative\n',
  ],
  [
    'an unknown method',
    ['res.partner', 'no_such_method', [[]]],
    'builtins.AttributeError',
    "The method 'res.partner.no_such_method' does not exist",
  ],
  [
    'a private method',
    ['res.partner', '_read_format', [[1]]],
    'odoo.exceptions.AccessError',
    "Private methods (such as 'res.partner._read_format') cannot be called remotely.",
  ],
  [
    'an unknown argument',
    ['res.partner', 'search_read', [[['id', '=', 1]], ['id']], { nosuchkw: 1 }],
    'builtins.TypeError',
    "BaseModel._read_format() got an unexpected keyword argument 'nosuchkw'",
  ],
  [
    'a group by an unknown field',
    ['res.partner', 'formatted_read_group', [[], ['no_such:day'], ['__count']]],
    'builtins.ValueError',
    "Invalid field 'no_such' on model 'res.partner'",
  ],
  [
    'a contact without a name',
    ['res.partner', 'create', [{ email: 'nobody@example.com' }]],
    'odoo.exceptions.ValidationError',
    'The operation cannot be completed: Contacts require a name',
  ],
  [
    'an unknown field of create',
    ['res.partner', 'create', [{ name: 'never made', no_such: 1 }]],
    'builtins.ValueError',
    "Invalid field 'no_such' in 'res.partner'",
  ],
];

export function describeErrors(bench: Bench): void {
  describe('errors of /jsonrpc', () => {
    test.each(REFUSALS)('%s', async (_title, [model, method, args, kwargs], name, message) => {
      const error = await bench().client.refusal(model, method, args, kwargs);
      expect(error).toMatchObject({
        code: 0,
        message: 'Odoo Server Error',
        data: { name, message, arguments: [message], context: {} },
      });
      expect(error.data.debug).toContain(name.split('.').at(-1));
    });

    test.each(['write', 'unlink'])('%s of a record that is gone', async (method) => {
      const args = method === 'write' ? [[99_999_999], { comment: 'x' }] : [[99_999_999]];
      const { data } = await bench().client.refusal('res.partner', method, args);
      expect(data.name).toBe('odoo.exceptions.MissingError');
      expect(data.message).toMatch(
        /^Record does not exist or has been deleted\.\n\(Record: res\.partner\(99999999,\), User: \d+\)$/,
      );
    });

    test('a wrong password or login is no error of authenticate', async () => {
      const { client } = bench();
      const { db, login } = client.target;
      expect((await client.rpc('common', 'authenticate', [db, login, 'wrong', {}])).result).toBe(false);
      expect((await client.rpc('common', 'authenticate', [db, 'nobody', 'wrong', {}])).result).toBe(false);
    });

    test('an API key is as good as the password', async () => {
      const { client } = bench();
      const { db, login, apiKey } = client.target;
      const uid = (await client.rpc('common', 'authenticate', [db, login, apiKey, {}])).result;
      expect(typeof uid).toBe('number');
      const answer = await client.rpc('object', 'execute_kw', [
        db,
        uid,
        apiKey,
        'res.partner',
        'search',
        [[['id', '=', 1]]],
      ]);
      expect(answer.error).toBeUndefined();
    });

    test('a wrong password of execute_kw is AccessDenied', async () => {
      const { data } = await new ConformanceClient(bench().client.target, {
        uid: 2,
        password: 'wrong',
      }).refusal('res.partner', 'search', [[]], { limit: 1 });
      expect(data).toMatchObject({
        name: 'odoo.exceptions.AccessDenied',
        message: 'Access Denied',
        arguments: ['Access Denied'],
      });
    });

    test('an unknown uid is a MissingError', async () => {
      const { data } = await new ConformanceClient(bench().client.target, {
        uid: 999_999,
        password: 'x',
      }).refusal('res.partner', 'search', [[]]);
      expect(data).toMatchObject({
        name: 'odoo.exceptions.MissingError',
        message: 'Record does not exist or has been deleted.\n(Record: res.users(999999,), User: 999999)',
      });
    });

    test('an unknown database is an OperationalError of psycopg2', async () => {
      const { error } = await bench().client.rpc('common', 'authenticate', ['no-such-db', 'x', 'x', {}]);
      expect(error?.data.name).toBe('psycopg2.OperationalError');
      expect(error?.data.message).toContain('FATAL:  database "no-such-db" does not exist\n');
    });

    test('an unknown service and missing parameters', async () => {
      const { client } = bench();
      expect((await client.rpc('nosvc', 'version', [])).error?.data).toMatchObject({
        name: 'builtins.KeyError',
        message: 'nosvc',
      });
      const answer = await client.post('/jsonrpc', { a: 1 });
      expect(JSON.parse(answer.text)).toMatchObject({
        id: null,
        error: { data: { name: 'builtins.TypeError' } },
      });
    });

    test('a method that returns None has neither result nor error', async () => {
      const id = await bench().contact();
      const envelope = await bench().client.envelope('res.partner', 'action_unarchive', [[id]]);
      expect(Object.keys(envelope).sort()).toEqual(['id', 'jsonrpc']);
    });

    test.each([
      ['a body that is no JSON', { body: '{"jsonrpc":', type: 'application/json' }, 400, 'Invalid JSON data'],
      ['a body that is no object', { body: '[1,2]', type: 'application/json' }, 400, 'Invalid JSON-RPC data'],
      ['a wrong content type', { body: '{}', type: 'text/plain' }, 415, 'Unsupported Media Type'],
    ])('%s', async (_title, { body, type }, status, text) => {
      const answer = await bench().client.http('/jsonrpc', {
        method: 'POST',
        body,
        headers: { 'Content-Type': type },
      });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.text).toContain(text);
    });

    test('GET is refused', async () => {
      expect((await bench().client.http('/jsonrpc')).status).toBe(415);
    });
  });
}
