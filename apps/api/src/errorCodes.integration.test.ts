import { describe, expect, test } from '@jest/globals';
import { batchIdOf, SyncError } from '@odoo-sync/core';
import { type Answer, ApiWorld } from './testing/apiWorld.js';

const world = new ApiWorld();
const TOKEN = 'a-token-of-this-test';

const ALWAYS = ['bad_request', 'forbidden_host', 'internal'];
const OF_ROUTES = [...ALWAYS, 'invalid_request', 'no_access', 'store_unavailable'];
const OF_CHANGES = [...OF_ROUTES, 'cross_site', 'not_possible'];
/** What each route's schema lists. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  'get /healthz': ALWAYS,
  'get /readyz': [...ALWAYS, 'not_ready'],
  'get /status': OF_ROUTES,
  'get /users/{id}': [...OF_ROUTES, 'no_such_user'],
  'get /users/{id}/explain': [...OF_ROUTES, 'no_such_user'],
  'post /users/{id}/wake': [...OF_CHANGES, 'no_such_user', 'being_removed'],
  'post /users/{id}/resync': [...OF_CHANGES, 'no_such_user', 'being_removed'],
  'post /turns/{turnId}/retry': [...OF_CHANGES, 'no_such_turn', 'not_failed'],
};

type Responses = Readonly<
  Record<
    string,
    { readonly content?: Record<string, { readonly schema: { properties?: { error?: Coded } } }> }
  >
>;
interface Coded {
  readonly enum?: readonly string[];
  readonly const?: string;
}

/** The codes that a route's description lists, by their statuses. */
async function described(route: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const [method = '', path = ''] = route.split(' ');
  const { json } = await world.ask(await world.open(), 'GET', '/docs/json');
  const responses: Responses = json.paths[path][method].responses;
  return Object.fromEntries(
    Object.entries(responses).map(([status, { content }]) => {
      const error = content?.['application/json']?.schema.properties?.error;
      return [status, error?.enum ?? (error?.const === undefined ? [] : [error.const])];
    }),
  );
}

test.each(Object.entries(CODES))('%s lists its codes', async (route, codes) => {
  const listed = Object.values(await described(route)).flat();
  expect([...new Set(listed)].sort()).toEqual([...codes].sort());
});

async function expectListed(route: string, { status, json }: Answer, code: string): Promise<void> {
  expect(json.error).toBe(code);
  expect((await described(route))[status]).toContain(code);
}

const LONG = 'x'.repeat(9_000);
const JSON_TYPE = { 'content-type': 'application/json' };

describe('what is answered is listed', () => {
  test.each<
    [route: string, path: string, code: string, more?: { body?: string; headers?: Record<string, string> }]
  >([
    ['get /status', '/status?limit=0', 'invalid_request'],
    ['get /status', '/status?after=LONG', 'bad_request'],
    ['get /status', '/status', 'forbidden_host', { headers: { host: 'rebound.example' } }],
    ['get /healthz', '/healthz', 'forbidden_host', { headers: { host: 'rebound.example' } }],
    ['get /users/{id}', '/users/nobody', 'no_such_user'],
    ['get /users/{id}/explain', '/users/nobody/explain', 'no_such_user'],
    ['get /users/{id}/explain', '/users/acme/explain?turns=-1', 'invalid_request'],
    ['post /users/{id}/wake', '/users/nobody/wake', 'no_such_user'],
    ['post /users/{id}/resync', '/users/nobody/resync', 'no_such_user'],
    ['post /users/{id}/resync', '/users/acme/resync', 'invalid_request', { body: '{"modules":[]}' }],
    [
      'post /users/{id}/resync',
      '/users/acme/resync',
      'invalid_request',
      { body: '{"from":"2026-02-02","to":"2026-02-01"}' },
    ],
    ['post /users/{id}/resync', '/users/acme/resync', 'bad_request', { body: '{' }],
    ['post /users/{id}/resync', '/users/acme/resync', 'bad_request', { body: `"${'x'.repeat(70_000)}"` }],
    [
      'post /users/{id}/resync',
      '/users/acme/resync',
      'bad_request',
      { body: 'a', headers: { 'content-type': 'text/csv' } },
    ],
    ['post /users/{id}/resync', '/users/acme/resync', 'not_possible', { body: '{"from":"2126-01-01"}' }],
    [
      'post /users/{id}/resync',
      '/users/acme/resync',
      'cross_site',
      { headers: { origin: 'https://evil.example' } },
    ],
    ['post /turns/{turnId}/retry', '/turns/nothing/retry', 'no_such_turn'],
    ['post /turns/{turnId}/retry', '/turns/WINDOW/retry', 'not_failed'],
  ])('%s: %s is %s', async (route, path, code, { body, headers } = {}) => {
    const api = await world.open();
    const { userKey, tilingStart } = await world.addUser(api);
    const [method] = route.split(' ');
    const answer = await world.ask(
      api,
      method === 'get' ? 'GET' : 'POST',
      path.replace('LONG', LONG).replace('WINDOW', batchIdOf(userKey, 'contacts', tilingStart)),
      body,
      { ...(body === undefined ? {} : JSON_TYPE), ...headers },
    );
    await expectListed(route, answer, code);
  });

  test('a user who is being removed', async () => {
    const api = await world.open();
    await api.store.beginRemoval(await world.addUser(api));
    const answer = await world.ask(api, 'POST', '/users/acme/resync');
    await expectListed('post /users/{id}/resync', answer, 'being_removed');
    const woken = await world.ask(api, 'POST', '/users/acme/wake');
    await expectListed('post /users/{id}/wake', woken, 'being_removed');
  });

  test('no access', async () => {
    const answer = await world.ask(await world.open(TOKEN), 'GET', '/status');
    await expectListed('get /status', answer, 'no_access');
  });

  test.each([
    [new SyncError('transient', 'away'), 503, 'store_unavailable'],
    [new SyncError('bug', 'broke'), 500, 'internal'],
    [new Error('broke'), 500, 'internal'],
    [new SyncError('configuration', 'no key ring'), 422, 'not_possible'],
    [new SyncError('invalid', 'no window there'), 422, 'not_possible'],
    [new SyncError('notFound', 'nobody'), 422, 'not_possible'],
    [new SyncError('conflict', 'the life has ended'), 422, 'not_possible'],
  ])('a store that says %s', async (error, status, code) => {
    const api = await world.open();
    await world.addUser(api);
    const store = { ...api.store, requestResync: () => Promise.reject(error) };
    const url = await world.serve({ ...api, store });
    const answer = await world.ask({ url }, 'POST', '/users/acme/resync');
    expect(answer.status).toBe(status);
    await expectListed('post /users/{id}/resync', answer, code);
  });
});
