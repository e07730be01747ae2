import { describe, expect, test } from '@jest/globals';
import { apiKey, collect, failureOf, never, odooOf, password, reply, Servers } from './testing/server.js';

const servers = new Servers();
const SINCE = new Date('2026-11-22T00:00:00Z');

/** An Odoo in which some languages are active, and whose login has one of its own. */
async function sessionWith(version: number, lang: string | null, own: unknown, active: unknown) {
  const langs: unknown[] = [];
  const odoo = odooOf(version, ({ method, kwargs }) => {
    if (method === 'search_read') langs.push((kwargs.context as { lang: unknown }).lang);
    if (method === 'fields_get') return { id: { type: 'integer' }, write_date: { type: 'datetime' } };
    return method === 'search_read' ? [] : true;
  });
  const { url } = await servers.listen((request, response) => {
    const { path, text } = request;
    const call =
      path === '/jsonrpc' ? JSON.parse(text).params.args : [null, null, null, ...path.split('/').slice(3)];
    const say = (value: unknown) =>
      reply(response, 200, path === '/jsonrpc' ? { jsonrpc: '2.0', id: 1, result: value } : value);
    if (call[3] === 'res.lang') return say(active);
    if (call[4] === 'context_get') return say({ lang: own, uid: 7 });
    odoo(request, response);
  });
  const source = await servers.open(url, version >= 19 ? apiKey : password, { lang });
  return { source, langs };
}
const codes = (...all: string[]) => all.map((code, n) => ({ id: n + 1, code }));

describe.each([19, 14])('the language of Odoo %i', (version) => {
  test("is the login's own where none is set", async () => {
    const { source, langs } = await sessionWith(version, null, 'fr_BE', codes('fr_BE'));
    await source.describe('contacts', never);
    await collect(source.light('contacts', SINCE, never));
    expect(langs).toEqual(['fr_BE']);
  });

  test.each([false, null, 5, 'x'.repeat(100)])('is en_US for a login whose own is %j', async (own) => {
    const { source, langs } = await sessionWith(version, null, own, codes('en_US'));
    await collect(source.light('contacts', SINCE, never));
    expect(langs).toEqual(['en_US']);
  });

  test('is checked at each description: one that is not active there is a fault of configuration', async () => {
    const { source } = await sessionWith(version, 'en_US', 'fr_BE', codes('fr_BE', 'nl_BE'));
    expect(await failureOf(source.describe('contacts', never))).toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(
        /^expected the language en_US \(of ODOO_LANG\) to be active .* active there are fr_BE, nl_BE: /,
      ),
    });
  });

  test.each([[[]], [null], [[{ id: 1 }]], [[{ code: '\u001b[2J' }]]])(
    'is believed where the active ones are %j',
    async (active) => {
      const { source } = await sessionWith(version, 'en_US', false, active);
      expect((await source.describe('contacts', never)).fields).not.toEqual([]);
    },
  );
});
