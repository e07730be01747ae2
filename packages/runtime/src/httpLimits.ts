import type { ServerOptions } from 'node:http';

/** How long a client may take over a request, and how much one may hold. In milliseconds. */
export interface HttpLimits {
  /** For a request's headers, from the connection on. */
  readonly headersMs: number;
  /** For a whole request. */
  readonly requestMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** Without a byte either way, an answer included. */
  readonly silenceMs: number;
  /** How often all of that is looked after. */
  readonly checkMs: number;
  readonly connections: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headersMs: 10_000,
  requestMs: 20_000,
  idleMs: 30_000,
  silenceMs: 120_000,
  checkMs: 2_000,
  connections: 1_000,
};

const REQUESTS_PER_SOCKET = 10_000;
const HEADER_BYTES = 16_384;
/** Longer than any that a page or program of ours asks. */
export const MOST_URL = 8_192;

/** What fastify is given so that nobody holds a server of ours up: it has no time-outs by itself. */
export const serverOptions = ({ headersMs, requestMs, idleMs, silenceMs, checkMs }: HttpLimits) =>
  ({
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionTimeout: silenceMs,
    maxRequestsPerSocket: REQUESTS_PER_SOCKET,
    http: {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: HEADER_BYTES,
    } satisfies ServerOptions,
  }) as const;
