import { describe, expect, test } from '@jest/globals';
import { type FieldList, moduleOf, type Source, wantedFields } from '@odoo-sync/core';
import { fieldListVersion } from './decode.js';
import {
  API_KEY,
  apiKey,
  asksVersion,
  collect,
  DB,
  failureOf,
  never,
  type OdooCall,
  odooOf,
  PASSWORD,
  PythonError,
  password,
  reply,
  Servers,
} from './testing/server.js';

const servers = new Servers();

const WINDOW = { start: new Date('2026-11-22T00:00:00Z'), end: new Date('2026-11-23T00:00:00Z') };

/** `fields_get` of a model that has these fields, and some more. */
const fieldsGet = ({ kwargs }: OdooCall, types: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    (kwargs.allfields as string[]).flatMap((name) => (types[name] ? [[name, { type: types[name] }]] : [])),
  );
const SOME = { id: 'integer', name: 'char', write_date: 'datetime', comment: 'html', credit_limit: 'float' };

const accessError = () => new PythonError('odoo.exceptions.AccessError', 'not for you', 403);

describe('the transport', () => {
  test('is JSON-2 for 19 with an API key, which goes into the header only', async () => {
    const { url, requests } = await servers.listen(odooOf(19, () => []));
    const source = await servers.open(url, apiKey);
    expect(source).toMatchObject({ transport: 'json2', serverVersion: '19.0' });
    await collect(source.light('contacts', WINDOW.start, never));
    const last = requests.at(-1);
    expect(last).toMatchObject({
      path: '/json/2/res.partner/search_read',
      headers: { authorization: `bearer ${API_KEY}`, 'x-odoo-database': DB },
    });
    expect(last?.text).not.toContain(API_KEY);
  });

  test.each([
    [19, password],
    [18, apiKey],
    [14, apiKey],
    [14, password],
  ])('is /jsonrpc for %i with %j, after one login', async (version, credentials) => {
    const { url, requests } = await servers.listen(odooOf(version, () => []));
    const source = await servers.open(url, credentials);
    expect(source).toMatchObject({ transport: 'jsonrpc', serverVersion: `${version}.0` });
    await collect(source.light('contacts', WINDOW.start, never));
    await collect(source.light('invoices', WINDOW.start, never));
    const params = requests
      .filter(({ path }) => path === '/jsonrpc')
      .map(({ text }) => JSON.parse(text).params)
      .filter(({ method }) => method !== 'version');
    expect(params).toEqual([
      {
        service: 'common',
        method: 'authenticate',
        args: [DB, credentials.login, credentials.secret, {}],
      },
      ...['res.partner', 'account.move'].map((model) => ({
        service: 'object',
        method: 'execute_kw',
        args: [DB, 7, credentials.secret, model, 'search_read', [], expect.any(Object)],
      })),
    ]);
  });

  test('logs in anew after a login that failed', async () => {
    let down = true;
    const odoo = odooOf(14, () => []);
    const { url } = await servers.listen((request, response) =>
      down && !asksVersion(request) ? reply(response, 502, 'Bad Gateway') : odoo(request, response),
    );
    const source = await servers.open(url, password);
    const light = () => collect(source.light('contacts', WINDOW.start, never));
    expect(await failureOf(light())).toMatchObject({ kind: 'transient' });
    down = false;
    expect(await light()).toEqual([]);
  });

  test('is refused for a URL that is none', async () => {
    expect(await failureOf(servers.open('odoo.example.com', apiKey))).toMatchObject({
      kind: 'configuration',
    });
  });
});

describe("credentials are rejected only in Odoo's own words", () => {
  const first = (source: Source) => failureOf(collect(source.light('contacts', WINDOW.start, never)));

  test.each<[what: string, status: number, body: unknown]>([
    ["a proxy's own JSON", 200, { status: 'starting' }],
    ['a list', 200, []],
    ['null', 200, null],
    ['an answer that is no number', 200, { jsonrpc: '2.0', id: 1, result: { uid: 5 } }],
    ['the login page of a gateway', 401, '<html>Sign in</html>'],
    ['a refusal of a gateway', 401, { message: 'No API key found in request' }],
    ['a firewall', 403, 'Forbidden'],
  ])('%s where the login is asked for is transient', async (_what, status, body) => {
    const odoo = odooOf(14, () => []);
    const { url } = await servers.listen((request, response) =>
      !asksVersion(request) ? reply(response, status, body) : odoo(request, response),
    );
    expect(await first(await servers.open(url, password))).toMatchObject({ kind: 'transient' });
  });

  test.each<[what: string, status: number, body: unknown, kind: string]>([
    ['a 401 of a gateway, in HTML', 401, '<html>Sign in</html>', 'transient'],
    ['a 401 of a gateway, in JSON', 401, { name: 'Unauthorized', message: 'who are you' }, 'transient'],
    ['a 403 of a gateway, in JSON', 403, { name: 'Forbidden' }, 'transient'],
    ['a 429 of a gateway, in JSON', 429, { name: 'TooManyRequests', message: 'slow down' }, 'throttled'],
    ['a 502 of a gateway, in JSON', 502, { name: 'BadGateway' }, 'transient'],
    ['a page where JSON belongs', 200, '<html>Maintenance</html>', 'transient'],
    ['half of a JSON', 200, '[{"id": 1, "na', 'transient'],
    [
      'a 401 of Odoo',
      401,
      { name: 'werkzeug.exceptions.Unauthorized', message: 'Invalid apikey' },
      'credentials',
    ],
  ])('%s on JSON-2', async (_what, status, body, kind) => {
    const odoo = odooOf(19, () => []);
    const { url } = await servers.listen((request, response) =>
      request.path.startsWith('/json/2') ? reply(response, status, body) : odoo(request, response),
    );
    expect(await first(await servers.open(url, apiKey))).toMatchObject({ kind });
  });

  test('and of a password it is said that two-factor authentication asks for a key instead', async () => {
    const odoo = odooOf(17, () => []);
    const refused = { jsonrpc: '2.0', id: 1, result: false };
    const { url } = await servers.listen((request, response) =>
      asksVersion(request) ? odoo(request, response) : reply(response, 200, refused),
    );
    const of = async (credentials: typeof password) =>
      (await first(await servers.open(url, credentials))).message;
    expect(await of(password)).toMatch(
      /two-factor authentication is on for it, with which Odoo takes API keys only/,
    );
    expect(await of(apiKey)).not.toMatch(/two-factor/);
  });

  test('a record that is missing behind a page is no matter of the user', async () => {
    for (const version of [19, 14]) {
      const { source } = await servers.odoo(version, (call) => {
        if (call.method !== 'search_read') return call.method === 'fields_get' ? fieldsGet(call, SOME) : true;
        throw new PythonError('odoo.exceptions.MissingError', 'Record does not exist', 404);
      });
      expect(await first(source)).toMatchObject({ kind: 'odoo', exception: 'odoo.exceptions.MissingError' });
    }
  });
});

describe.each([19, 18, 14])('describing a module of Odoo %i', (version) => {
  test('gives the wanted fields that are offered, in their order, and tells what was dropped', async () => {
    const calls: OdooCall[] = [];
    const { source } = await servers.odoo(version, (call) => {
      calls.push(call);
      return call.method === 'fields_get'
        ? { ...fieldsGet(call, { write_date: 'datetime', name: 'char', id: 'integer', ref: 'binary' }) }
        : true;
    });
    const list = await source.describe('contacts', never);
    expect(list.fields).toEqual([
      { name: 'id', type: 'integer' },
      { name: 'name', type: 'char' },
      { name: 'write_date', type: 'datetime' },
    ]);
    expect(list.dropped).toEqual(
      wantedFields('contacts').filter((name) => !['id', 'name', 'write_date'].includes(name)),
    );
    expect(list.dropped).toContain('ref');
    expect(list.version).toBe(fieldListVersion(list.fields));
    expect(calls.map(({ model, method, kwargs, ids }) => [model, method, kwargs, ids])).toEqual([
      version >= 18
        ? ['res.partner', 'has_access', { operation: 'read' }, []]
        : ['res.partner', 'check_access_rights', { operation: 'read', raise_exception: false }, undefined],
      ['res.partner', 'fields_get', { allfields: wantedFields('contacts'), attributes: ['type'] }, undefined],
    ]);
  });

  test('that the user may not read says so', async () => {
    const { source } = await servers.odoo(version, () => false);
    expect(await failureOf(source.describe('saleOrders', never))).toMatchObject({
      kind: 'access',
      message: expect.stringContaining('may not read sale.order'),
    });
  });

  test('whose app is not installed says so', async () => {
    const unknown = version >= 19 ? 'werkzeug.exceptions.NotFound' : 'odoo.exceptions.UserError';
    const { source } = await servers.odoo(version, () => {
      throw new PythonError(unknown, "Object hr.employee doesn't exist", 404);
    });
    expect(await failureOf(source.describe('employees', never))).toMatchObject({
      kind: 'access',
      message: expect.stringContaining('no model hr.employee'),
    });
  });

  test.each(['id', 'write_date'])('without %s is of no use', async (name) => {
    const { source } = await servers.odoo(version, (call) =>
      call.method === 'fields_get' ? fieldsGet(call, { ...SOME, [name]: '' }) : true,
    );
    expect(await failureOf(source.describe('contacts', never))).toMatchObject({
      kind: 'access',
      message: expect.stringContaining(name),
    });
  });

  test.each<[what: string, access: unknown, fields: unknown]>([
    ['the access', null, SOME],
    ['the access', 'yes', SOME],
    ['the fields', true, [1]],
    ['the fields', true, { id: 'integer' }],
  ])('is a transient fault where the answer for %s is broken (%j)', async (_what, access, fields) => {
    const { source } = await servers.odoo(version, ({ method }) =>
      method === 'fields_get' ? fields : access,
    );
    expect(await failureOf(source.describe('contacts', never))).toMatchObject({ kind: 'transient' });
  });

  test.each<[name: string, kind: string]>([
    ['odoo.exceptions.AccessDenied', 'credentials'],
    ['psycopg2.OperationalError', 'transient'],
    ['builtins.AttributeError', 'odoo'],
  ])('passes %s on as %s', async (name, kind) => {
    const { source } = await servers.odoo(version, () => {
      throw new PythonError(name);
    });
    expect(await failureOf(source.describe('contacts', never))).toMatchObject({ kind });
  });
});

const listOf = (types: Readonly<Record<string, string>>): FieldList => {
  const fields = Object.entries(types).map(([name, type]) => ({ name, type }));
  return { fields, dropped: [], version: fieldListVersion(fields) };
};

describe.each([19, 14])('a reading that Odoo %i refuses', (version) => {
  const failing = (answers: {
    readonly search: () => unknown;
    readonly access?: boolean;
    readonly fields?: Readonly<Record<string, string>>;
  }) =>
    servers.odoo(version, (call) => {
      if (call.method === 'search_read') return answers.search();
      return call.method === 'fields_get'
        ? fieldsGet(call, answers.fields ?? SOME)
        : (answers.access ?? true);
    });
  const windowOf = (source: Source) =>
    failureOf(collect(source.window('contacts', listOf(SOME), WINDOW, never)));
  const refuse = (error: PythonError) => () => {
    throw error;
  };

  test('as a model that may not be read any more is access', async () => {
    const { source } = await failing({ search: refuse(accessError()), access: false });
    expect(await windowOf(source)).toMatchObject({ kind: 'access' });
  });

  test('with a field that is not offered any more is fields, and names it', async () => {
    const { credit_limit: _, ...left } = SOME;
    const { source } = await failing({ search: refuse(accessError()), fields: left });
    expect(await windowOf(source)).toMatchObject({
      kind: 'fields',
      message: expect.stringContaining('credit_limit'),
    });
  });

  test('with a field that is unknown since an upgrade is fields', async () => {
    const { comment: _, ...left } = SOME;
    const unknown = new PythonError('builtins.ValueError', "Invalid field 'comment' on 'res.partner'", 500);
    const { source } = await failing({ search: refuse(unknown), fields: left });
    expect(await windowOf(source)).toMatchObject({ kind: 'fields' });
  });

  test('by AccessError although model and fields may be read is fields', async () => {
    const { source } = await failing({ search: refuse(accessError()) });
    expect(await windowOf(source)).toMatchObject({ kind: 'fields' });
  });

  test('by an error of its own code stays what it is', async () => {
    const { source } = await failing({
      search: refuse(new PythonError('builtins.ZeroDivisionError', 'oh', 500)),
    });
    expect(await windowOf(source)).toMatchObject({ kind: 'odoo', exception: 'builtins.ZeroDivisionError' });
  });

  test.each(['odoo.exceptions.AccessDenied', 'psycopg2.OperationalError'])(
    'by %s is not asked about again',
    async (name) => {
      const { source, requests } = await failing({ search: refuse(new PythonError(name)) });
      await windowOf(source);
      expect(requests.filter(({ method }) => method === 'POST').at(-1)?.text).toContain('id asc');
    },
  );

  test('over fields that fields_get offers all the same is described without them the next time', async () => {
    const hidden = ['name', 'credit_limit'];
    const { source } = await servers.odoo(version, (call) => {
      if (call.method === 'fields_get') return fieldsGet(call, SOME);
      if (call.method !== 'search_read') return true;
      if ((call.kwargs.fields as string[]).some((name) => hidden.includes(name))) throw accessError();
      return [];
    });
    const before = await source.describe('contacts', never);
    expect(before.fields.map(({ name }) => name)).toEqual(expect.arrayContaining(hidden));
    expect(await windowOf(source)).toMatchObject({ kind: 'fields' });
    const after = await source.describe('contacts', never);
    expect(after.fields.map(({ name }) => name).sort()).toEqual(['comment', 'id', 'write_date']);
    expect(after.dropped).toEqual(expect.arrayContaining(hidden));
    expect(after.version).not.toBe(before.version);
    expect(await collect(source.window('contacts', after, WINDOW, never))).toEqual([]);
    // Another module is not in doubt.
    const others = await source.describe('saleOrders', never);
    expect(others.dropped).not.toContain('name');
  });
});

describe('the survey', () => {
  const range = { start: new Date('2026-08-24T00:00:00Z'), end: WINDOW.end };
  const since = ['write_date', '>=', '2026-08-24 00:00:00'];
  const before = ['write_date', '<', '2026-11-23 00:00:00'];
  const inUtc = { active_test: false, lang: 'en_US', tz: 'UTC' };

  test('of 19 groups by day in UTC', async () => {
    const calls: OdooCall[] = [];
    const { source } = await servers.odoo(19, (call) => {
      calls.push(call);
      return [
        {
          'write_date:day': ['2026-11-22 00:00:00', '22 Nov 2026'],
          __extra_domain: [
            '&',
            ['write_date', '>=', '2026-11-22 00:00:00'],
            ['write_date', '<', '2026-11-23 00:00:00'],
          ],
          __count: 4,
        },
      ];
    });
    expect(await source.survey('invoices', range, never)).toEqual([{ start: WINDOW.start, records: 4 }]);
    expect(calls).toMatchObject([
      {
        model: 'account.move',
        method: 'formatted_read_group',
        kwargs: {
          domain: [...moduleOf('invoices').baseDomain, since, before],
          groupby: ['write_date:day'],
          aggregates: ['__count'],
          context: inUtc,
        },
      },
    ]);
  });

  test('of 14 groups by day in UTC', async () => {
    const calls: OdooCall[] = [];
    const { source } = await servers.odoo(14, (call) => {
      calls.push(call);
      return [{ __count: 4, __domain: ['&', ['write_date', '>=', '2026-11-22 00:00:00'], since] }];
    });
    expect(await source.survey('contacts', { ...range, start: null }, never)).toEqual([
      { start: WINDOW.start, records: 4 },
    ]);
    expect(calls).toMatchObject([
      {
        model: 'res.partner',
        method: 'read_group',
        kwargs: {
          domain: [before],
          fields: ['write_date'],
          groupby: ['write_date:day'],
          lazy: false,
          context: inUtc,
        },
      },
    ]);
  });
});

describe.each([14, 19])('a count of %i', (version) => {
  const counted = async (value: unknown) => {
    const calls: OdooCall[] = [];
    const { source } = await servers.odoo(version, (call) => {
      calls.push(call);
      return value;
    });
    return { source, calls };
  };
  const [first, second, third] = ['2026-08-24', '2026-09-01', '2026-09-03'].map((day) => ({
    start: new Date(`${day}T00:00:00Z`),
    end: WINDOW.end,
  }));

  test('asks for all ranges at once, with the terms that a window asks with', async () => {
    const { source, calls } = await counted(7);
    expect(await source.count('invoices', [first!, { ...second!, start: null }, third!], never)).toBe(7);
    const end = ['write_date', '<', '2026-11-23 00:00:00'];
    expect(calls).toMatchObject([
      {
        model: 'account.move',
        method: 'search_count',
        kwargs: {
          domain: [
            ...moduleOf('invoices').baseDomain,
            ...['|', '|'],
            ...['&', ['write_date', '>=', '2026-08-24 00:00:00'], end],
            end,
            ...['&', ['write_date', '>=', '2026-09-03 00:00:00'], end],
          ],
          context: { active_test: false },
        },
      },
    ]);
  });

  test('of no range asks nothing', async () => {
    const { source, calls } = await counted(7);
    expect(await source.count('contacts', [], never)).toBe(0);
    expect(calls).toEqual([]);
  });

  test.each([null, true, -1, 0.5, []])('that is %p is refused', async (value) => {
    const { source } = await counted(value);
    await expect(source.count('contacts', [first!], never)).rejects.toThrow('expected a count');
  });
});

describe("the session's clock", () => {
  const at = (text: string) => new Date(text).toUTCString();

  test('is that of the last answer, also of a mere touch', async () => {
    let date = at('2026-11-22T12:00:00Z');
    const odoo = odooOf(19, () => []);
    const { url } = await servers.listen((request, response) => {
      response.setHeader('Date', date);
      odoo(request, response);
    });
    const source = await servers.open(url, apiKey);
    expect(source.clock().lastAnswer).toEqual(new Date('2026-11-22T12:00:00Z'));
    date = at('2026-11-22T12:00:07Z');
    await collect(source.light('contacts', WINDOW.start, never));
    expect(source.clock().lastAnswer).toEqual(new Date('2026-11-22T12:00:07Z'));
    date = at('2026-11-22T12:00:09Z');
    await source.touch(never);
    expect(source.clock().lastAnswer).toEqual(new Date('2026-11-22T12:00:09Z'));
    expect(source.clock().now.getTime()).toBeGreaterThanOrEqual(source.clock().lastAnswer.getTime());
  });
});

test('a password with quotes, spaces and backslashes reaches Odoo as it is', async () => {
  const { url, requests } = await servers.listen(odooOf(14, () => []));
  await collect((await servers.open(url, password)).light('contacts', WINDOW.start, never));
  expect(JSON.parse(requests.at(-1)?.text ?? '').params.args[2]).toBe(PASSWORD);
});
