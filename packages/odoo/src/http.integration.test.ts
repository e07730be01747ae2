import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SyncError } from '@odoo-sync/core';
import { createHttpClient, TimeoutError, TooLargeError } from './http.js';
import { failureOf, type Handler, never, reply, Servers, until } from './withServer.test.js';

const servers = new Servers();

function clientOf(url: string, limits: { timeoutMs?: number; maxBytes?: number } = {}) {
  const client = createHttpClient(url, { timeoutMs: 5_000, maxBytes: 1_000_000, ...limits });
  servers.onEnd(() => client.close());
  return client;
}

async function ask(handler: Handler, limits: { timeoutMs?: number; maxBytes?: number } = {}) {
  const { url, requests } = await servers.listen(handler);
  return { answer: clientOf(url, limits).post('/jsonrpc', { a: 1 }, {}, never), requests };
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

  test('unpacked when a proxy packed it', async () => {
    const { answer } = await ask((_request, response) =>
      reply(response, 200, gzipSync('[1]'), { 'Content-Encoding': 'gzip' }),
    );
    expect((await answer).text).toBe('[1]');
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
    expect(error).toMatchObject({ kind: 'transient', message: 'Odoo did not answer within 80 ms' });
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
  /** Sends up to 200 MB, as fast as they are taken. */
  const flood: Handler = (_request, response) => {
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
      message: `Odoo's answer is larger than ${LIMIT} bytes`,
    });
    await until('the connection is closed', () => requests[0]?.cut === true);
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

describe('a connection that breaks is a transient fault', () => {
  test('refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const error = await failureOf(clientOf(`http://127.0.0.1:${port}`).get('/', {}, never));
    expect(error).toMatchObject({ kind: 'transient', message: "Odoo can't be reached: ECONNREFUSED" });
  });

  test('closed without an answer', async () => {
    const { answer } = await ask((_request, response) => response.socket?.destroy());
    expect(await failureOf(answer)).toMatchObject({ kind: 'transient' });
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
    expect(await failureOf(answer)).toMatchObject({ kind: 'transient' });
  });

  test('a body that is not packed as it says', async () => {
    const { answer } = await ask((_request, response) =>
      reply(response, 200, 'plain', { 'Content-Encoding': 'gzip' }),
    );
    expect(await failureOf(answer)).toMatchObject({ kind: 'transient' });
  });

  test('something other than HTTP', async () => {
    const server = createServer((socket) =>
      socket.end('SSH-2.0-OpenSSH_9.6\r\n', () => socket.destroySoon()),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.onEnd(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as { port: number };
    const error = await failureOf(clientOf(`http://127.0.0.1:${port}`).get('/', {}, never));
    expect(error).toMatchObject({ kind: 'transient' });
  });
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

/** Made anew for each run: a key in a repository would look like one that matters. */
function selfSigned(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'odoo-certificate-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const args = ['req', ...kind, '-keyout', key, '-out', cert, '-subj', '/CN=localhost', '-days', '2'];
    execFileSync('openssl', args, { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a certificate that nobody signed is for an operator to mend', async () => {
  const { url, requests } = await servers.listen((_request, response) => response.end(), selfSigned());
  const error = await failureOf(clientOf(url).get('/', { Authorization: 'bearer x' }, never));
  expect(error).toBeInstanceOf(SyncError);
  expect(error).toMatchObject({ kind: 'configuration', message: expect.stringMatching(/SELF_SIGNED/) });
  expect(requests).toEqual([]);
});
