import { describe, expect, test } from '@jest/globals';
import type { ErrorKind } from '@odoo-sync/core';
import { createHttpClient } from './http.js';
import { detectVersion } from './version.js';
import { DB, failureOf, type Handler, never, reply, Servers } from './withServer.test.js';

const servers = new Servers();

async function detect(handler: Handler) {
  const { url, requests } = await servers.listen(handler);
  const http = createHttpClient(url, { timeoutMs: 5_000, maxBytes: 100_000 });
  servers.onEnd(() => http.close());
  return { version: detectVersion(http, DB, never), requests };
}

type Page = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];
const NOT_FOUND: Page = [404, '<title>404 Not Found</title>'];

/** A server whose two version pages are these. */
const pages =
  (web: Page, info: Page): Handler =>
  ({ path }, response) =>
    reply(
      response,
      ...(path === '/web/version' ? web : path === '/web/webclient/version_info' ? info : NOT_FOUND),
    );

const web = (text: string, first: unknown): Page => [
  200,
  { version: text, version_info: [first, 0, 0, 'final', 0, ''] },
];
const info = (text: string, first: unknown): Page => [
  200,
  {
    jsonrpc: '2.0',
    id: null,
    result: { server_version: text, server_version_info: [first, 0, 0, 'final', 0, ''] },
  },
];

describe("a server's version", () => {
  test('is read from /web/version with one request, of the database that is meant', async () => {
    const { version, requests } = await detect(pages(web('19.0', 19), NOT_FOUND));
    expect(await version).toMatchObject({ text: '19.0', major: 19, answer: { date: expect.any(Date) } });
    expect(requests).toMatchObject([
      { method: 'GET', path: '/web/version', headers: { 'x-odoo-database': DB } },
    ]);
  });

  test.each<[what: string, page: Page]>([
    ['is not there', NOT_FOUND],
    ['redirects to the login', [303, '', { Location: '/web/login' }]],
    ['shows the website', [200, '<html>Welcome</html>']],
    ['shows some other JSON', [200, { status: 'ok' }]],
  ])('is asked of version_info where /web/version %s', async (_what, page) => {
    const { version, requests } = await detect(pages(page, info('14.0', 14)));
    expect(await version).toMatchObject({ text: '14.0', major: 14 });
    expect(requests[1]).toMatchObject({ method: 'POST', path: '/web/webclient/version_info' });
  });

  test.each<[text: string, first: unknown, major: number]>([
    ['saas~18.2', 'saas~18', 18],
    ['saas~19.1+e', 'saas~19', 19],
    ['18.0+e', 18, 18],
    ['20.0alpha1', 20, 20],
  ])('%s counts as its major', async (text, first, major) => {
    const { version } = await detect(pages(web(text, first), NOT_FOUND));
    expect(await version).toMatchObject({ text, major });
  });

  test.each<[text: string, first: unknown]>([
    ['13.0', 13],
    ['saas~12.3', 'saas~12'],
    ['master', 'master'],
    ['?', null],
  ])('%s is refused, since nothing is known of it', async (text, first) => {
    const { version } = await detect(pages(NOT_FOUND, info(text, first)));
    expect(await failureOf(version)).toMatchObject({
      kind: 'configuration',
      message: `Odoo ${text} is not supported: 14 or later is needed`,
    });
  });

  const gateway: Page = [502, '<title>Bad Gateway</title>'];
  const moved: Page = [301, '', { Location: 'https://erp.example.com/web/version' }];
  test.each<[what: string, web: Page, info: Page, kind: ErrorKind, message: RegExp]>([
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
      NOT_FOUND,
      [200, { jsonrpc: '2.0', id: null, error: { code: 200, data: { name: 'psycopg2.OperationalError' } } }],
      'transient',
      /HTTP 404/,
    ],
  ])('cannot be had of a server %s', async (_what, first, second, kind, message) => {
    const { version } = await detect(pages(first, second));
    expect(await failureOf(version)).toMatchObject({ kind, message: expect.stringMatching(message) });
  });
});
