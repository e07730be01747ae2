import { createRequire } from 'node:module';
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

/** Written at once: what a process says in its last moment is what people look for. */
const PRETTY = {
  sync: true,
  colorize: process.stdout.isTTY === true,
  singleLine: true,
  ignore: 'pid,hostname',
};

export interface LoggerOptions {
  readonly level: SettingValues['LOG_LEVEL'];
  /** JSON where none is given. */
  readonly format?: SettingValues['LOG_FORMAT'];
  /** The process, as `name` on every line. */
  readonly name: string;
  /** Standard output where none is given. */
  readonly destination?: DestinationStream;
}

/**
 * JSON lines by pino, or lines for people. Values under the keys of secrets are hidden to a depth of three, passwords of URLs anywhere in a line,
 * and of an error only its name, message, stack, code, kind and causes are written: what a library hangs on its errors (whole
 * requests, headers and all) is not.
 */
export function createLogger({ level, format = 'json', name, destination }: LoggerOptions): Logger {
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
  if (format === 'json') return destination ? pino(options, destination) : pino(options);
  // Loaded where it is wanted: it would add a twentieth of a second to every command.
  const { build } = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  return pino(options, build({ ...PRETTY, ...(destination ? { destination } : {}) }));
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
