import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { SyncError } from '@odoo-sync/core';
import axios, { AxiosError, type AxiosInstance } from 'axios';

/** An answer as it came: its body still text, its status whatever it was. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
  /** The `Date` header, when it is one. */
  readonly date: Date | null;
  readonly location: string | null;
  readonly retryAfter: string | null;
  readonly bytes: number;
  readonly ms: number;
}

export interface HttpClient {
  post(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer>;
  get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
}

/** The request took longer than it may: the page was too large for this server just now. */
export class TimeoutError extends SyncError {}
/** The answer is larger than it may be: the page must get smaller. */
export class TooLargeError extends SyncError {}

const CERTIFICATE = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/;

/**
 * axios, tuned: no redirects, the body as text (JSON.parse is ours), no proxies out of the environment. Odoo itself closes
 * every connection; a proxy in front may keep it.
 */
export function createHttpClient(
  baseUrl: string,
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
): HttpClient {
  const httpAgent = new HttpAgent({ keepAlive: true });
  const httpsAgent = new HttpsAgent({ keepAlive: true });
  const client: AxiosInstance = axios.create({
    httpAgent,
    httpsAgent,
    proxy: false,
    maxRedirects: 0,
    responseType: 'text',
    transformResponse: [(data: unknown) => data],
    transformRequest: [(data: unknown) => data],
    validateStatus: () => true,
    maxContentLength: limits.maxBytes,
    maxBodyLength: Number.POSITIVE_INFINITY,
    headers: { 'User-Agent': 'odoo-sync', 'Accept-Encoding': 'gzip, deflate' },
  });
  const send = async (
    method: 'GET' | 'POST',
    path: string,
    data: string | undefined,
    headers: object,
    signal: AbortSignal,
  ) => {
    const began = performance.now();
    // axios' own timeout is one of silence: an answer that trickles would never meet it.
    const ended = new AbortController();
    const end = () => ended.abort();
    const timer = setTimeout(end, limits.timeoutMs);
    signal.addEventListener('abort', end);
    try {
      signal.throwIfAborted();
      const answer = await client.request<string>({
        method,
        url: baseUrl + path,
        data,
        headers: { ...headers },
        signal: ended.signal,
      });
      const header = (name: string): string | null => {
        const value: unknown = answer.headers[name];
        return typeof value === 'string' ? value : null;
      };
      const text = answer.data ?? '';
      const date = Date.parse(header('date') ?? '');
      return {
        status: answer.status,
        text,
        contentType: header('content-type') ?? '',
        date: Number.isNaN(date) ? null : new Date(date),
        location: header('location'),
        retryAfter: header('retry-after'),
        bytes: Number(header('content-length')) || Buffer.byteLength(text),
        ms: performance.now() - began,
      };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (ended.signal.aborted) throw tooSlow(limits.timeoutMs);
      throw transportError(error, limits);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  };
  return {
    post: (path, body, headers, signal) =>
      send('POST', path, JSON.stringify(body), { 'Content-Type': 'application/json', ...headers }, signal),
    get: (path, headers, signal) => send('GET', path, undefined, headers, signal),
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

const tooSlow = (timeoutMs: number): SyncError =>
  new TimeoutError('transient', `Odoo did not answer within ${timeoutMs} ms`);

// No error keeps its cause: it would carry the request, and with it the secret.
function transportError(
  error: unknown,
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
): SyncError {
  if (!(error instanceof AxiosError))
    return new SyncError('bug', `the HTTP client failed: ${error instanceof Error ? error.message : error}`);
  const code = error.code ?? '';
  if (code === 'ETIMEDOUT') return tooSlow(limits.timeoutMs);
  if (/maxContentLength/.test(error.message))
    return new TooLargeError('transient', `Odoo's answer is larger than ${limits.maxBytes} bytes`);
  if (CERTIFICATE.test(code))
    return new SyncError(
      'configuration',
      `Odoo's certificate is not accepted (${code}): have it renewed, or its authority trusted by this system`,
    );
  return new SyncError('transient', `Odoo can't be reached: ${code || error.message}`);
}
