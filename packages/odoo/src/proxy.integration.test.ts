import { createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { selfSigned } from '@odoo-sync/testkit';
import { createHttpClient } from './http.js';
import { startProxy } from './testing/proxy.js';
import { failureOf, HERE, never, reply, Servers } from './testing/server.js';

const servers = new Servers();
const BASIC = `Basic ${Buffer.from('fleet:s3cr@t').toString('base64')}`;

function clientOf(url: string, proxyUrl: string, except: readonly string[] = []) {
  const client = createHttpClient(
    url,
    { timeoutMs: 5_000, maxBytes: 1_000_000 },
    { ...HERE, proxy: { url: proxyUrl.replace('//', '//fleet:s3cr%40t@'), except } },
  );
  servers.onEnd(() => client.close());
  return client;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('through a proxy', () => {
  test('an Odoo without TLS is asked, and the proxy shown its user and password', async () => {
    const odoo = await servers.listen((_request, response) => reply(response, 200, { a: 1 }));
    const proxy = await startProxy(servers);
    const answer = await clientOf(odoo.url, proxy.url).post('/jsonrpc', { b: 2 }, {}, never);
    expect(answer).toMatchObject({ status: 200, text: '{"a":1}' });
    expect(proxy.seen).toEqual([{ what: `POST ${odoo.url}/jsonrpc`, authorization: BASIC }]);
    expect(odoo.requests).toMatchObject([{ text: '{"b":2}', headers: { 'x-from': 'proxy' } }]);
    expect(odoo.requests[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  test("an Odoo with TLS is asked by CONNECT, and its certificate is still Odoo's to prove", async () => {
    const odoo = await servers.listen((_request, response) => reply(response, 200, {}), selfSigned());
    const proxy = await startProxy(servers);
    const error = await failureOf(clientOf(odoo.url, proxy.url).get('/', {}, never));
    expect(error).toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(/^the certificate of Odoo .*SELF_SIGNED/),
    });
    expect(proxy.seen).toEqual([{ what: `CONNECT ${odoo.url.slice(8)}`, authorization: BASIC }]);
    expect(odoo.requests).toEqual([]);
  });

  test('but not an Odoo whose host is excepted', async () => {
    const odoo = await servers.listen((_request, response) => reply(response, 200, {}));
    const proxy = await startProxy(servers);
    await clientOf(odoo.url, proxy.url, ['127.0.0.1']).get('/', {}, never);
    expect(proxy.seen).toEqual([]);
    expect(odoo.requests).toHaveLength(1);
  });

  test('the end of its asker ends the request', async () => {
    const odoo = await servers.listen(() => {});
    const proxy = await startProxy(servers);
    const stop = new AbortController();
    const asked = failureOf(clientOf(odoo.url, proxy.url).get('/', {}, stop.signal));
    stop.abort(new Error('enough'));
    expect(await asked).toMatchObject({ message: 'enough' });
  });
});

describe("a fault of the proxy's own is told as such, and never shows its password", () => {
  const told = async (url: string, proxyUrl: string) => {
    const client = clientOf(url, proxyUrl);
    const error = await client.get('/', {}, never).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(JSON.stringify([error, (error as Error | null)?.message])).not.toMatch(/s3cr/);
    return error;
  };

  test('it wants another password', async () => {
    const { url } = await startProxy(servers, 407);
    expect(await told('https://erp.example.test', url)).toMatchObject({
      kind: 'configuration',
      unreachable: true,
      message: `the proxy ${url.slice(7)} wants another user or password (HTTP 407): correct them in ODOO_PROXY`,
    });
  });

  test('it lets that host not through', async () => {
    const { url } = await startProxy(servers, 403);
    expect(await told('https://erp.example.test', url)).toMatchObject({
      kind: 'configuration',
      unreachable: true,
      message: expect.stringMatching(
        /^the proxy \S+ lets no connection to Odoo at .* \(HTTP 403\): allow it/,
      ),
    });
  });

  test('it gets no connection itself: that is no fault of the configuration', async () => {
    const { url } = await startProxy(servers, 502);
    expect(await told('https://erp.example.test', url)).toMatchObject({
      kind: 'transient',
      unreachable: true,
      message: expect.stringMatching(/^the proxy \S+ gets no connection to Odoo at /),
    });
  });

  test.each(['http', 'https'])('it is not there, for an Odoo with %s', async (scheme) => {
    const at = `http://127.0.0.1:${await freePort()}`;
    expect(await told(`${scheme}://erp.example.test`, at)).toMatchObject({
      kind: 'configuration',
      unreachable: true,
      message: expect.stringMatching(
        /^the proxy 127\S+ can't be reached \(ECONNREFUSED\), so Odoo at http\S+ was not asked: correct ODOO_PROXY/,
      ),
    });
  });

  test('it closes without an answer', async () => {
    const silent = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    servers.onEnd(() => new Promise((resolve) => silent.close(resolve)));
    const { port } = silent.address() as { port: number };
    expect(await told('https://erp.example.test', `http://127.0.0.1:${port}`)).toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(/^the proxy 127\S+ can't be reached/),
    });
  });
});

describe('a kept connection that the other side closes just as it is used again', () => {
  test('is asked once more on a fresh one at once', async () => {
    let asked = 0;
    const odoo = await servers.listen((_request, response) => {
      asked++;
      if (asked === 2) return void response.socket?.resetAndDestroy();
      reply(response, 200, { asked }, { Connection: 'keep-alive' });
    });
    const client = createHttpClient(odoo.url, { timeoutMs: 5_000, maxBytes: 1_000 }, HERE);
    servers.onEnd(() => client.close());
    await client.get('/', {}, never);
    expect((await client.get('/', {}, never)).text).toBe('{"asked":3}');
  });

  test('but a fresh connection that is reset is a fault', async () => {
    const odoo = await servers.listen((_request, response) => response.socket?.resetAndDestroy());
    const client = createHttpClient(odoo.url, { timeoutMs: 5_000, maxBytes: 1_000 }, HERE);
    servers.onEnd(() => client.close());
    expect(await failureOf(client.get('/', {}, never))).toMatchObject({ kind: 'transient' });
    expect(odoo.requests).toHaveLength(1);
  });
});
