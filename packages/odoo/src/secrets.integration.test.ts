import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { Credentials } from '@odoo-sync/core';
import { until } from '@odoo-sync/testkit';
import {
  apiKey,
  asksVersion,
  collect,
  failureOf,
  type Handler,
  LIGHT_FIELDS,
  odooOf,
  password,
  reply,
  type SeenRequest,
  Servers,
  WINDOW,
} from './testing/server.js';

const servers = new Servers();

/** All that a server was told, as a careless one might say it back. */
const echo = ({ headers, text }: SeenRequest) =>
  `${headers.authorization ?? text} ${text} ${JSON.stringify(headers)}`;

function python(request: SeenRequest, response: ServerResponse, name: string): void {
  const data = { name, message: `cannot do ${echo(request)}`, arguments: [], debug: echo(request) };
  const envelope = { jsonrpc: '2.0', id: 1, error: { code: 0, message: echo(request), data } };
  if (request.path === '/jsonrpc') reply(response, 200, envelope);
  else reply(response, 500, data);
}

const secretIn = ({ headers, text }: SeenRequest): string =>
  [password.secret, apiKey.secret].find(
    (secret) => headers.authorization?.includes(secret) || text.includes(secret),
  ) ?? 'none';

const CODES: Readonly<Record<string, (secret: string) => string>> = {
  'in capitals': (secret) => secret.toUpperCase(),
  'as hexadecimal digits': (secret) => Buffer.from(secret).toString('hex'),
  'as basic auth': (secret) => Buffer.from(`mitchell@example.com:${secret}`).toString('base64'),
  'as basic auth in a URL': (secret) => encodeURIComponent(Buffer.from(`admin:${secret}`).toString('base64')),
  'byte by byte': (secret) => Buffer.from(secret).toString('hex').replace(/../g, '%$&'),
};

/** Every way in which an answer can be a fault, each with as much of the request in it as fits. */
const FAULTS: Readonly<Record<string, Handler>> = {
  'a reset': (_request, response) => response.socket?.resetAndDestroy(),
  'an end without an answer': (_request, response) => response.socket?.destroy(),
  'no answer at all': () => {},
  'half an answer': (request, response) => {
    response.writeHead(200, { 'Content-Length': '100000' });
    response.write(echo(request), () => response.socket?.destroy());
  },
  'an answer too large': (request, response) => reply(response, 200, echo(request).repeat(200)),
  'a page': (request, response) => reply(response, 200, `<html>${echo(request)}`),
  'half a JSON': (request, response) => reply(response, 200, `{"result": ${JSON.stringify(echo(request))}`),
  'some other JSON': (request, response) =>
    reply(response, 200, { said: echo(request), result: echo(request) }),
  'a text where rows belong': (request, response) =>
    reply(response, 200, { jsonrpc: '2.0', id: 1, result: echo(request) }),
  'no content': (_request, response) => reply(response, 204, ''),
  'a broken gzip': (request, response) => reply(response, 200, echo(request), { 'Content-Encoding': 'gzip' }),
  'a redirect': (request, response) =>
    reply(response, 308, '', {
      Location: `https://u:p@elsewhere.example/?${encodeURIComponent(echo(request))}`,
    }),
  'a redirect that keeps the secret readable': (request, response) =>
    reply(response, 301, '', { Location: `/x?${request.headers.authorization ?? ''}` }),
  'a redirect to a host named by it': (request, response) =>
    reply(response, 302, '', { Location: `https://${secretIn(request)}.example/` }),
  'a type of content named by it': (request, response) =>
    reply(response, 200, 'x', { 'Content-Type': `text/${secretIn(request)}` }),
  'an exception named by it': (request, response) => python(request, response, `odoo.${secretIn(request)}`),
  ...Object.fromEntries(
    Object.entries(CODES).map(([code, write]) => [
      `its secret ${code}`,
      ((request, response) => {
        const told = write(secretIn(request));
        const data = { name: `builtins.${told}`, message: `${'x'.repeat(280)} ${told} ${told}` };
        if (request.path === '/jsonrpc') reply(response, 200, { jsonrpc: '2.0', id: 1, error: { data } });
        else reply(response, 500, data);
      }) satisfies Handler,
    ]),
  ),
  'a throttling': (request, response) => reply(response, 429, echo(request), { 'Retry-After': '1' }),
  ...Object.fromEntries(
    [400, 401, 403, 404, 413, 415, 422, 500, 502, 503, 504].map((status) => [
      `HTTP ${status}`,
      ((request, response) => reply(response, status, `<p>${echo(request)}</p>`)) satisfies Handler,
    ]),
  ),
  ...Object.fromEntries(
    [
      'odoo.exceptions.AccessDenied',
      'odoo.exceptions.AccessError',
      'odoo.exceptions.MissingError',
      'odoo.exceptions.UserError',
      'psycopg2.OperationalError',
      'builtins.TypeError',
    ].map((name) => [
      name,
      ((request: SeenRequest, response: ServerResponse) => python(request, response, name)) satisfies Handler,
    ]),
  ),
};

/** Everything that a logger, a crash or a debugger could show of an error. */
function shown(error: unknown): string {
  const parts = [
    inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
    JSON.stringify(error),
    String(error),
  ];
  for (let at = error; at instanceof Error; at = at.cause) {
    parts.push(at.message, at.stack ?? '', JSON.stringify({ ...at }));
  }
  return parts.join('\n');
}

/** A secret in every form in which it travels. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  JSON.stringify(JSON.stringify(secret)).slice(1, -1),
  encodeURIComponent(secret),
  ...[Buffer.from(secret).toString('base64'), ...Object.values(CODES).map((write) => write(secret))],
  secret.slice(0, Math.ceil(secret.length * 0.7)),
];

const cases = Object.keys(FAULTS).flatMap((fault) => [
  { fault, transport: '/jsonrpc', version: 14, credentials: password },
  { fault, transport: 'JSON-2', version: 19, credentials: apiKey },
]);

/** A session whose calls meet the fault. */
async function meet(handler: Handler, version: number, credentials: Credentials, atLogin: boolean) {
  const odoo = odooOf(version, () => []);
  const { url, requests } = await servers.listen((request, response) => {
    const login = request.text.includes('"authenticate"');
    if (asksVersion(request) || (login && !atLogin)) return odoo(request, response);
    handler(request, response);
  });
  const source = await servers.open(url, credentials, { requestTimeoutMs: 300, maxAnswerBytes: 20_000 });
  return { source, requests };
}

describe('no error shows the secret', () => {
  test.each(cases)('$fault on $transport', async ({ fault, version, credentials }) => {
    for (const atLogin of version === 14 ? [true, false] : [false]) {
      const { source } = await meet(FAULTS[fault] as Handler, version, credentials, atLogin);
      const { signal } = new AbortController();
      const errors = await Promise.all([
        failureOf(collect(source.window('contacts', LIGHT_FIELDS, WINDOW, signal))),
        failureOf(source.describe('contacts', signal)),
        failureOf(source.survey('contacts', WINDOW, signal)),
        failureOf(source.count('contacts', [WINDOW], signal)),
        failureOf(collect(source.read('contacts', LIGHT_FIELDS, [1], signal))),
      ]);
      for (const error of errors) {
        const text = shown(error);
        for (const form of formsOf(credentials.secret)) expect(text).not.toContain(form);
      }
    }
  });

  test.each([
    ['/jsonrpc', 14, password],
    ['JSON-2', 19, apiKey],
  ])('nor does an abort on %s', async (_transport, version, credentials) => {
    const { source, requests } = await meet(() => {}, version, credentials, true);
    const stop = new AbortController();
    const seen = requests.length;
    const errors = Promise.all([
      failureOf(source.describe('contacts', stop.signal)),
      failureOf(collect(source.window('contacts', LIGHT_FIELDS, WINDOW, stop.signal))),
    ]);
    await until('a request is out', () => requests.length > seen);
    stop.abort();
    for (const error of await errors) {
      for (const form of formsOf(credentials.secret)) expect(shown(error)).not.toContain(form);
    }
  });

  test('nor does a key that no header can carry', async () => {
    const { url } = await servers.listen(odooOf(19, () => []));
    for (const secret of ['0123456789abcdef\r\nX-Other: 1', '0123456789abcdef\u20ac', '0123456789abcdef\0']) {
      const source = await servers.open(url, { ...apiKey, secret });
      const { signal } = new AbortController();
      const end = await source.describe('contacts', signal).catch((error: unknown) => error);
      expect(shown(end)).not.toContain('0123456789abcdef');
    }
  });

  test('nor does a refused connection or a certificate that is not accepted', async () => {
    for (const scheme of ['http', 'https']) {
      const error = await failureOf(servers.open(`${scheme}://127.0.0.1:1`, apiKey));
      expect(error).toMatchObject({ kind: 'transient' });
      for (const form of formsOf(apiKey.secret)) expect(shown(error)).not.toContain(form);
    }
  });
});
