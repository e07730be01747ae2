import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Source } from '@odoo-sync/core';
import { until } from '@odoo-sync/testkit';
import {
  apiKey,
  asksVersion,
  DB,
  failureOf,
  type Handler,
  never,
  odooOf,
  PythonError,
  password,
  reply,
  type SeenRequest,
  Servers,
} from './testing/server.js';

const servers = new Servers();

const recorded = (name: string): Handler => {
  const text = readFileSync(new URL(`../fixtures/odoo19/${name}.json`, import.meta.url), 'utf8');
  const { status, json } = JSON.parse(text).response;
  return (_request, response) => reply(response, status, json);
};
const UP = recorded('web_health_db');
const DOWN = recorded('dbdown_web_health_db');
const NO_PAGE: Handler = (_request, response) => reply(response, 404, '<title>404 Not Found</title>');

const NO_DATABASE = '<p>No database is selected and the requested URL was not found</p>';
/** What PostgreSQL says is translated, so nothing can be read out of it. */
const FATAL = 'FATAL: la base de données « acme » n’existe pas';

const TRANSPORTS = [
  { transport: 'JSON-2', version: 19, credentials: apiKey, said: 'HTTP 404' },
  { transport: 'JSON-RPC', version: 17, credentials: password, said: FATAL },
] as const;

interface Shown {
  /** Whether the database can be opened. */
  opens: boolean;
  health: Handler;
}

/** A session with an Odoo whose database and health page are as `shown` says at the moment. */
async function sessionWith({ version, credentials }: (typeof TRANSPORTS)[number], shown: Shown) {
  const odoo = odooOf(version, () => true);
  const { url, requests } = await servers.listen((request, response) => {
    if (request.path.startsWith('/web/health')) return shown.health(request, response);
    if (shown.opens || asksVersion(request)) return odoo(request, response);
    if (request.path !== '/jsonrpc') return reply(response, 404, NO_DATABASE);
    const error = {
      code: 0,
      message: 'Odoo Server Error',
      data: { name: 'psycopg2.OperationalError', message: FATAL },
    };
    reply(response, 200, { jsonrpc: '2.0', id: 1, error });
  });
  const source = await servers.open(url, credentials);
  const healthAsked = () => requests.filter(({ path }) => path.startsWith('/web/health'));
  return { source, requests, healthAsked };
}

const ask = (source: Source) => failureOf(source.describe('contacts', never));

describe.each(TRANSPORTS)('a database that $transport can not open', (how) => {
  test('while its server is up has a wrong name, which an operator must put right', async () => {
    const { source, healthAsked } = await sessionWith(how, { opens: false, health: UP });
    const error = await ask(source);
    expect(error).toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(
        new RegExp(
          `^Odoo has no database "${DB}" that it can open, though its database server is up: check the name, and add`,
        ),
      ),
    });
    expect(error.message).toContain(how.said);
    expect(healthAsked()).toHaveLength(1);
  });

  test('while its server is down passes by itself', async () => {
    const { source, healthAsked } = await sessionWith(how, { opens: false, health: DOWN });
    expect(await ask(source)).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/^Odoo's database server is down, .* start PostgreSQL/),
    });
    expect(healthAsked()).toHaveLength(1);
  });

  test.each<[what: string, health: Handler]>([
    ['is not there, as in Odoo 14', NO_PAGE],
    [
      'does not look at the server, as in 15 and 16',
      (_request, response) => reply(response, 200, { status: 'pass' }),
    ],
    ['is a page', (_request, response) => reply(response, 200, '<html>Welcome')],
    ['is a gateway without its Odoo', (_request, response) => reply(response, 502, 'Bad Gateway')],
    ['answers with a reset', (_request, response) => response.socket?.resetAndDestroy()],
  ])('has two causes, which are both told, where the health page %s', async (_what, health) => {
    const { source, healthAsked } = await sessionWith(how, { opens: false, health });
    const error = await ask(source);
    expect(error).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(
        new RegExp(
          `database "${DB}": either it has none of that name, or its database server is down.*: check both`,
        ),
      ),
    });
    expect(error.message).toContain(how.said);
    expect(healthAsked()).toHaveLength(1);
  });

  test('but could a moment ago was restarted, unless that shows again', async () => {
    const shown = { opens: true, health: UP };
    const { source, healthAsked } = await sessionWith(how, shown);
    const opened = await ask(source);
    expect(opened.message).toContain('fields_get');
    shown.opens = false;
    const [first, second] = [await ask(source), await ask(source)];
    expect(first).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(
        /"acme" any more, .* tried again; if this lasts, the database was renamed or removed/,
      ),
    });
    expect(second).toMatchObject({ kind: 'configuration' });
    expect(healthAsked()).toHaveLength(2);
  });

  test('is asked about without credentials', async () => {
    const { source, healthAsked } = await sessionWith(how, { opens: false, health: UP });
    await ask(source);
    const [{ path, method, headers, text }] = healthAsked() as [SeenRequest];
    expect([method, path, text]).toEqual(['GET', '/web/health?db_server_status=1', '']);
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('cookie');
  });

  test('holds up nobody who stops meanwhile', async () => {
    const { source, healthAsked } = await sessionWith(how, { opens: false, health: () => {} });
    const stop = new AbortController();
    const error = failureOf(source.describe('contacts', stop.signal));
    await until('the health page is asked for', () => healthAsked().length === 1);
    stop.abort();
    expect(await error).toBeInstanceOf(Error);
    await until('the connection is closed', () => healthAsked()[0]?.cut === true);
  });
});

test.each([
  [19, 'odoo.exceptions.AccessDenied', 401],
  [19, 'odoo.exceptions.MissingError', 404],
  // Named by JSON-2, it comes out of a database that was opened.
  [19, 'psycopg2.OperationalError', 500],
  [14, 'odoo.exceptions.AccessDenied', 200],
  [14, 'psycopg2.errors.SerializationFailure', 200],
])('the health of Odoo %i is not asked for over %s', async (version, exception, status) => {
  const { source, requests } = await servers.odoo(version, () => {
    throw new PythonError(exception, 'no', status);
  });
  await ask(source);
  expect(requests.filter(({ path }) => path.startsWith('/web/health'))).toEqual([]);
});
