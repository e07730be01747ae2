import { type ErrorKind, SyncError } from '@odoo-sync/core';
import type { HttpAnswer } from './http.js';

/** A fault that Odoo itself told: its exception's name is what is switched on, since messages are translated. */
export class OdooFault extends SyncError {
  constructor(
    kind: ErrorKind,
    readonly exception: string,
    message: string,
  ) {
    super(kind, message);
  }
}

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
  const short = message.replace(/\s+/g, ' ').slice(0, MESSAGE_LIMIT);
  return new OdooFault(kind, exception, `Odoo answered ${exception}: ${short}`);
}

const without = (secret: string, text: string): string =>
  [JSON.stringify(secret).slice(1, -1), secret].reduce(
    (rest, shape) => (shape === '' ? rest : rest.replaceAll(shape, '***')),
    text,
  );

/**
 * The error for an answer that is none of Odoo's own JSON: a proxy's, or of a server that is down behind it.
 * An HTML 404 on JSON-2 means that the database can't be had just now.
 */
export function statusError(answer: HttpAnswer): SyncError {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return new SyncError(
      'configuration',
      `Odoo's URL redirects to ${hostOf(answer.location)}: give the user that URL (a redirect is not followed, since it would carry the credentials)`,
    );
  }
  if (status === 429 || (status === 503 && answer.retryAfter !== null)) {
    const retryAfterMs = retryAfter(answer);
    return new SyncError(
      'throttled',
      `Odoo is throttled: HTTP ${status}`,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    );
  }
  // Odoo's own 401, 403 and 404 name their exception; these are a proxy's, or of an Odoo without its database.
  if (status >= 500 || [401, 403, 404, 408].includes(status)) {
    const hint =
      status === 404 ? ": check the URL and the database's name; a stopped database looks the same" : '';
    return new SyncError('transient', `Odoo, or a proxy before it, answered HTTP ${status}${hint}`);
  }
  // The body is left out: Odoo 14 shows the request in it, and with it the secret.
  if (status >= 400) return new SyncError('bug', `Odoo refused the request: HTTP ${status}`);
  return new SyncError(
    'transient',
    `expected JSON from Odoo, got ${answer.contentType || 'no content type'} of ${answer.bytes} bytes`,
  );
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
export function parseBody(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    return undefined;
  }
}
