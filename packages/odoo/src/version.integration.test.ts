import { describe, expect, test } from '@jest/globals';
import type { ErrorKind } from '@odoo-sync/core';
import { createHttpClient } from './http.js';
import { DB, failureOf, type Handler, HERE, never, reply, Servers } from './testing/server.js';
import { detectVersion } from './version.js';

const servers = new Servers();

async function detect(handler: Handler) {
  const { url, requests } = await servers.listen(handler);
  const http = createHttpClient(url, { timeoutMs: 5_000, maxBytes: 100_000 }, HERE);
  servers.onEnd(() => http.close());
  return { version: detectVersion(http, DB, never), requests };
}

type Page = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];
const NOT_FOUND: Page = [404, '<title>404 Not Found</title>'];

/** A server that tells its version so: by `/jsonrpc`, and on its page. */
const pages =
  (rpc: Page, web: Page): Handler =>
  ({ path }, response) =>
    reply(response, ...(path === '/jsonrpc' ? rpc : path === '/web/version' ? web : NOT_FOUND));

const web = (text: string, first: unknown): Page => [
  200,
  { version: text, version_info: [first, 0, 0, 'final', 0, ''] },
];
const rpc = (text: string, first: unknown): Page => [
  200,
  {
    jsonrpc: '2.0',
    id: 1,
    result: { server_version: text, server_version_info: [first, 0, 0, 'final', 0, ''] },
  },
];

describe("a server's version", () => {
  test('is asked for by /jsonrpc, which begins no session, of the database that is meant', async () => {
    const { version, requests } = await detect(pages(rpc('14.0', 14), NOT_FOUND));
    expect(await version).toMatchObject({ text: '14.0', major: 14, answer: { date: expect.any(Date) } });
    expect(requests).toMatchObject([
      { method: 'POST', path: '/jsonrpc', headers: { 'x-odoo-database': DB } },
    ]);
    expect(JSON.parse(requests[0]?.text ?? '')).toMatchObject({
      params: { service: 'common', method: 'version', args: [] },
    });
  });

  test('of a database whose name no header can carry is asked for without it', async () => {
    const { url, requests } = await servers.listen(pages(rpc('19.0', 19), NOT_FOUND));
    const http = createHttpClient(url, { timeoutMs: 5_000, maxBytes: 100_000 }, HERE);
    servers.onEnd(() => http.close());
    expect(await detectVersion(http, '日本', never)).toMatchObject({ major: 19 });
    expect(requests[0]?.headers).not.toHaveProperty('x-odoo-database');
  });

  test.each<[what: string, page: Page]>([
    ['is gone', NOT_FOUND],
    ['is not let through', [403, 'Forbidden']],
    ['is some other JSON', [200, { status: 'ok' }]],
    [
      'has no such service',
      [200, { jsonrpc: '2.0', id: 1, error: { data: { name: 'builtins.KeyError', message: 'common' } } }],
    ],
  ])('is read off /web/version where /jsonrpc %s', async (_what, page) => {
    const { version, requests } = await detect(pages(page, web('22.0', 22)));
    expect(await version).toMatchObject({ text: '22.0', major: 20, newer: true });
    expect(requests[1]).toMatchObject({ method: 'GET', path: '/web/version' });
  });

  test.each<[text: string, first: unknown, major: number]>([
    ['saas~18.2', 'saas~18', 18],
    ['saas~19.1+e', 'saas~19', 19],
    ['18.0+e', 18, 18],
    ['20.0alpha1', 20, 20],
  ])('%s counts as its major', async (text, first, major) => {
    const { version } = await detect(pages(rpc(text, first), NOT_FOUND));
    expect(await version).toMatchObject({ text, major, newer: false });
  });

  test.each<[text: string, first: unknown]>([
    ['13.0', 13],
    ['saas~12.3', 'saas~12'],
    ['master', 'master'],
    ['?', null],
  ])('%s is refused, since nothing is known of it', async (text, first) => {
    const { version } = await detect(pages(rpc(text, first), NOT_FOUND));
    expect(await failureOf(version)).toMatchObject({
      kind: 'configuration',
      message: `Odoo ${text} is not supported: 14 or later is needed`,
    });
  });

  const gateway: Page = [502, '<title>Bad Gateway</title>'];
  const moved: Page = [301, '', { Location: 'https://erp.example.com/web/version' }];
  test.each<[what: string, rpc: Page, web: Page, kind: ErrorKind, message: RegExp]>([
    ['behind a proxy without its Odoo', gateway, gateway, 'transient', /HTTP 502/],
    ['that has moved', moved, moved, 'configuration', /redirects to https:\/\/erp\.example\.com:/],
    ['that throttles', [429, ''], [429, '', { 'Retry-After': '3' }], 'throttled', /HTTP 429/],
    [
      'that is no Odoo',
      NOT_FOUND,
      NOT_FOUND,
      'transient',
      /^expected an Odoo at http:\S+, telling its version, got \d+ bytes of text\/html \(HTTP 404\): check that this is the URL of Odoo itself/,
    ],
    ['that knows no such requests', [405, ''], [405, ''], 'transient', /^expected an Odoo .*HTTP 405/],
    ['that is something else', [200, { a: 1 }], [200, { a: 1 }], 'transient', /JSON of another kind/],
    ['that answers everything with a page', [200, '<html>'], [200, '<html>'], 'transient', /text\/html/],
    [
      'whose database is down',
      [200, { jsonrpc: '2.0', id: null, error: { code: 200, data: { name: 'psycopg2.OperationalError' } } }],
      NOT_FOUND,
      'transient',
      /HTTP 404/,
    ],
  ])('cannot be had of a server %s', async (_what, first, second, kind, message) => {
    const { version } = await detect(pages(first, second));
    expect(await failureOf(version)).toMatchObject({ kind, message: expect.stringMatching(message) });
  });
});
