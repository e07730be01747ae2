import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { forwarded, listening } from '@odoo-sync/testkit';

export type Row = Readonly<Record<string, unknown>> & { readonly id: number };
type Kwargs = Readonly<Record<string, unknown>>;

/** What the engine asks for, as far as mischief tells one thing from another. */
export type Asked =
  | 'version'
  | 'health'
  | 'login'
  | 'access'
  | 'fields'
  | 'survey'
  | 'count'
  /** Records of a window, with every field. */
  | 'window'
  /** Records by their ids, with every field. */
  | 'ids'
  /** `id` and `write_date` alone, of a tail or an audit. */
  | 'light'
  | 'other';

export interface Honest {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What the method returned; undefined where the answer is no method's. */
  readonly value: unknown;
}

/** One request of the engine's, on its way to an honest Odoo. */
export interface Exchange {
  readonly asked: Asked;
  readonly model: string | undefined;
  readonly fields: readonly string[];
  readonly limit: number;
  /** The id behind which a page begins. */
  readonly lastId: number;
  readonly kwargs: Kwargs;
  readonly path: string;
  /** The credential that came with the request. */
  readonly secret: string;
  /** How many requests of its kind came before. */
  readonly before: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  honest(): Promise<Honest>;
  /** Answers as the honest Odoo does, headers beside its own where given. */
  pass(headers?: Readonly<Record<string, string | readonly string[]>>): Promise<void>;
  /** Answers with what a method returns, in the manner of the transport. */
  value(value: unknown): void;
  /** The same for a text that is put where the value's JSON stands, whatever it is. */
  json(text: string): void;
  /** Answers as Odoo does for an exception. */
  fault(name: unknown, message?: unknown, more?: Readonly<Record<string, unknown>>): void;
  raw(body: Buffer | string, status?: number, headers?: Readonly<Record<string, string>>): void;
}

/** What is done to a request; whoever does nothing of its own calls `pass`. */
export type Twist = (exchange: Exchange) => unknown;

/** A server that stands before an honest Odoo and answers as a twist says. */
export interface HostileOdoo {
  readonly url: string;
  /** Requests that got another answer than the honest one. */
  strikes(): number;
  close(): Promise<void>;
}

export async function startHostileOdoo(odooUrl: string, twist: Twist): Promise<HostileOdoo> {
  const seen = new Map<Asked, number>();
  let strikes = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const told = readRequest(request, Buffer.concat(chunks).toString());
    const before = seen.get(told.asked) ?? 0;
    seen.set(told.asked, before + 1);
    const one = exchangeOf({ odooUrl, request, response, told, before });
    try {
      await twist(one.exchange);
      if (!one.isHonest()) strikes += 1;
    } catch (error) {
      // The engine went away, or the test ended.
      if (!response.destroyed) response.destroy(error as Error);
    }
  });
  server.keepAliveTimeout = 60_000;
  server.on('clientError', (_, socket) => socket.destroy());
  const { port, close } = await listening(server);
  return { url: `http://127.0.0.1:${port}`, strikes: () => strikes, close };
}

interface Told {
  readonly text: string;
  readonly path: string;
  readonly rpc: boolean;
  readonly secret: string;
  readonly model: string | undefined;
  readonly kwargs: Kwargs;
  readonly asked: Asked;
}

function readRequest(request: IncomingMessage, text: string): Told {
  const { url: path = '/' } = request;
  const rpc = path === '/jsonrpc';
  const body = text.startsWith('{') ? JSON.parse(text) : {};
  const args: readonly unknown[] = body.params?.args ?? [];
  const [, , , ofPath, method] = rpc ? [] : path.split('/');
  const of = rpc ? { model: args[3], method: args[4] ?? body.params?.method } : { model: ofPath, method };
  const kwargs: Kwargs = (rpc ? (args[6] as Kwargs) : body) ?? {};
  const secret = String(rpc ? args[2] : (request.headers.authorization ?? '').replace(/^bearer /i, ''));
  const model = path.startsWith('/json/2/') || rpc ? (of.model as string | undefined) : undefined;
  return { text, path, rpc, secret, model, kwargs, asked: askedOf(path, String(of.method), kwargs) };
}

function askedOf(path: string, method: string, { fields, domain }: Kwargs): Asked {
  if (path.startsWith('/web/health')) return 'health';
  if (path.startsWith('/web/version') || path.startsWith('/web/webclient') || method === 'version')
    return 'version';
  if (method === 'authenticate' || method === 'login') return 'login';
  if (method === 'has_access' || method === 'check_access_rights') return 'access';
  if (method === 'fields_get') return 'fields';
  if (method === 'read_group' || method === 'formatted_read_group') return 'survey';
  if (method === 'search_count') return 'count';
  if (method !== 'search_read') return 'other';
  if (Array.isArray(fields) && fields.length <= 2) return 'light';
  const byIds = Array.isArray(domain) && domain.some((term) => term[0] === 'id' && term[1] === 'in');
  return byIds ? 'ids' : 'window';
}

interface Parts {
  readonly odooUrl: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly told: Told;
  readonly before: number;
}

function exchangeOf({ odooUrl, request, response, told, before }: Parts): {
  readonly exchange: Exchange;
  readonly isHonest: () => boolean;
} {
  let honestly = false;
  const type = { 'Content-Type': 'application/json; charset=utf-8' };
  const send = (status: number, headers: Readonly<Record<string, unknown>>, body: Buffer | string) => {
    response.writeHead(status, headers as Record<string, string>);
    response.end(body);
  };
  const honest = async (): Promise<Honest> => {
    const { status, headers, body } = await forwarded(odooUrl, request, told.text);
    const value = told.model === undefined && !told.rpc ? undefined : returnedIn(body, told.rpc);
    const kept = ['content-type', 'date', 'location'].flatMap((name) => {
      const header = headers.get(name);
      return header === null ? [] : [[name, header] as const];
    });
    return { status, headers: Object.fromEntries(kept), body, value };
  };
  const json = (text: string) =>
    send(200, type, told.rpc ? `{"jsonrpc": "2.0", "id": 1, "result": ${text}}` : text);
  const domain = (told.kwargs.domain ?? []) as readonly (readonly unknown[])[];
  return {
    isHonest: () => honestly,
    exchange: {
      ...told,
      request,
      response,
      before,
      fields: (told.kwargs.fields ?? []) as readonly string[],
      limit: Number(told.kwargs.limit ?? 0),
      lastId: Number(domain.find((term) => term[0] === 'id' && term[1] === '>')?.[2] ?? 0),
      honest,
      async pass(headers) {
        honestly = headers === undefined;
        const { status, headers: own, body } = await honest();
        send(status, { ...own, 'content-length': body.length, ...headers }, body);
      },
      value: (value) => json(JSON.stringify(value)),
      json,
      fault(name, message = '', more = {}) {
        const data = { name, message, arguments: [message], context: {}, debug: 'Traceback', ...more };
        if (told.rpc)
          send(
            200,
            type,
            JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: 200, message: 'Odoo', data } }),
          );
        else send(500, type, JSON.stringify(data));
      },
      raw: (body, status = 200, headers = {}) => send(status, { ...type, ...headers }, body),
    },
  };
}

function returnedIn(body: Buffer, rpc: boolean): unknown {
  try {
    const value = JSON.parse(body.toString());
    return rpc ? value.result : value;
  } catch {
    return undefined;
  }
}
