import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

const SECRET_KEYS = [
  'password',
  'secret',
  'apiKey',
  'authorization',
  'credentials',
  'CREDENTIALS_KEYS',
  'sealed',
];
const URL_CREDENTIALS = /(\w+:\/\/)[^\s/@]+@/g;

/** A text without the user and password of any URL in it. */
export const redactUrl = (text: string): string => text.replace(URL_CREDENTIALS, '$1***@');

/** JSON lines on standard output (or a given stream), with every place where a secret could stand blotted out. */
export function createLogger(options: {
  readonly level: string;
  readonly name: string;
  readonly destination?: DestinationStream;
}): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '***' },
    serializers: { err: serializeError },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}

/** An error's words, kind and stack; not the request or the server's document that libraries hang on it. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { kind, code } = error as { kind?: unknown; code?: unknown };
  const cause =
    error.cause instanceof Error ? redactUrl(`${error.cause.name}: ${error.cause.message}`) : undefined;
  return {
    type: error.name,
    message: redactUrl(error.message),
    kind,
    code,
    cause,
    stack: redactUrl(error.stack ?? ''),
  };
}
