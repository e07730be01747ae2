import { describe, expect, test } from '@jest/globals';
import { SyncError } from '@odoo-sync/core';
import {
  apiKey,
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

const HUGE = 1_000_000;

/** What such a text may be made of. */
const PARTS = ['a.', '\u001b%5c&#65;', 'https://a:'];

const texts = (part: string) => part.repeat(Math.floor(HUGE / part.length));

/** Every place of a foreign text, filled. */
const ANSWERS: Readonly<Record<string, (text: string) => Handler>> = {
  'an exception': (text) => (request, response) => fault(request, response, { name: text, message: text }),
  "an exception's message": (text) => (request, response) =>
    fault(request, response, { name: 'odoo.exceptions.UserError', message: text }),
  "an exception's long name": (text) => {
    const name = `odoo.${text.replace(/[^a-z.]/g, 'x')}`;
    return (request, response) => fault(request, response, { name, message: '' });
  },
  'an access error': (text) => (request, response) =>
    fault(request, response, { name: 'odoo.exceptions.AccessError', message: text }),
  'an error without a name': (text) => (_request, response) =>
    reply(response, 200, { jsonrpc: '2.0', id: 1, error: { message: text } }),
  'a row without an id': (text) => (_request, response) =>
    reply(response, 200, { jsonrpc: '2.0', id: 1, result: [{ id: text, write_date: text, [text]: text }] }),
  ...Object.fromEntries(
    [200, 302, 404, 500].flatMap((status) =>
      ['text/html', 'application/json'].map((type) => [
        `HTTP ${status} of ${type}`,
        (text: string) =>
          ((_request, response) =>
            reply(response, status, text, {
              'Content-Type': type,
              Location: `/${'x'.repeat(6_000)}`,
            })) satisfies Handler,
      ]),
    ),
  ),
};

function fault(request: SeenRequest, response: Parameters<Handler>[1], data: object): void {
  if (request.path === '/jsonrpc') reply(response, 200, { jsonrpc: '2.0', id: 1, error: { data } });
  else reply(response, 500, data);
}

describe.each([
  ['/jsonrpc', 14, password],
  ['JSON-2', 19, apiKey],
] as const)('on %s, a text of 1 MB', (_transport, version, credentials) => {
  test.each(Object.entries(ANSWERS))('in %s becomes a sentence at once', async (_, answer) => {
    const odoo = odooOf(version, () => []);
    let handler: Handler = odoo;
    const { url } = await servers.listen((request, response) => {
      const login = request.path.startsWith('/web/') || request.text.includes('"authenticate"');
      (login ? odoo : handler)(request, response);
    });
    const source = await servers.open(url, credentials, {
      requestTimeoutMs: 20_000,
      maxAnswerBytes: 50_000_000,
    });
    for (const part of PARTS) {
      handler = answer(texts(part));
      const began = performance.now();
      const error = await failureOf(
        collect(source.window('contacts', LIGHT_FIELDS, WINDOW, new AbortController().signal)),
      );
      expect(performance.now() - began).toBeLessThan(30_000);
      expect(error).toBeInstanceOf(SyncError);
      expect((error as Error).message.length).toBeLessThan(1_000);
      expect((error as Error).message).not.toMatch(/\p{Cc}|\p{Cs}/u);
    }
  });
});
