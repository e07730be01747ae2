import { type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw } from 'node:zlib';
import { type AxiosAdapter, AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { Agents } from './agents.js';

/** The code of the error where an answer is longer than `maxContentLength`. */
export const TOO_LONG = 'TOO_LONG';

const NOTHING = Buffer.alloc(0);

type Config = Pick<
  InternalAxiosRequestConfig<string | undefined>,
  'method' | 'url' | 'data' | 'headers' | 'signal' | 'timeout' | 'maxContentLength'
>;

/**
 * The adapter by which axios asks one Odoo: a request of Node's own over the agents of its session, the whole body as one buffer. It
 * knows no redirects, proxies, streams or forms.
 *
 * Of axios' config it takes `method`, `url` (behind the base URL), `data`, `headers`, `signal`, `timeout` (milliseconds until the
 * answer must be whole, however it trickles) and `maxContentLength` (bytes, packed and unpacked). What fails is an `AxiosError` with
 * the code of what it failed by, and with a response where that had begun; `ETIMEDOUT` where it took too long, {@link TOO_LONG} where it was too long.
 */
export function createThinAdapter(baseUrl: string, agents: Agents): AxiosAdapter {
  const { protocol, hostname, port, pathname } = new URL(baseUrl);
  const secure = protocol === 'https:';
  const open = secure ? overHttps : overHttp;
  const target = {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    agent: secure ? agents.https : agents.http,
  };
  const base = pathname === '/' ? '' : pathname;
  return (config) => {
    const { method, url, data, headers, signal, timeout, maxContentLength }: Config = config;
    return new Promise((resolve, reject) => {
      const path = `${base}${url}`;
      const request = open({ ...target, path, method, headers: headers.toJSON() as Record<string, string> });
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener?.('abort', stop);
      };
      let begun: IncomingMessage | undefined;
      const fail = (error: Error, code?: string) => {
        end();
        const response = begun && responseOf(begun, NOTHING, config, request);
        reject(AxiosError.from(error, code, config, request, response));
        request.destroy();
      };
      const stop = () => fail(new Error('it was stopped'));
      const timer = setTimeout(() => fail(new Error('it took too long'), 'ETIMEDOUT'), timeout);
      signal?.addEventListener?.('abort', stop);
      request.on('error', (error) => fail(error));
      request.once('response', (message) => {
        begun = message;
        bodyOf(message, maxContentLength ?? Number.POSITIVE_INFINITY).then((body) => {
          end();
          resolve(responseOf(message, body, config, request));
        }, fail);
      });
      request.end(data);
    });
  };
}

const responseOf = (
  { statusCode = 0, statusMessage = '', headers }: IncomingMessage,
  data: Buffer,
  config: InternalAxiosRequestConfig,
  request: ClientRequest,
): AxiosResponse<Buffer> => ({
  status: statusCode,
  statusText: statusMessage,
  headers: headers as Record<string, string>,
  data,
  config,
  request,
});

async function bodyOf(message: IncomingMessage, most: number): Promise<Buffer> {
  const packed = await wholeBody(message, most);
  const unpack = packed.length === 0 ? null : unpackerOf(message.headers['content-encoding'], packed);
  try {
    return unpack ? await unpack(packed, { maxOutputLength: most }) : packed;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLong(most) : error;
  }
}

const wholeBody = (message: IncomingMessage, most: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    message.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > most) reject(tooLong(most));
      else chunks.push(chunk);
    });
    message.once('end', () => {
      const [first] = chunks;
      resolve(first && chunks.length === 1 ? first : Buffer.concat(chunks, length));
    });
    message.once('error', reject);
  });

const tooLong = (most: number): Error =>
  Object.assign(new Error(`expected at most ${most} bytes`), { code: TOO_LONG });

type Unpack = (packed: Buffer, bounds: { readonly maxOutputLength: number }) => Promise<Buffer>;

const unpackGzip: Unpack = promisify(gunzip);
const unpackZlib: Unpack = promisify(inflate);
const unpackDeflate: Unpack = promisify(inflateRaw);

/** Some servers call `deflate` what has no header of zlib's. */
function unpackerOf(encoding: string | undefined, packed: Buffer): Unpack | null {
  switch (encoding?.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return unpackGzip;
    case 'deflate':
      return packed.length > 1 && (packed.readUInt8(0) & 0x0f) === 8 && packed.readUInt16BE(0) % 31 === 0
        ? unpackZlib
        : unpackDeflate;
    default:
      return null;
  }
}
