import { describe, expect, test } from '@jest/globals';
import { ApiWorld } from './testing/apiWorld.js';

const world = new ApiWorld();
const TOKEN = 'Sesame-open-0123';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const basic = (userAndPassword: string) => ({
  authorization: `Basic ${Buffer.from(userAndPassword).toString('base64')}`,
});
const OWN = bearer(TOKEN);
const ASKS = 'Basic realm="odoo-sync", charset="UTF-8"';

const ROUTES = [
  ['GET', '/', 302],
  ['GET', '/status', 200],
  ['GET', '/users/acme', 200],
  ['POST', '/users/acme/resync', 202],
  ['POST', '/turns/acme.contacts.2020-01-01/retry', 404],
  ['GET', '/dashboard', 200],
  ['GET', '/docs/json', 200],
  ['GET', '/queues', 200],
  ['GET', '/queues/queue/turns', 200],
  ['GET', '/queues/static/images/logo.svg', 200],
  ['GET', '/queues/api/queues', 200],
  ['PUT', '/queues/api/queues/turns/retry/failed', 200],
  ['PUT', '/queues/api/queues/turns/pause', 200],
  ['GET', '/nothing', 404],
  ['PATCH', '/status', 405],
] as const;

describe('an API with a token', () => {
  test('demands it on every route, and does nothing without', async () => {
    const api = await world.open(TOKEN);
    await world.addUser(api);
    await world.failWindows(api, 'acme', 1);
    for (const [method, path] of ROUTES) {
      const refused = await world.ask(api, method, path);
      expect({ path, ...refused }).toMatchObject({
        path,
        status: 401,
        headers: {
          'www-authenticate': ASKS,
          'content-type': 'application/json; charset=utf-8',
          'x-content-type-options': 'nosniff',
        },
      });
      expect(refused.json).toEqual({
        error: 'no_access',
        message:
          'expected the access token as "Authorization: Bearer TOKEN", or as the password of basic authentication with any user name, but none came: send what the API\'s setting API_TOKEN holds',
      });
    }
    expect((await api.store.report('acme'))?.resyncs).toEqual([]);
    expect(await api.turns.getFailedCount()).toBe(1);
    for (const own of [OWN, basic(`me:${TOKEN}`)]) {
      for (const [method, path, status] of ROUTES) {
        const served = await world.ask(api, method, path, undefined, own);
        expect([path, served.status, served.headers['www-authenticate']]).toEqual([path, status, undefined]);
      }
    }
  });

  test('takes it as a bearer, and as the password of whomever', async () => {
    const api = await world.open(TOKEN);
    for (const headers of [
      OWN,
      { authorization: `bearer ${TOKEN}` },
      basic(`anna:${TOKEN}`),
      basic(`:${TOKEN}`),
      basic(`Зоя:${TOKEN}`),
    ]) {
      const { status } = await world.ask(api, 'GET', '/status', undefined, headers);
      expect({ ...headers, status }).toEqual({ ...headers, status: 200 });
    }
  });

  test('takes one with a colon in it', async () => {
    const api = await world.open('Sesame:open:0123');
    const ask = (own: { authorization: string }) => world.ask(api, 'GET', '/status', undefined, own);
    expect((await ask(basic('me:Sesame:open:0123'))).status).toBe(200);
    expect((await ask(basic('Sesame:open:0123'))).status).toBe(401);
  });

  test('refuses anything else, and repeats nothing of it', async () => {
    const api = await world.open(TOKEN);
    for (const [what, headers] of Object.entries({
      'nothing behind Bearer': { authorization: 'Bearer ' },
      'the beginning of it': bearer(TOKEN.slice(0, -1)),
      'more than it': bearer(`${TOKEN}4`),
      'other letters': bearer(TOKEN.toUpperCase()),
      'it and something': { authorization: `Bearer ${TOKEN} ${TOKEN}` },
      'it without a scheme': { authorization: TOKEN },
      'it under another scheme': { authorization: `Digest ${TOKEN}` },
      'it as the user': basic(`${TOKEN}:`),
      'it encoded without a user': basic(TOKEN),
      'another password': basic('anna:opensesame-01234'),
      'what is no base64': { authorization: 'Basic *?*' },
    })) {
      const answer = await world.ask(api, 'GET', '/status', undefined, headers);
      expect({ what, ...answer }).toMatchObject({
        what,
        status: 401,
        headers: { 'www-authenticate': ASKS },
        json: { error: 'no_access', message: expect.stringContaining('what came (not shown) is not it') },
      });
      expect(`${JSON.stringify(answer.headers)}${answer.text}`).not.toMatch(/sesame|U2VzYW1l/i);
    }
  });

  test('leaves /healthz and /readyz open to probes', async () => {
    const api = await world.open(TOKEN);
    for (const path of ['/healthz', '/readyz']) {
      expect((await world.ask(api, 'GET', path)).status).toBe(200);
      expect((await world.ask(api, 'GET', path, undefined, bearer('wrong'))).status).toBe(200);
      expect((await world.ask(api, 'GET', `${path}/`)).status).toBe(401);
    }
  });

  test('says so in the OpenAPI, and which routes are open', async () => {
    const { json } = await world.ask(await world.open(TOKEN), 'GET', '/docs/json', undefined, OWN);
    expect(json.security).toEqual([{ bearer: [] }, { password: [] }]);
    expect(json.components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
      password: { type: 'http', scheme: 'basic' },
    });
    const open = Object.keys(json.paths).filter((path) => json.paths[path].get?.security?.length === 0);
    expect(open.sort()).toEqual(['/healthz', '/readyz']);
  });

  test('is found under any name, such as that of a proxy before it', async () => {
    const api = await world.open(TOKEN);
    for (const host of ['sync.example', 'sync.example:8443', '10.0.0.7:3000'])
      expect((await world.ask(api, 'GET', '/status', undefined, { ...OWN, host })).status).toBe(200);
    expect((await world.ask(api, 'GET', '/status', undefined, { host: 'rebound.example' })).status).toBe(401);
  });
});

describe('a page that knows the token, since the browser sends it along,', () => {
  const PRESS = ['PUT', '/queues/api/queues/turns/retry/failed', undefined] as const;
  const host = 'sync.example';
  async function withFailed() {
    const api = await world.open(TOKEN);
    await world.addUser(api);
    await world.failWindows(api, 'acme', 1);
    return api;
  }

  test("can press buttons when it is the API's own, behind a proxy that ends TLS too", async () => {
    const api = await withFailed();
    for (const headers of [
      { origin: 'http://sync.example', 'sec-fetch-site': 'same-origin' },
      { origin: 'https://sync.example', 'sec-fetch-site': 'same-origin' },
      { origin: 'https://SYNC.example' },
    ]) {
      expect((await world.ask(api, ...PRESS, { ...OWN, host, ...headers })).status).toBe(200);
    }
    expect(await api.turns.getFailedCount()).toBe(0);
  });

  test('can not when it is of another site', async () => {
    const api = await withFailed();
    for (const [what, headers] of Object.entries<Record<string, string>>({
      'another name': { origin: 'https://evil.example' },
      'a name that ends alike': { origin: 'https://evil-sync.example' },
      'a name that begins alike': { origin: 'https://sync.example.evil.example' },
      'another port': { origin: 'https://sync.example:8443' },
      'no name': { origin: 'null' },
      'a neighbour': { 'sec-fetch-site': 'same-site' },
      'some other site': { 'sec-fetch-site': 'cross-site' },
      'the same name without TLS': { origin: 'http://sync.example', 'sec-fetch-site': 'cross-site' },
    })) {
      const answer = await world.ask(api, ...PRESS, { ...OWN, host, ...headers });
      expect({ what, ...answer }).toMatchObject({
        what,
        status: 403,
        text: expect.stringContaining('http(s)://sync.example'),
      });
    }
    expect(await api.turns.getFailedCount()).toBe(1);
  });
});

test('an API without a token asks for none, and tells of none', async () => {
  const api = await world.open();
  const { status, json } = await world.ask(api, 'GET', '/docs/json', undefined, bearer('whatever'));
  expect({ status, security: json.security, schemes: json.components?.securitySchemes }).toEqual({
    status: 200,
  });
});
