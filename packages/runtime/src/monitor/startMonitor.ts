import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { HTTP_LIMITS, type HttpLimits, MOST_URL, serverOptions } from '../httpLimits.js';
import { listenFault } from '../listenFault.js';
import { isOwnHost } from './ownHost.js';
import { askParts, type Part, silenceOf, wordsOf } from './parts.js';

export interface MonitorOptions {
  /** `METRICS_HOST` */
  readonly host: string;
  /** `METRICS_PORT`; 0 takes a free one. */
  readonly port: number;
  readonly registry: Registry;
  /** Aborted when the process is told to stop: from then on it isn't ready, though it lives. */
  readonly stopping: AbortSignal;
  readonly log: Pick<Logger, 'debug' | 'warn'>;
  /** The usual ones unless told. */
  readonly limits?: HttpLimits;
}

/** What a process has when it is up. */
export interface Running {
  readonly parts: readonly Part[];
  /** Further pages by their paths (`/scale`): what each answers, as JSON. */
  readonly pages?: Readonly<Record<string, () => Promise<object>>>;
}

export interface Monitor {
  readonly url: string;
  /** The process is up: ready for as long as its parts answer. */
  up(running: Running): void;
  close(): Promise<void>;
}

const UNREADABLE = { error: 'bad_request', message: 'the request can not be read' };
const STRANGE_HOST = {
  error: 'forbidden_host',
  message:
    'expected an IP address, localhost, a name of one label or of a service (NAME.NAMESPACE.svc) as the Host, but it is another name: ask by one of those, or set METRICS_HOST to that name',
};

/**
 * Answers what machines ask of a process, for itself and without a token: `/metrics`; `/healthz`, whether it turns (an outage
 * of Redis or MongoDB is none of it, since no restart would mend that); `/readyz`, whether it is up and its parts answer.
 *
 * It is the first that a process starts and the last that it closes: a start may wait for MongoDB or build an index, and a
 * worker that was told to stop still ends its turns. Neither is a reason to kill it.
 *
 * @throws SyncError `configuration`, or an error for a port that may come free, when the address can't be listened on.
 */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const { host, port, registry, stopping, log, limits = HTTP_LIMITS } = options;
  let running: Running | null = null;
  const app = fastify({
    ...serverOptions(limits),
    forceCloseConnections: true,
    frameworkErrors: (_error: unknown, _request: FastifyRequest, reply: FastifyReply) =>
      void reply.code(400).send(UNREADABLE),
  });
  app.server.maxConnections = limits.connections;
  app.addHook('onRequest', async ({ url, headers }, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    if (!isOwnHost(headers.host, host)) return reply.code(403).send(STRANGE_HOST);
    if (url.length > MOST_URL) return reply.code(414).send(UNREADABLE);
  });
  addDependencies(registry, () => running?.parts ?? [], log);

  app.get('/metrics', async (_, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_, reply) => {
    if (stopping.aborted)
      return reply
        .code(503)
        .send({ error: 'stopping', message: 'it was told to stop, and ends what it has begun' });
    if (!running)
      return reply
        .code(503)
        .send({ error: 'starting', message: 'it is starting, and waits for its servers' });
    const states = await askParts(running.parts, log);
    const message = silenceOf(states);
    return message === null
      ? { status: 'ready', ...wordsOf(states) }
      : reply.code(503).send({ error: 'not_ready', message, ...wordsOf(states) });
  });
  app.get('/*', async ({ url }, reply) => {
    const pages = running?.pages ?? {};
    const [path = ''] = url.split('?');
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page) return page();
    const known = ['/metrics', '/healthz', '/readyz', ...Object.keys(pages)];
    return reply
      .code(404)
      .send({ error: 'no_such_page', message: `there is no such page: there are ${known.join(', ')}` });
  });
  app.setErrorHandler((error: FastifyError, { url }, reply) => {
    if (error.statusCode !== undefined && error.statusCode < 500)
      return reply.code(error.statusCode).send(UNREADABLE);
    log.warn({ err: error, url }, 'a question about this process was not answered');
    return reply
      .code(503)
      .send({ error: 'unavailable', message: 'what this page tells of does not answer: see the log' });
  });
  const url = await app.listen({ host, port }).catch((cause: Error) => {
    throw listenFault({ what: 'the monitor', host, port, settings: 'METRICS' }, cause);
  });
  return {
    url,
    up(now) {
      running = now;
    },
    close: () => app.close(),
  };
}

function addDependencies(registry: Registry, parts: () => readonly Part[], log: MonitorOptions['log']): void {
  new Gauge({
    name: 'odoo_sync_dependency_up',
    help: 'Whether a server that this process needs answers: 1 or 0.',
    labelNames: ['dependency'],
    registers: [registry],
    async collect() {
      for (const { name, answers } of await askParts(parts(), log))
        this.set({ dependency: name }, answers ? 1 : 0);
    },
  });
}
