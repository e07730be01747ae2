import { type ErrorKind, SyncError } from '@odoo-sync/core';
import type { HttpAnswer } from './http.js';
import { parseJson } from './parseJson.js';
import { wantsLogin } from './proxyFault.js';
import { TooHeavyError } from './tooHeavy.js';

/** Odoo is there, and its database isn't. */
const DATABASE_LOST = /^psycopg2\.(OperationalError|InterfaceError)$/;

/** A fault that Odoo itself told: its exception's name is what is switched on, since messages are translated. */
export class OdooFault extends SyncError {
  constructor(
    kind: ErrorKind,
    readonly exception: string,
    message: string,
  ) {
    super(kind, message, { unreachable: DATABASE_LOST.test(exception) });
  }
}

/** Odoo would not, or could not, read: nothing is wrong with connection, database or credentials. */
export const isReadingFault = (error: unknown): error is OdooFault =>
  error instanceof OdooFault && (error.kind === 'access' || error.kind === 'bug');

const MESSAGE_LIMIT = 300;
const RETRY_AFTER_MOST_MS = 3_600_000;

const TRANSIENT =
  /^psycopg2\.(OperationalError|InterfaceError|pool\.PoolError|errors\.(SerializationFailure|DeadlockDetected|LockNotAvailable|QueryCanceled|AdminShutdown|CrashShutdown|CannotConnectNow|IdleInTransactionSessionTimeout|TooManyConnections))$/;

const KINDS: ReadonlyMap<string, ErrorKind> = new Map([
  ['odoo.exceptions.AccessDenied', 'credentials'],
  ['odoo.http.SessionExpiredException', 'credentials'],
  ['werkzeug.exceptions.Unauthorized', 'credentials'],
  ['odoo.exceptions.AccessError', 'access'],
]);

export const NEW_CREDENTIALS =
  'the key or password is wrong or has expired, or the login is archived: give the user new credentials';

export const UNKNOWN_MODEL: readonly string[] = ['odoo.exceptions.UserError', 'werkzeug.exceptions.NotFound'];

interface FaultData {
  readonly name?: unknown;
  readonly message?: unknown;
}

/** The error for an exception that Odoo names. Its `debug` (a traceback) is never kept, nor the secret where it is echoed. */
export function faultOf(data: FaultData, secret: string): OdooFault {
  const exception = typeof data.name === 'string' ? data.name : 'unknown';
  const kind = TRANSIENT.test(exception) ? 'transient' : (KINDS.get(exception) ?? 'bug');
  const message = typeof data.message === 'string' ? without(secret, data.message) : '';
  const short = message.replace(/\s+/g, ' ').trim().slice(0, MESSAGE_LIMIT);
  const hint = kind === 'credentials' ? ` (${NEW_CREDENTIALS})` : '';
  return new OdooFault(kind, exception, `Odoo answered ${exception}: ${short}${hint}`);
}

const without = (secret: string, text: string): string =>
  [JSON.stringify(secret).slice(1, -1), secret].reduce(
    (rest, shape) => (shape === '' ? rest : rest.replaceAll(shape, '***')),
    text,
  );

/**
 * The error for an answer that is none of Odoo's own JSON: a proxy's, or of a server that is down behind it.
 */
export function statusError(answer: HttpAnswer): SyncError {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return new SyncError(
      'configuration',
      `Odoo's URL redirects to ${hostOf(answer.location)}: add the user with the URL that it leads to (a redirect is not followed, since it would carry the credentials)`,
      { unreachable: true },
    );
  }
  if (status === 407) return wantsLogin(null);
  if (status === 429 || (status === 503 && answer.retryAfter !== null)) {
    const retryAfterMs = retryAfter(answer);
    return new SyncError(
      'throttled',
      `Odoo, or a proxy before it, asks for fewer requests (HTTP ${status}): they are slowed down`,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    );
  }
  if (status === 413)
    return new TooHeavyError(
      'transient',
      'a proxy before Odoo refused what was asked, or its answer, as too large (HTTP 413): less is asked for; if this lasts, raise its limit',
    );
  // Odoo's own 401, 403 and 404 name their exception; these are a proxy's, or of an Odoo without its database.
  if (status >= 500 || [401, 403, 404, 408].includes(status)) {
    const hint =
      status < 500 && status !== 408
        ? "check the URL and the database's name, and what the proxy lets through"
        : "it is tried again; if this lasts, see to Odoo's log and the proxy's";
    const Kind = status >= 500 || status === 408 ? TooHeavyError : SyncError;
    return new Kind('transient', `Odoo, or a proxy before it, answered HTTP ${status}: ${hint}`, {
      unreachable: true,
    });
  }
  if (status >= 400)
    return new SyncError(
      'bug',
      `Odoo, or a proxy before it, refused the request with HTTP ${status}: check what the proxy lets through; else this is an error of this program`,
    );
  return new SyncError(
    'transient',
    `expected an answer of Odoo in JSON, got ${whatCame(answer)}: it is tried again; if this lasts, check that the URL is that of Odoo itself, and what the proxy before it does`,
  );
}

/** An answer in a few words. The body is left out: Odoo 14 shows the request in it, and with it the secret. */
export function whatCame(answer: HttpAnswer): string {
  const { status, bytes } = answer;
  const [type = 'no known type'] =
    /^(application|audio|image|multipart|text|video)\/[a-z.+-]{1,30}/i.exec(answer.contentType) ?? [];
  let flaw = '';
  if (answer.text === null) flaw = ' that are no UTF-8';
  else if (parseBody(answer) !== undefined) flaw = ', JSON of another kind';
  else if (type.endsWith('json')) flaw = " that don't parse, as when they were cut off";
  return `${bytes} bytes of ${type}${flaw} (HTTP ${status})`;
}

function hostOf(location: string | null): string {
  try {
    return new URL(location ?? '').origin;
  } catch {
    return 'another path';
  }
}

function retryAfter({ retryAfter: text }: HttpAnswer): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(RETRY_AFTER_MOST_MS, Math.max(0, ms));
}

/** The parsed body, or undefined where it is no JSON. */
export function parseBody({ text }: HttpAnswer): unknown {
  if (text === null) return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
