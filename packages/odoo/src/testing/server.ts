import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { afterEach } from '@jest/globals';
import type { Credentials, FieldList, Source } from '@odoo-sync/core';
import { listening } from '@odoo-sync/testkit';
import type { Way } from '../agents.js';
import { fieldListVersion } from '../decode.js';
import type { OdooSourceOptions } from '../options.js';
import { createOdooSource } from '../session.js';

export const DB = 'acme';
export const API_KEY = '0123456789abcdef0123456789abcdef01234567';
export const PASSWORD = 'it\'s "a" p\\ssword & <more>';

/** The least that a record has, and a day. */
export const LIGHT_FIELDS: FieldList = (() => {
  const fields = [
    { name: 'id', type: 'integer' },
    { name: 'write_date', type: 'datetime' },
  ];
  return { fields, dropped: [], version: fieldListVersion(fields) };
})();
export const WINDOW = { start: new Date('2026-11-22T00:00:00Z'), end: new Date('2026-11-23T00:00:00Z') };

export const apiKey: Credentials = { kind: 'apiKey', login: 'sync', secret: API_KEY };
export const password: Credentials = { kind: 'password', login: 'sync', secret: PASSWORD };

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `performance.now()` at its end. */
  readonly at: number;
  /** Whether the client closed the connection before the answer was complete. */
  cut: boolean;
}

/** Whether a request asks for the version, with which every session begins. */
export const asksVersion = ({ path, text }: Pick<SeenRequest, 'path' | 'text'>): boolean =>
  path === '/web/version' || (path === '/jsonrpc' && JSON.parse(text).params.method === 'version');

export type Handler = (request: SeenRequest, response: ServerResponse) => void;

/** Answers as Odoo does: one connection a request. */
export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, {
    'Content-Type': isText ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    Connection: 'close',
    ...headers,
  });
  response.end(isText ? body : JSON.stringify(body));
}

/** A method call as either transport sends it. */
export interface OdooCall {
  readonly model: string;
  readonly method: string;
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly ids: readonly number[] | undefined;
  /** Where the answer needs more than a value. */
  readonly response: ServerResponse;
}

/** Returned by a call's handler that has answered by itself, or never will. */
export const ANSWERED = Symbol('answered');

/** Thrown by a call's handler: an exception of Odoo's, in the shape of the transport that asked. */
export class PythonError extends Error {
  constructor(
    readonly exception: string,
    message = 'no',
    readonly status = 422,
  ) {
    super(message);
  }
}

const faultBody = ({ exception, message }: PythonError) => ({
  name: exception,
  message,
  arguments: [message],
  context: {},
  debug: 'Traceback (most recent call last): ...',
});

/** A server that shows Odoo's endpoints of a version; what the methods do is the test's. */
export function odooOf(version: number, onCall: (call: OdooCall) => unknown): Handler {
  const info = [version, 0, 0, 'final', 0, ''];
  return (request, response) => {
    const { path } = request;
    const asks = request.method === 'POST' ? JSON.parse(request.text) : undefined;
    if (path === '/json/2/res.users/context_get' || asks?.params?.args?.[4] === 'context_get') {
      const context = { lang: 'en_US', tz: false, uid: 7 };
      return reply(response, 200, path === '/jsonrpc' ? { jsonrpc: '2.0', result: context } : context);
    }
    if (path === '/web/version' && version >= 19) {
      return reply(response, 200, { version_info: info, version: `${version}.0` });
    }
    if (path === '/json/2/res.lang/search_read' || asks?.params?.args?.[3] === 'res.lang') {
      const active = ['en_US', 'fr_FR'].map((code, n) => ({ id: n + 1, code }));
      return reply(response, 200, path === '/jsonrpc' ? { jsonrpc: '2.0', result: active } : active);
    }
    const json2 = /^\/json\/2\/([^/]+)\/([^/]+)$/.exec(path);
    if (json2 && version >= 19) {
      const { ids, ...kwargs } = asks;
      const call = { model: json2[1] as string, method: json2[2] as string, kwargs, ids, response };
      return settle(
        () => onCall(call),
        (value) => reply(response, 200, value ?? null),
        (error) => reply(response, error.status, faultBody(error)),
      );
    }
    if (path !== '/jsonrpc') return reply(response, 404, '<title>404 Not Found</title>');
    const { service, args } = asks.params;
    const say = (outcome: object) => reply(response, 200, { jsonrpc: '2.0', id: asks.id, ...outcome });
    if (service === 'common')
      return say({
        result:
          asks.params.method === 'version'
            ? { server_version: `${version}.0`, server_version_info: info }
            : 7,
      });
    const call = { model: args[3], method: args[4], kwargs: args[6], ids: args[5][0], response };
    return settle(
      () => onCall(call),
      (value) => say(value === undefined || value === null ? {} : { result: value }),
      (error) => say({ error: { code: 0, message: 'Odoo Server Error', data: faultBody(error) } }),
    );
  };
}

function settle(
  run: () => unknown,
  onValue: (value: unknown) => void,
  onError: (error: PythonError) => void,
): void {
  try {
    const value = run();
    if (value !== ANSWERED) onValue(value);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    onError(error);
  }
}

export interface Loopback {
  readonly url: string;
  readonly requests: SeenRequest[];
}

/** Servers of tests are on this machine. */
export const HERE: Way = { allow: ['loopback'] };

const OPTIONS: OdooSourceOptions = {
  ...HERE,
  limitPerCall: 200,
  limitPerCallMax: 1_000,
  apiCallDelayMs: 0,
  requestTimeoutMs: 10_000,
  maxAnswerBytes: 10_000_000,
  lang: 'en_US',
  clockMaxSkewMs: Number.MAX_SAFE_INTEGER,
  log: { warn: () => {} },
};

/** Servers on 127.0.0.1 and sessions with them, closed after each test. */
export class Servers {
  #closers: (() => unknown)[] = [];
  #away = () => false;

  constructor() {
    afterEach(async () => {
      this.#away = () => false;
      for (const close of this.#closers.splice(0).reverse()) await close();
    });
  }

  /** Whatever is asked while this holds gets no answer but a reset. */
  refuse(when: () => boolean): void {
    this.#away = when;
  }

  onEnd(close: () => unknown): void {
    this.#closers.push(close);
  }

  async listen(handler: Handler, tls?: { readonly key: string; readonly cert: string }): Promise<Loopback> {
    const requests: SeenRequest[] = [];
    const server = tls ? createTlsServer(tls) : createServer();
    server.on('request', async (incoming, response) => {
      let text = '';
      for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, text, at: performance.now(), cut: false };
      response.on('close', () => {
        request.cut = !response.writableFinished;
      });
      requests.push(request);
      if (this.#away()) response.socket?.resetAndDestroy();
      else handler(request, response);
    });
    const { port, close } = await listening(server);
    this.onEnd(close);
    return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, requests };
  }

  /** Opens a session with a server. */
  async open(
    url: string,
    credentials: Credentials,
    options: Partial<OdooSourceOptions> = {},
  ): Promise<Source> {
    const open = createOdooSource({ ...OPTIONS, ...options });
    const source = await open({ url, db: DB }, credentials, never);
    this.onEnd(() => source.close());
    return source;
  }

  /** A server of a version and a session with it: by API key on 19, else by password. */
  async odoo(version: number, onCall: (call: OdooCall) => unknown, options: Partial<OdooSourceOptions> = {}) {
    const server = await this.listen(odooOf(version, onCall));
    const source = await this.open(server.url, version >= 19 ? apiKey : password, options);
    return { ...server, source };
  }
}

/** A signal that nobody aborts. */
export const never = new AbortController().signal;

/** What a promise fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

/** All that an iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
