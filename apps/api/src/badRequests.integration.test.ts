import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { type Api, ApiWorld } from './testing/apiWorld.js';

const world = new ApiWorld();
const RESYNC = '/users/acme/resync';

async function open(): Promise<Api> {
  const api = await world.open();
  await world.addUser(api);
  return api;
}

const resyncsOf = async ({ store }: Api) => (await store.report('acme'))?.resyncs;

/** Sends a request that no HTTP client would. @returns the status and the body. */
async function raw({ url }: Api, request: string): Promise<{ status: number; body: string }> {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.end(request);
  const answer = await text(socket);
  return { status: Number(answer.split(' ')[1]), body: answer.split('\r\n\r\n').slice(1).join('') };
}

describe('a body that is refused', () => {
  test.each([
    ['half a JSON text', '{"modules": ["contacts"', 400, 'Body is not valid JSON.*/docs/json'],
    ['nothing where JSON is announced', '', 400, 'Body cannot be empty.*/docs/json'],
    ['a list', '[]', 400, 'body: .*expected object.* but it is \\[\\]'],
    ['a text', '"contacts"', 400, 'body: .*expected object.* but it is "contacts"'],
    ['a poisoned key', '{"__proto__": {"modules": []}}', 400, '__proto__|forbidden prototype|/docs/json'],
    ['modules as a text', { modules: 'contacts' }, 400, 'body.modules: .*array.* but it is "contacts"'],
    ['a module that is a number', { modules: [7] }, 400, 'body.modules.0: .* but it is 7'],
    ['an unknown module', { modules: ['crm'] }, 400, 'body.modules.0: .*"saleOrders".* but it is "crm"'],
    ['a date that is a number', { from: 20261122 }, 400, 'body.from: expected a date.* but it is 20261122'],
    ['a day that no year has', { from: '2026-02-30' }, 400, 'body.from: expected a date.* "2026-02-30"'],
    ['a month that no year has', { to: '2026-13-01T00:00:00Z' }, 400, 'body.to: expected a date'],
    ['a year of five digits', { from: '+12026-01-01T00:00:00Z' }, 400, 'body.from: expected a date'],
    ['an offset that no zone has', { from: '2026-11-22T08:00:00+99:99' }, 400, 'body.from: expected a date'],
    ['words', { from: 'yesterday' }, 400, 'body.from: expected a date.* but it is "yesterday"'],
    [
      'from after to',
      { from: '2026-11-23', to: '2026-11-22' },
      400,
      'expected body.from before body.to.* but they are "2026-11-23" and "2026-11-22"',
    ],
    ['from at to', { from: '2026-11-22', to: '2026-11-22T00:00:00Z' }, 400, 'expected body.from before'],
    ['a range before everything', { to: '0001-01-01' }, 422, 'its windows go from'],
    ['a range after everything', { from: '9999-12-31' }, 422, 'its windows go from'],
    ['64 KiB and more', { from: 'x'.repeat(65_536) }, 413, 'at most 65536 bytes'],
  ])('%s: says what was expected and what came, and keeps no request', async (_, body, status, message) => {
    const api = await open();
    const headers = { 'content-type': 'application/json' };
    const answer = await world.ask(api, 'POST', RESYNC, body, headers);
    expect({ status: answer.status, json: answer.json }).toEqual({
      status,
      json: { error: expect.any(String), message: expect.stringMatching(message) },
    });
    expect(await resyncsOf(api)).toEqual([]);
  });

  test('of another type than JSON is told so', async () => {
    const api = await open();
    const answer = await world.ask(api, 'POST', RESYNC, 'modules=contacts', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(answer).toMatchObject({
      status: 415,
      json: { message: expect.stringContaining('but it says "application/x-www-form-urlencoded"') },
    });
    expect(await resyncsOf(api)).toEqual([]);
  });

  test('a range that is only too wide is cut to the windows there are', async () => {
    const api = await open();
    await world.failWindows(api, 'acme', 1);
    const answer = await world.ask(api, 'POST', RESYNC, { from: '0001-01-01', to: '9999-12-31' });
    expect(answer).toMatchObject({ status: 202, json: { windows: 12 } });
  });
});

describe('a method that a path does not take', () => {
  test.each([
    ['GET', RESYNC, 'POST'],
    ['PUT', RESYNC, 'POST'],
    ['POST', '/users/acme', 'GET, HEAD'],
    ['PATCH', '/status', 'GET, HEAD'],
    ['GET', '/turns/acme.contacts.2026-11-22/retry?x=1', 'POST'],
  ] as const)('%s %s is a 405 that names those it does', async (method, path, allow) => {
    const api = await open();
    const answer = await world.ask(api, method, path);
    expect(answer).toMatchObject({
      status: 405,
      headers: { allow },
      json: { error: 'wrong_method', message: `expected ${allow} for ${path}, but it is ${method}` },
    });
  });
});

describe('a path that can not be read', () => {
  test.each(['/users/%zz', '/users/%ff'])('%s is a 400 in JSON', async (path) => {
    const answer = await world.ask(await world.open(), 'GET', path);
    expect(answer).toMatchObject({
      status: 400,
      json: {
        error: 'bad_request',
        message: 'the request can not be read: /docs/json describes what is taken',
      },
    });
  });

  test.each([
    ['a key of NUL', '/users/%00'],
    ['a key that every object has', '/users/__proto__'],
    ['a key that looks like an operator', `/users/${encodeURIComponent('{"$gt":""}')}`],
  ])('%s finds nobody', async (_, path) => {
    const answer = await world.ask(await open(), 'GET', path);
    expect({ status: answer.status, error: answer.json?.error }).toEqual({
      status: 404,
      error: expect.stringMatching(/^no_such_/),
    });
  });

  test('of more letters than any key has is a 414 in JSON', async () => {
    const answer = await world.ask(await world.open(), 'GET', `/users/${'a'.repeat(3_000)}`);
    expect(answer).toMatchObject({ status: 414, json: { error: 'bad_request' } });
  });

  test('a request that is no HTTP is a 400, and the API goes on', async () => {
    const api = await world.open();
    expect(await raw(api, '*1\r\n$4\r\nPING\r\n')).toMatchObject({ status: 400 });
    expect((await world.ask(api, 'GET', '/healthz')).status).toBe(200);
  });
});

describe('an unknown user', () => {
  test.each([
    ['GET', '/users/nobody'],
    ['POST', '/users/nobody/resync'],
  ] as const)('%s %s is a 404 that says where users are listed', async (method, path) => {
    const answer = await world.ask(await open(), method, path);
    expect({ status: answer.status, json: answer.json }).toEqual({
      status: 404,
      json: {
        error: 'no_such_user',
        message: 'expected the key or the id of a user, but there is none of "nobody": /status lists them',
      },
    });
  });

  test("POST of a retry of an unknown user's window is a 404 that says where windows are listed", async () => {
    const answer = await world.ask(await open(), 'POST', '/turns/nobody.contacts.2026-11-22/retry');
    expect(answer).toMatchObject({
      status: 404,
      json: { error: 'no_such_turn', message: expect.stringContaining('/users/{id} lists what has failed') },
    });
  });
});
