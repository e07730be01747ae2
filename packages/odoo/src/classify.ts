import { type ErrorKind, SyncError } from '@odoo-sync/core';
import type { HttpAnswer } from './http.js';
import { parseJson } from './parseJson.js';
import { wantsLogin } from './proxyFault.js';
import { TooHeavyError } from './tooHeavy.js';
import type { Veil } from './veil.js';

/** Odoo is there, and its database isn't. */
const DATABASE_LOST: readonly string[] = ['psycopg2.OperationalError', 'psycopg2.InterfaceError'];

/** A fault that Odoo itself told: its exception's name is what is switched on, since messages are translated. */
export class OdooFault extends SyncError {
  constructor(
    kind: ErrorKind,
    readonly exception: string,
    message: string,
  ) {
    super(kind, message, { unreachable: DATABASE_LOST.includes(exception) });
  }
}

/** Odoo would not, or could not, read: nothing is wrong with connection, database or credentials. */
export const isReadingFault = (error: unknown): error is OdooFault =>
  error instanceof OdooFault && ['access', 'odoo', 'bug'].includes(error.kind);

const NAME_MOST = 100;
const MESSAGE_MOST = 300;
const RETRY_AFTER_MOST_MS = 3_600_000;

const TRANSIENT: ReadonlySet<string> = new Set([
  ...DATABASE_LOST,
  'psycopg2.pool.PoolError',
  ...[
    'SerializationFailure',
    'DeadlockDetected',
    'LockNotAvailable',
    'QueryCanceled',
    'AdminShutdown',
    'CrashShutdown',
    'CannotConnectNow',
    'IdleInTransactionSessionTimeout',
    'TooManyConnections',
  ].map((name) => `psycopg2.errors.${name}`),
]);

const KINDS: ReadonlyMap<string, ErrorKind> = new Map([
  ['odoo.exceptions.AccessDenied', 'credentials'],
  ['odoo.http.SessionExpiredException', 'credentials'],
  ['werkzeug.exceptions.Unauthorized', 'credentials'],
  ['odoo.exceptions.AccessError', 'access'],
]);

/** Odoo's HTTP layer refuses how it was asked; all else was raised by what it, or an addon of it, does. */
const ofRaised = (exception: string): ErrorKind =>
  exception.startsWith('werkzeug.exceptions.') ? 'bug' : 'odoo';

export const NEW_CREDENTIALS =
  'the key or password is wrong or has expired, or the login is archived: give the user new credentials';

/** Odoo gives the same answer to a wrong password and to a right one of a login with two-factor authentication. */
export const NEW_PASSWORD =
  'the password is wrong, the login is archived, or two-factor authentication is on for it, with which Odoo takes API keys only: give the user an API key as its new credentials';

export const UNKNOWN_MODEL: readonly string[] = ['odoo.exceptions.UserError', 'werkzeug.exceptions.NotFound'];
export const MISSING = 'odoo.exceptions.MissingError';

const DECIDING: ReadonlySet<string> = new Set([...TRANSIENT, ...KINDS.keys(), ...UNKNOWN_MODEL, MISSING]);

interface FaultData {
  readonly name?: unknown;
  readonly message?: unknown;
}

/** A name that decides is left as it is, even where a word in it is the secret. */
const nameOf = (name: string, veil: Veil): string => (DECIDING.has(name) ? name : veil(name, NAME_MOST));

/** The error for an exception that Odoo names. Its `debug` (a traceback) is never kept. */
export function faultOf(data: FaultData, veil: Veil, remedy = NEW_CREDENTIALS): OdooFault {
  const exception = typeof data.name === 'string' ? nameOf(data.name, veil) : 'unknown';
  const kind = TRANSIENT.has(exception) ? 'transient' : (KINDS.get(exception) ?? ofRaised(exception));
  const message = typeof data.message === 'string' ? veil(data.message, MESSAGE_MOST) : '';
  const hint = kind === 'credentials' ? ` (${remedy})` : '';
  return new OdooFault(kind, exception, `Odoo answered ${exception}: ${message}${hint}`);
}

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

const TYPE_MOST = 40;
const CONTENT_TYPE = /^(?:application|audio|image|multipart|text|video)\/[a-z.+-]+/i;

/** An answer in a few words. The body is left out: Odoo 14 shows the request in it, and with it the secret. */
export function whatCame(answer: HttpAnswer): string {
  const { status, bytes } = answer;
  const [type = 'no known type'] = CONTENT_TYPE.exec(answer.contentType.slice(0, TYPE_MOST)) ?? [];
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
