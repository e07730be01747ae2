import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { toBytes } from '../pythonJson.js';
import type { RequestLog } from '../requestLog.js';
import { serveJson2 } from './json2.js';
import { serveJsonrpc } from './jsonrpc.js';
import type { Outcome } from './outcome.js';
import { htmlReply, type Incoming, NOT_FOUND, type Reply } from './reply.js';
import { serveVersions } from './versions.js';
import type { ServerWorld } from './world.js';

export interface ServeOptions {
  readonly world: ServerWorld;
  readonly log: RequestLog;
  /** Odoo closes every connection; true keeps them, as a proxy before it would. */
  readonly keepAlive: boolean;
  /** Answers `/_sim/…`. */
  readonly control: (incoming: Incoming) => Promise<Reply>;
}

/** Makes the HTTP server, not yet listening. */
export function makeServer(options: ServeOptions): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 ? chunks[0]!.toString('utf8') : Buffer.concat(chunks).toString('utf8');
      void respond(options, readRequest(request, body), response);
    });
    request.on('error', () => response.destroy());
  });
}

function readRequest(request: IncomingMessage, body: string): Incoming {
  const [path = '/', query] = (request.url ?? '/').split('?', 2);
  return {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: request.headers as Record<string, string | undefined>,
    body,
  };
}

async function respond(options: ServeOptions, incoming: Incoming, response: ServerResponse): Promise<void> {
  const { world, log } = options;
  const started = performance.now();
  if (incoming.path.startsWith('/_sim/')) {
    send(options, response, await options.control(incoming), 0);
    return;
  }
  const at = new Date(world.clock.now()).toISOString();
  const outcome = route(world, incoming);
  const { target, database, fault, reply } = outcome;
  if (database !== undefined) {
    const key =
      target.model === undefined ? (target.method ?? target.path) : `${target.model}.${target.method}`;
    database.requests.set(key, (database.requests.get(key) ?? 0) + 1);
  }
  log.add({
    at,
    path: target.path,
    db: target.db,
    model: target.model,
    method: target.method,
    domain: target.domain,
    limit: outcome.limit,
    rows: outcome.rows ?? 0,
    status: reply.status,
    fault: fault?.kind,
    ms: Math.round((performance.now() - started) * 1000) / 1000,
  });
  await deliver(options, response, outcome, database?.dateSkewMs ?? 0);
}

function route(world: ServerWorld, incoming: Incoming): Outcome {
  try {
    if (incoming.path === '/jsonrpc') return serveJsonrpc(world, incoming);
    if (incoming.path.startsWith('/json/2/')) return serveJson2(world, incoming);
    return serveVersions(world, incoming) ?? { target: { path: incoming.path }, reply: NOT_FOUND };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      target: { path: incoming.path },
      reply: htmlReply(500, toBytes(`The simulator itself failed; this is a bug of it:\n${text}`)),
    };
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds).unref());

async function deliver(
  options: ServeOptions,
  response: ServerResponse,
  outcome: Outcome,
  skew: number,
): Promise<void> {
  const { fault, reply } = outcome;
  switch (fault?.kind) {
    case 'hang':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'truncate': {
      const body = bytesOf(reply);
      head(options, response, reply, body.length, skew);
      response.write(body.subarray(0, body.length >> 1), () => response.destroy());
      return;
    }
    case 'latency':
      await pause(fault.ms);
      break;
    case 'slow': {
      const body = bytesOf(reply);
      const pieces = Math.max(1, Math.min(20, body.length));
      const size = Math.ceil(body.length / pieces);
      head(options, response, reply, body.length, skew);
      for (let from = 0; from < body.length && !response.destroyed; from += size) {
        response.write(body.subarray(from, from + size));
        await pause(fault.ms / pieces);
      }
      response.end();
      return;
    }
  }
  send(options, response, reply, skew);
}

function send(options: ServeOptions, response: ServerResponse, reply: Reply, skew: number): void {
  if (response.destroyed) return;
  const body = bytesOf(reply);
  head(options, response, reply, body.length, skew);
  response.end(body);
}

/** The body as bytes of its own: an answer that waits must not change when the next page is written. */
function bytesOf({ body }: Reply): Buffer {
  return typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
}

function head(
  { world, keepAlive }: ServeOptions,
  response: ServerResponse,
  reply: Reply,
  length: number,
  skew: number,
): void {
  response.sendDate = false;
  response.writeHead(reply.status, {
    Server: 'Werkzeug/3.1.3 Python/3.13.5',
    Date: new Date(world.clock.now() + skew).toUTCString(),
    'Content-Type': reply.type,
    'Content-Length': length,
    ...reply.headers,
    ...(keepAlive ? {} : { Connection: 'close' }),
  });
}
