import { plainText, SyncError } from '@odoo-sync/core';
import { AxiosError } from 'axios';
import type { AnswerOf } from './answerBounds.js';
import { ProxyFault, proxyError } from './proxyFault.js';
import { TOO_LONG } from './thinAdapter.js';
import { TooHeavyError } from './tooHeavy.js';
import type { Veil } from './veil.js';

export interface HttpLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** How many turns of this process read at once; one where nothing is said. */
  readonly readers?: number;
  /** Its heap; V8's limit where nothing is said. */
  readonly heapBytes?: number;
}

/** The request took longer than it may: the page was too large for this server just now. */
export class TimeoutError extends TooHeavyError {}
/** The answer is larger than it may be: the page must get smaller. */
export class TooLargeError extends TooHeavyError {}

const CERTIFICATE = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/;

const WORDS_MOST = 300;

const AGAIN = 'what was asked is tried again';

/** A worker of Odoo that passes its limits is ended so, and a proxy may have limits of its own. */
const ENDED_EARLY = /^(ECONNRESET|EPIPE|ERR_BAD_RESPONSE|ERR_STREAM_PREMATURE_CLOSE)$/;

/** What a code of a failed connection means, and what to do. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, "nothing listens there: check the URL's host and port, and that Odoo runs"],
  [/^(ENOTFOUND|EAI_)/, "its host's name leads nowhere: check the URL and the DNS"],
  [/^HPE_/, 'expected HTTP, got something else: check the port, and whether the URL must begin with https'],
  [/^(EPROTO|ERR_SSL_)/, 'expected TLS, got something else: check the port, and whether it speaks http only'],
  [/^Z_/, `the answer is not packed as it says: ${AGAIN}; if this lasts, see to the proxy before Odoo`],
  [
    ENDED_EARLY,
    `the connection ended before the answer was whole: ${AGAIN}; if this lasts, see to Odoo's log and the proxy's`,
  ],
];

const tooSlow = (url: string, { timeoutMs }: HttpLimits): SyncError =>
  new TimeoutError(
    'transient',
    `expected a whole answer of Odoo at ${url} within ${timeoutMs} ms, and none came: fewer records are asked for; if this lasts, see to Odoo's load, or raise ODOO_TIMEOUT_MS`,
    { unreachable: true },
  );

/** What it would become takes more memory than there is for it. */
export const tooHeavy = (url: string, bytes: number, most: number): SyncError =>
  new TooLargeError(
    'transient',
    `an answer of Odoo at ${url} has ${bytes} bytes that would take more than ${Math.round(most / 1_048_576)} MiB of memory once read, so it wasn't: fewer records are asked for; if this lasts, see to this Odoo's customizations and the proxy before it, or give the process more memory (--max-old-space-size)`,
  );

function tooLarge(
  url: string,
  maxBytes: number,
  { of, most }: { readonly of: AnswerOf; readonly most: number },
): SyncError {
  const came = `expected at most ${most} bytes in an answer of Odoo at ${url}`;
  const see = "see to this Odoo's customizations and the proxy before it";
  if (most < maxBytes && of !== 'page' && of !== 'record')
    return new TooLargeError(
      'transient',
      `${came} that holds no records, and more came: what was asked is tried again; if this lasts, ${see}`,
    );
  const raise =
    most === maxBytes
      ? 'raise ODOO_MAX_ANSWER_BYTES'
      : 'give the process more memory (--max-old-space-size), or fewer turns at once (WORKER_CONCURRENCY)';
  return new TooLargeError(
    'transient',
    `${came}, and more came: fewer records are asked for; if a single record is so large, ${raise}`,
  );
}

/** Reads what the HTTP client threw. No error keeps its cause: it would carry the request, and with it the secret. */
export function transportError(
  error: unknown,
  url: string,
  limits: HttpLimits & { readonly veil?: Veil },
  asked: { readonly of: AnswerOf; readonly most: number },
): SyncError {
  const { veil = plainText } = limits;
  if (!(error instanceof AxiosError))
    return new SyncError(
      'bug',
      `the HTTP client failed: ${veil(error instanceof Error ? error.message : String(error), WORDS_MOST)}`,
    );
  if (error.cause instanceof SyncError) return error.cause;
  if (error.cause instanceof ProxyFault) return proxyError(error.cause, url);
  const code = error.code ?? '';
  if (code === 'ETIMEDOUT') return tooSlow(url, limits);
  if (code === TOO_LONG) return tooLarge(url, limits.maxBytes, asked);
  if (CERTIFICATE.test(code))
    return new SyncError(
      'configuration',
      `the certificate of Odoo at ${url} is not accepted (${code}), so nothing was sent: have it renewed, or its authority trusted by this system`,
      { unreachable: true },
    );
  const what = veil(code || error.message, WORDS_MOST);
  const meaning = MEANINGS.find(([pattern]) => pattern.test(code))?.[1] ?? AGAIN;
  const Kind = ENDED_EARLY.test(code) ? TooHeavyError : SyncError;
  return new Kind('transient', `no whole answer of Odoo at ${url} (${what}): ${meaning}`, {
    unreachable: true,
  });
}
