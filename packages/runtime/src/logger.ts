import { type DestinationStream, type Logger, pino } from 'pino';
import { redactUrl } from './redact.js';
import type { SettingValues } from './settings.js';

export type { Logger } from 'pino';

const SECRET_KEYS = [
  'password',
  'passwd',
  'secret',
  'apiKey',
  'api_key',
  'token',
  'accessToken',
  'authorization',
  'Authorization',
  'cookie',
  'credentials',
  'credentialsKeys',
  'sealed',
];
const DEPTHS = ['', '*.', '*.*.'];
const CAUSES = 4;

export interface LoggerOptions {
  readonly level: SettingValues['LOG_LEVEL'];
  /** The process, as `name` on every line. */
  readonly name: string;
  /** Standard output where none is given. */
  readonly destination?: DestinationStream;
}

/**
 * JSON lines by pino. Values under the keys of secrets are hidden to a depth of three, passwords of URLs anywhere in a line,
 * and of an error only its name, message, stack, code, kind and causes are written: what a library hangs on its errors (whole
 * requests, headers and all) is not.
 */
export function createLogger({ level, name, destination }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: DEPTHS.flatMap((depth) => SECRET_KEYS.map((key) => `${depth}${key}`)), censor: '***' },
    serializers: {
      err: (error: unknown) => describeError(error),
      error: (error: unknown) => describeError(error),
    },
    hooks: { streamWrite: redactUrl },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** An error reduced to what may be written down. */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? { message: 'not an error' } : error;
  const { code, kind } = error as { readonly code?: unknown; readonly kind?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    stack: error.stack,
    ...(error.cause !== undefined && depth < CAUSES ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}
