import { createRequire } from 'node:module';
import { MESSAGE_MOST, plainText } from '@odoo-sync/core';
import { type DestinationStream, type LogFn, type Logger, pino } from 'pino';
import { boundFields, boundLine, describeError } from './logBounds.js';
import { redactUrl } from './redact.js';
import type { SettingValues } from './settings.js';

export type { Logger } from 'pino';

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
 * JSON lines by pino, or lines for people. Values under the names of secrets are hidden, passwords of URLs anywhere in a line, and
 * of an error only its name, message, stack, code, kind and causes are written: what a library hangs on its errors (whole
 * requests, headers and all) is not. Texts are bounded, and without control characters.
 */
export function createLogger({ level, format = 'json', name, destination }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: {
      err: (error: unknown) => describeError(error),
      error: (error: unknown) => describeError(error),
    },
    formatters: { log: boundFields },
    hooks: {
      logMethod(args: Parameters<LogFn>, method: LogFn) {
        method.apply(
          this,
          args.map((arg) => (typeof arg === 'string' ? plainText(arg, MESSAGE_MOST) : arg)) as typeof args,
        );
      },
      streamWrite: (line: string) => redactUrl(boundLine(line)),
    },
  };
  if (format === 'json') return bindBounded(destination ? pino(options, destination) : pino(options));
  // Loaded where it is wanted: it would add a twentieth of a second to every command.
  const { build } = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  return bindBounded(pino(options, build({ ...PRETTY, ...(destination ? { destination } : {}) })));
}

/** What a child says in every line goes past pino's formatters. Children have this too, by their prototype. */
function bindBounded(log: Logger): Logger {
  const child = log.child;
  log.child = function bounded(this: Logger, bindings: object, options?: never) {
    return child.call(this, boundFields(bindings) as never, options);
  } as Logger['child'];
  return log;
}
