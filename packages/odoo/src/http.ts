import { isAscii } from 'node:buffer';
import { plainText, SyncError } from '@odoo-sync/core';
import axios, { AxiosError, type AxiosInstance } from 'axios';
import { createAgents, type Way } from './agents.js';
import { type AnswerOf, answerBounds } from './answerBounds.js';
import { createThinAdapter } from './thinAdapter.js';
import { type HttpLimits, tooHeavy, transportError } from './transportError.js';
import type { Veil } from './veil.js';
import { heapOf } from './weigh.js';

/** An answer as it came: its body still text, its status whatever it was. */
export interface HttpAnswer {
  readonly status: number;
  /** Made anew each time. Null where the bytes are no UTF-8: read leniently, they would be mirrored as something that nobody wrote. */
  readonly text: string | null;
  /** Unpacked. */
  readonly body: Buffer;
  readonly bytes: number;
  readonly contentType: string;
  /** The `Date` header, when it is one. */
  readonly date: Date | null;
  readonly location: string | null;
  readonly retryAfter: string | null;
  readonly ms: number;
}

export interface HttpClient {
  /** The base URL. */
  readonly url: string;
  /** What a text of the other side goes through, before anything else is done with it. */
  readonly veil: Veil;
  post(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    of?: AnswerOf,
  ): Promise<HttpAnswer>;
  get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
}

/** Of a header. No type of content and no host's name is longer. */
const HEADER_MOST = 300;
const HEADER_LOOKED_AT = 100_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * axios on a thin adapter: no redirects, the body as bytes (text and JSON are ours), no proxies out of the environment. Odoo itself
 * closes every connection; a proxy in front may keep it. No answer is parsed that would take more memory than there is for it.
 */
export function createHttpClient(
  baseUrl: string,
  limits: HttpLimits,
  way: Way,
  veil: Veil = plainText,
): HttpClient {
  const agents = createAgents(baseUrl, way);
  const bounds = answerBounds(limits.maxBytes, limits.readers ?? 1, limits.heapBytes);
  const client: AxiosInstance = axios.create({
    adapter: createThinAdapter(baseUrl, agents),
    transformResponse: [],
    transformRequest: [],
    validateStatus: null,
    timeout: limits.timeoutMs,
    headers: { 'User-Agent': 'odoo-sync', 'Accept-Encoding': 'gzip, deflate' },
  });
  const send = async (
    path: string,
    data: string | undefined,
    headers: object,
    signal: AbortSignal,
    of: AnswerOf,
  ) => {
    const began = performance.now();
    try {
      signal.throwIfAborted();
      const ask = () =>
        client.request<Buffer>({
          method: data === undefined ? 'GET' : 'POST',
          url: path,
          data,
          headers: { ...headers },
          maxContentLength: bounds.bytes[of],
          signal,
        });
      const answer = await ask().catch((error: unknown) => {
        if (!wasStale(error)) throw error;
        agents.dropIdle();
        return ask();
      });
      const header = (name: string): string | null => {
        const value: unknown = answer.headers[name];
        return typeof value === 'string' ? value.slice(0, HEADER_LOOKED_AT) : null;
      };
      const told = (name: string): string | null => {
        const value = header(name);
        return value === null ? null : veil(value, HEADER_MOST);
      };
      const { data: body } = answer;
      const width = isAscii(body) ? 1 : 2;
      const most = Math.min(bounds.heap[of], bounds.heapAtOnce - body.length * width);
      if (heapOf(body, width, most) > most) throw tooHeavy(baseUrl, body.length, most);
      const date = Date.parse(header('date') ?? '');
      return {
        status: answer.status,
        get text() {
          return textOf(body);
        },
        body,
        bytes: body.length,
        contentType: told('content-type') ?? '',
        date: Number.isNaN(date) ? null : new Date(date),
        location: told('location'),
        retryAfter: told('retry-after'),
        ms: performance.now() - began,
      };
    } catch (error) {
      if (error instanceof SyncError) throw error;
      if (signal.aborted) throw signal.reason;
      throw transportError(error, baseUrl, { ...limits, veil }, { of, most: bounds.bytes[of] });
    }
  };
  return {
    url: baseUrl,
    veil,
    post: (path, body, headers, signal, of = 'other') =>
      send(path, JSON.stringify(body), { 'Content-Type': 'application/json', ...headers }, signal, of),
    get: (path, headers, signal) => send(path, undefined, headers, signal, 'other'),
    close: () => agents.close(),
  };
}

/**
 * Whether a kept connection was closed by the other side, as proxies close those that were idle, in the moment in which it
 * was used again. Whatever is asked only reads, so it can be asked again.
 */
const wasStale = (error: unknown): boolean =>
  error instanceof AxiosError &&
  error.response === undefined &&
  (error.code === 'ECONNRESET' || error.code === 'EPIPE') &&
  (error.request as { readonly reusedSocket?: boolean } | undefined)?.reusedSocket === true;

/** Null where the bytes are no UTF-8. */
export function textOf(body: Uint8Array): string | null {
  // Most answers are ASCII, whose bytes need no looking at one by one.
  if (isAscii(body)) return Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
  try {
    return utf8.decode(body);
  } catch {
    return null;
  }
}
