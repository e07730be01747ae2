import { createServer } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SyncError } from '@odoo-sync/core';
import { selfSigned, until } from '@odoo-sync/testkit';
import type { AnswerOf } from './answerBounds.js';
import { createHttpClient } from './http.js';
import { failureOf, type Handler, HERE, never, reply, Servers } from './testing/server.js';
import { type HttpLimits, TimeoutError, TooLargeError } from './transportError.js';

const servers = new Servers();

function clientOf(url: string, limits: Partial<HttpLimits> = {}) {
  const client = createHttpClient(url, { timeoutMs: 5_000, maxBytes: 1_000_000, ...limits }, HERE);
  servers.onEnd(() => client.close());
  return client;
}

async function ask(handler: Handler, limits: Partial<HttpLimits> = {}) {
  const { url, requests } = await servers.listen(handler);
  return { answer: clientOf(url, limits).post('/jsonrpc', { a: 1 }, {}, never), requests };
}

/** Says the same to everyone who connects, and closes. */
async function rawServer(text: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(text, 'latin1'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.onEnd(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

describe('an answer comes as it was sent', () => {
  test('with status, text and headers, and without JSON being read', async () => {
    const { answer } = await ask((_request, response) =>
      reply(response, 418, '{"a": "\u2028é"}', {
        'Content-Type': 'application/json',
        Date: 'Sun, 22 Nov 2026 12:00:00 GMT',
        'Retry-After': '7',
      }),
    );
    expect(await answer).toMatchObject({
      status: 418,
      text: '{"a": "\u2028é"}',
      contentType: 'application/json',
      date: new Date('2026-11-22T12:00:00Z'),
      location: null,
      retryAfter: '7',
    });
  });

  test('without a Date, or with one that is none, its date is null', async () => {
    const { url } = await servers.listen((request, response) => {
      response.sendDate = false;
      if (request.path === '/odd') response.setHeader('Date', 'yesterday');
      response.end('x');
    });
    const client = clientOf(url);
    expect((await client.get('/none', {}, never)).date).toBeNull();
    expect((await client.get('/odd', {}, never)).date).toBeNull();
  });

  test('below the base path of the URL, and as JSON', async () => {
    const { url, requests } = await servers.listen((_request, response) => reply(response, 200, {}));
    await clientOf(`${url}/erp`).post('/jsonrpc', { a: 'é' }, { 'X-Odoo-Database': 'acme' }, never);
    expect(requests).toMatchObject([{ method: 'POST', path: '/erp/jsonrpc', text: '{"a":"é"}' }]);
    expect(requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-odoo-database': 'acme',
      'user-agent': 'odoo-sync',
    });
  });

  test.each([
    ['gzip', gzipSync],
    ['X-GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
  ])('unpacked when a proxy packed it by %s', async (encoding, pack) => {
    const { answer } = await ask((_request, response) =>
      reply(response, 200, pack('[1]'), { 'Content-Encoding': encoding }),
    );
    expect((await answer).text).toBe('[1]');
  });

  test('with no byte, though it says that it is packed', async () => {
    const { answer } = await ask((_request, response) =>
      reply(response, 502, '', { 'Content-Encoding': 'gzip' }),
    );
    expect(await answer).toMatchObject({ status: 502, text: '' });
  });

  test('whatever its Content-Length says, its size is that of the body unpacked', async () => {
    const packed = gzipSync(`[${' '.repeat(50_000)}]`);
    const { answer } = await ask((_request, response) =>
      reply(response, 200, packed, { 'Content-Encoding': 'gzip', 'Content-Length': String(packed.length) }),
    );
    expect((await answer).bytes).toBe(50_002);
  });

  test('without the mark that a text in UTF-8 may begin with', async () => {
    const { answer } = await ask((_request, response) => reply(response, 200, '\ufeff[1]'));
    expect((await answer).text).toBe('[1]');
  });

  test('but has no text where its bytes are no UTF-8, instead of one with replacement characters', async () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc3, 0x22],
      [0xed, 0xa0, 0x80],
      [0x22, 0xe2, 0x82],
    ]) {
      const { answer } = await ask((_request, response) => reply(response, 200, Buffer.from(bytes)));
      expect(await answer).toMatchObject({ text: null, bytes: bytes.length });
    }
  });

  test('when it exactly fills the limit', async () => {
    const { answer } = await ask((_request, response) => reply(response, 200, 'x'.repeat(1_000)), {
      maxBytes: 1_000,
    });
    expect((await answer).text).toHaveLength(1_000);
  });
});

describe('a redirect is not followed', () => {
  test.each([301, 302, 303, 307, 308])('%i', async (status) => {
    const { answer, requests } = await ask((request, response) =>
      reply(response, status, '', { Location: `http://${request.headers.host}/elsewhere` }),
    );
    expect(await answer).toMatchObject({ status, location: expect.stringMatching(/elsewhere$/) });
    expect(requests).toHaveLength(1);
  });
});

describe('an answer that does not end in time', () => {
  test('when nothing comes: the request is given up and its connection closed', async () => {
    const { answer, requests } = await ask(() => {}, { timeoutMs: 80 });
    const error = await failureOf(answer);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(
        /^expected a whole answer of Odoo at http:\S+ within 80 ms, and none came: /,
      ),
    });
    await until('the connection is closed', () => requests[0]?.cut === true);
  });

  test('when it trickles without ever being silent', async () => {
    const { answer, requests } = await ask(
      (request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => {
          if (request.cut) clearInterval(drip);
          else response.write('x');
        }, 10);
        servers.onEnd(() => clearInterval(drip));
      },
      { timeoutMs: 150 },
    );
    expect(await failureOf(answer)).toBeInstanceOf(TimeoutError);
    await until('the connection is closed', () => requests[0]?.cut === true);
  });
});

describe('an answer that is too large is cut off where the limit is reached', () => {
  const LIMIT = 100_000;
  /** What lies between the two sides' buffers. */
  const ON_THE_WAY = 16_000_000;
  let sent = () => 0;
  /** Sends up to 200 MB, as fast as they are taken. */
  const flood: Handler = (_request, response) => {
    const { socket } = response;
    sent = () => socket?.bytesWritten ?? 0;
    const chunk = Buffer.alloc(65_536, 0x20);
    let left = 3_200;
    const send = () => {
      while (left-- > 0) if (!response.write(chunk)) return void response.once('drain', send);
      response.end();
    };
    response.writeHead(200, { 'Content-Type': 'application/json' });
    send();
  };

  test('when it streams', async () => {
    const { answer, requests } = await ask(flood, { maxBytes: LIMIT });
    const error = await failureOf(answer);
    expect(error).toBeInstanceOf(TooLargeError);
    expect(error).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/^expected at most 100000 bytes .* raise ODOO_MAX_ANSWER_BYTES$/),
    });
    await until('the connection is closed', () => requests[0]?.cut === true);
    expect(sent()).toBeGreaterThanOrEqual(LIMIT);
    expect(sent()).toBeLessThan(LIMIT + ON_THE_WAY);
  });

  test('when it is small only as long as it is packed', async () => {
    const packed = gzipSync(Buffer.alloc(20_000_000));
    expect(packed.length).toBeLessThan(LIMIT);
    const { answer } = await ask(
      (_request, response) => reply(response, 200, packed, { 'Content-Encoding': 'gzip' }),
      { maxBytes: LIMIT },
    );
    expect(await failureOf(answer)).toBeInstanceOf(TooLargeError);
  });
});

describe('an answer that would take more memory than there is for it is not read', () => {
  const bomb = gzipSync(`[${'[],'.repeat(3_000_000)}[]]`);
  const asked = async (of: AnswerOf, packed: Buffer) => {
    const { url } = await servers.listen((_request, response) =>
      reply(response, 200, packed, { 'Content-Encoding': 'gzip' }),
    );
    return clientOf(url, { maxBytes: 67_108_864, readers: 4, heapBytes: 452_984_832 }).post(
      '/jsonrpc',
      {},
      {},
      never,
      of,
    );
  };

  test.each<AnswerOf>(['page', 'record'])('a %s of 9 kB that unpacks to 9 MB of empty lists', async (of) => {
    expect(bomb.length).toBeLessThan(100_000);
    const error = await failureOf(asked(of, bomb));
    expect(error).toBeInstanceOf(TooLargeError);
    expect(error).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/has 9000004 bytes that would take more than \d+ MiB of memory/),
    });
  });

  test.each<AnswerOf>(['page', 'record'])(
    'and one of a %s that is longer than what may be parsed is cut off',
    async (of) => {
      expect(await failureOf(asked(of, gzipSync(Buffer.alloc(60_000_000, 0x20))))).toMatchObject({
        message: expect.stringMatching(
          /^expected at most \d{8} bytes .* more memory .* \(WORKER_CONCURRENCY\)$/,
        ),
      });
    },
  );

  test('while a note of 20 MB is', async () => {
    const note = 'x'.repeat(20_000_000);
    const { text } = await asked('record', gzipSync(JSON.stringify([{ id: 1, comment: note }])));
    expect(text?.length).toBe(note.length + 23);
  });

  test.each<AnswerOf>(['other', 'fields', 'groups'])('and one of %s is cut off long before', async (of) => {
    expect(await failureOf(asked(of, gzipSync(Buffer.alloc(20_000_000, 0x20))))).toMatchObject({
      message: expect.stringMatching(/^expected at most \d+ bytes in an answer .* that holds no records/),
    });
  });
});

describe('a connection that breaks is a transient fault', () => {
  test('refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const error = await failureOf(clientOf(`http://127.0.0.1:${port}`).get('/', {}, never));
    expect(error).toMatchObject({
      kind: 'transient',
      message: `no whole answer of Odoo at http://127.0.0.1:${port} (ECONNREFUSED): nothing listens there: check the URL's host and port, and that Odoo runs`,
    });
  });

  test('closed without an answer', async () => {
    const { answer } = await ask((_request, response) => response.socket?.destroy());
    expect(await failureOf(answer)).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/ended before the answer was whole: what was asked is tried again; /),
    });
  });

  test('reset', async () => {
    const { answer } = await ask((_request, response) => response.socket?.resetAndDestroy());
    expect(await failureOf(answer)).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/ECONNRESET/),
    });
  });

  test('cut in the middle of the body', async () => {
    const { answer } = await ask((_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"result": [', () => response.socket?.destroy());
    });
    expect(await failureOf(answer)).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/ended before the answer was whole: /),
    });
  });

  test('cut in the middle of the body over a kept connection: that one was not stale', async () => {
    const { url, requests } = await servers.listen((request, response) => {
      if (request.path === '/first') return reply(response, 200, '1');
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"result": [', () => response.socket?.destroy());
    });
    const client = clientOf(url);
    await client.get('/first', {}, never);
    expect(await failureOf(client.get('/second', {}, never))).toMatchObject({
      message: expect.stringMatching(/ended before the answer was whole: /),
    });
    expect(requests).toHaveLength(2);
  });

  test('ended before as many bytes came as it says', async () => {
    const url = await rawServer('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[1]');
    expect(await failureOf(clientOf(url).get('/', {}, never))).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/ended before the answer was whole: /),
    });
  });

  test('a body that is not packed as it says', async () => {
    const { answer } = await ask((_request, response) =>
      reply(response, 200, 'plain', { 'Content-Encoding': 'gzip' }),
    );
    expect(await failureOf(answer)).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/not packed as it says: /),
    });
  });

  test.each([
    [
      'something other than HTTP',
      'SSH-2.0-OpenSSH_9.6\r\n',
      /expected HTTP, got something else: check the port/,
    ],
    ['nothing at all', '', /ended before the answer was whole/],
    [
      'two lengths that differ',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n[1]',
      /expected HTTP/,
    ],
  ])('%s', async (_what, text, message) => {
    const error = await failureOf(clientOf(await rawServer(text)).get('/', {}, never));
    expect(error).toMatchObject({ kind: 'transient', message: expect.stringMatching(message) });
  });

  test('TLS where HTTP is asked for, and the other way round', async () => {
    const tls = await servers.listen((_request, response) => response.end(), selfSigned());
    const plain = await servers.listen((_request, response) => response.end());
    const [toTls, toPlain] = [tls.url.replace('https', 'http'), plain.url.replace('http', 'https')];
    expect(await failureOf(clientOf(toTls).get('/', {}, never))).toMatchObject({ kind: 'transient' });
    expect(await failureOf(clientOf(toPlain).get('/', {}, never))).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/expected TLS, got something else: check the port/),
    });
    expect([...tls.requests, ...plain.requests]).toEqual([]);
  });

  test('headers without an end', async () => {
    const url = await rawServer(`HTTP/1.1 200 OK\r\n${'X-Header: x\r\n'.repeat(10_000)}`);
    expect(await failureOf(clientOf(url).get('/', {}, never))).toMatchObject({ kind: 'transient' });
  });
});

test('an answer that goes on behind its length is cut there, and the next one is read anew', async () => {
  const url = await rawServer('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1], {"id": 7}]');
  const client = clientOf(url);
  for (let n = 0; n < 3; n++) {
    const answer = client.get('/', {}, never).catch((error: unknown) => error);
    const { text } = (await answer) as { text?: string };
    if (text !== undefined) expect(text).toBe('[1]');
    else expect(await answer).toMatchObject({ kind: 'transient' });
  }
});

describe('the signal', () => {
  test('ends a request that is out, with its own reason, and closes the connection', async () => {
    const { url, requests } = await servers.listen(() => {});
    const stop = new AbortController();
    const answer = failureOf(clientOf(url).get('/', {}, stop.signal));
    await until('the request is there', () => requests.length === 1);
    stop.abort(new Error('enough'));
    expect((await answer).message).toBe('enough');
    await until('the connection is closed', () => requests[0]?.cut === true);
  });

  test('that was aborted before lets no request out', async () => {
    const { url, requests } = await servers.listen((_request, response) => response.end());
    const error = await failureOf(clientOf(url).get('/', {}, AbortSignal.abort(new Error('enough'))));
    expect(error.message).toBe('enough');
    expect(requests).toEqual([]);
  });
});

describe('a certificate that is not accepted is for an operator to mend, and nothing was sent', () => {
  test.each([
    ['that nobody signed', 2, 'SELF_SIGNED'],
    ['that has expired', -1, 'EXPIRED'],
  ])('%s', async (_what, days, code) => {
    const { url, requests } = await servers.listen((_request, response) => response.end(), selfSigned(days));
    const error = await failureOf(clientOf(url).get('/', { Authorization: 'bearer x' }, never));
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(
        new RegExp(
          `^the certificate of Odoo at ${url} is not accepted .*${code}.*: have it renewed, or its authority trusted`,
        ),
      ),
    });
    expect(requests).toEqual([]);
  });
});
