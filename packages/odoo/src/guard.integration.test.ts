import { Agent } from 'node:http';
import { isIPv4 } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { selfSigned } from '@odoo-sync/testkit';
import { createDoor } from './door.js';
import { guarded, type Resolve } from './guard.js';
import { createHttpClient } from './http.js';
import { startProxy } from './testing/proxy.js';
import { failureOf, HERE, never, reply, Servers } from './testing/server.js';

const servers = new Servers();
const LIMITS = { timeoutMs: 5_000, maxBytes: 1_000_000 };
const HOST = 'erp.example.test';

/** A name server of the test's: each question takes the next answer, the last one for good. */
function names(...answers: readonly (readonly string[])[]) {
  const asked: string[] = [];
  const resolve: Resolve = (host, _options, callback) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(host);
    const found = addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }));
    process.nextTick(() => callback(null, found));
  };
  return { asked, resolve };
}

const named = (url: string) => url.replace('127.0.0.1', HOST);

function clientOf(url: string, resolve: Resolve, allow = ['127.0.0.1']) {
  const client = createHttpClient(url, LIMITS, { allow, resolve });
  servers.onEnd(() => client.close());
  return client;
}

const odoo = (connection: 'close' | 'keep-alive' = 'close') =>
  servers.listen((_request, response) => reply(response, 200, {}, { Connection: connection }));

const REFUSED = {
  kind: 'configuration',
  unreachable: true,
  message: expect.stringMatching(/^expected an address .*: correct the user's URL/),
};

describe('a name whose address changes', () => {
  test('is judged at every connection, by the address that is connected to', async () => {
    const { url, requests } = await odoo();
    const { asked, resolve } = names(['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1']);
    const client = clientOf(named(url), resolve);
    await client.get('/', {}, never);
    const error = await failureOf(client.get('/', {}, never));
    expect(error).toMatchObject(REFUSED);
    expect(error.message).toContain(`${HOST} is 127.0.0.2 (loopback)`);
    await client.get('/', {}, never);
    expect(requests).toHaveLength(2);
    expect(asked).toEqual([HOST, HOST, HOST]);
  });

  test('leaves a kept connection where it is, and gets no further one', async () => {
    const { url, requests } = await odoo('keep-alive');
    const { asked, resolve } = names(['127.0.0.1'], ['169.254.169.254']);
    const client = clientOf(named(url), resolve);
    await client.get('/', {}, never);
    await client.get('/', {}, never);
    expect(asked).toHaveLength(1);
    const both = await Promise.allSettled([client.get('/', {}, never), client.get('/', {}, never)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: REFUSED });
    expect(requests).toHaveLength(3);
  });

  test('gets no second connection where the kept one was closed as it was used again', async () => {
    let asked = 0;
    const { url } = await servers.listen((_request, response) => {
      if (++asked === 2) return void response.socket?.resetAndDestroy();
      reply(response, 200, {}, { Connection: 'keep-alive' });
    });
    const client = clientOf(named(url), names(['127.0.0.1'], ['10.0.0.7']).resolve);
    await client.get('/', {}, never);
    expect(await failureOf(client.get('/', {}, never))).toMatchObject(REFUSED);
    expect(asked).toBe(2);
  });
});

test('of several addresses only those that are allowed are tried', async () => {
  const { url, requests } = await odoo();
  const { resolve } = names(['::1', '10.0.0.7', '127.0.0.1', '127.0.0.2']);
  await clientOf(named(url), resolve).get('/', {}, never);
  expect(requests).toHaveLength(1);
  const others = await odoo();
  await failureOf(clientOf(named(others.url), names(['::1', '127.0.0.2']).resolve).get('/', {}, never));
  expect(others.requests).toEqual([]);
});

test('a socket that takes one address alone gets one that is allowed', async () => {
  const { url, requests } = await odoo();
  const { resolve } = names(['127.0.0.2', '127.0.0.1']);
  const agent = guarded(new Agent(), createDoor(['127.0.0.1']), resolve);
  const { port } = new URL(url);
  const options = { host: HOST, port, autoSelectFamily: false };
  const socket = agent.createConnection(options, () => {});
  servers.onEnd(() => socket?.destroy());
  await new Promise((resolve) => socket?.once('connect', resolve));
  expect(socket).toMatchObject({ remoteAddress: '127.0.0.1' });
  expect(requests).toEqual([]);
});

test.each([
  '127.0.0.1',
  'localhost',
  'LOCALHOST',
  '127.1',
  '2130706433',
  '0x7f.1',
  '0177.1',
  '127.0.0.1.',
  '0.0.0.0',
  '0',
  '[::1]',
  '[::]',
  '[::ffff:7f00:1]',
  '[::ffff:127.0.0.1]',
])('no connection is made to %s where only public addresses may be asked', async (host) => {
  const { url, requests } = await odoo();
  const { port } = new URL(url);
  for (const at of [`http://${host}:${port}`, `https://${host}:${port}`]) {
    const client = createHttpClient(at, LIMITS, { allow: ['public'] });
    servers.onEnd(() => client.close());
    expect(await failureOf(client.get('/', {}, never))).toMatchObject(REFUSED);
  }
  expect(requests).toEqual([]);
});

test('an Odoo with TLS is judged by its address before a word is said', async () => {
  const { url, requests } = await servers.listen(
    (_request, response) => reply(response, 200, {}),
    selfSigned(),
  );
  const open = await failureOf(clientOf(named(url), names(['127.0.0.1']).resolve).get('/', {}, never));
  expect(open.message).toMatch(/^the certificate of Odoo /);
  const shut = await failureOf(clientOf(named(url), names(['127.0.0.2']).resolve).get('/', {}, never));
  expect(shut).toMatchObject(REFUSED);
  expect(requests).toEqual([]);
});

test('a redirect to where no Odoo may be leads nowhere', async () => {
  const inside = await odoo();
  const { url } = await servers.listen((_request, response) =>
    reply(response, 307, '', { Location: `${inside.url.replace('127.0.0.1', '127.0.0.2')}/` }),
  );
  expect(await clientOf(url, names([]).resolve).get('/', {}, never)).toMatchObject({ status: 307 });
  expect(inside.requests).toEqual([]);
});

test('a name that leads nowhere stays a fault that passes', async () => {
  const resolve: Resolve = (_host, _options, callback) =>
    callback(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []);
  const error = await failureOf(clientOf(`http://${HOST}`, resolve).get('/', {}, never));
  expect(error).toMatchObject({ kind: 'transient', message: expect.stringContaining('leads nowhere') });
});

describe('behind a proxy', () => {
  const through = async (url: string, allow: readonly string[], refusal?: number) => {
    const proxy = await startProxy(servers, refusal);
    const client = createHttpClient(url, LIMITS, { allow, proxy: { url: proxy.url, except: [] } });
    servers.onEnd(() => client.close());
    return { proxy, answer: client.get('/', {}, never) };
  };

  test.each(['http://10.0.0.7', 'https://10.0.0.7', 'http://localhost', 'https://[::1]', 'http://metadata'])(
    '%s is not even asked for',
    async (url) => {
      const { proxy, answer } = await through(url, ['public']);
      expect(await failureOf(answer)).toMatchObject(REFUSED);
      expect(proxy.seen).toEqual([]);
    },
  );

  test('whose own address is inside, an Odoo is asked as ever', async () => {
    const { url, requests } = await odoo();
    const { answer } = await through(url, HERE.allow);
    expect(await answer).toMatchObject({ status: 200 });
    expect(requests).toHaveLength(1);
  });

  test('an Odoo that is asked without it is judged as any other', async () => {
    const { url, requests } = await odoo();
    const proxy = await startProxy(servers);
    const way = { allow: ['public'], proxy: { url: proxy.url, except: [HOST] } };
    const client = createHttpClient(named(url), LIMITS, { ...way, resolve: names(['127.0.0.1']).resolve });
    servers.onEnd(() => client.close());
    expect(await failureOf(client.get('/', {}, never))).toMatchObject(REFUSED);
    expect([...proxy.seen, ...requests]).toEqual([]);
  });

  test('a name is for the proxy to resolve and to judge', async () => {
    const { proxy, answer } = await through(`https://${HOST}`, ['public'], 403);
    expect(await failureOf(answer)).toMatchObject({
      message: expect.stringMatching(/^the proxy \S+ lets no/),
    });
    expect(proxy.seen).toMatchObject([{ what: `CONNECT ${HOST}:443` }]);
  });
});
