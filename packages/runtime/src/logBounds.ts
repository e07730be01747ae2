import { MESSAGE_MOST, plainLines, plainText } from '@odoo-sync/core';
import { HIDDEN } from './redact.js';
import { isSecret } from './secretNames.js';

const STACK_MOST = 4_000;
const NAME_MOST = 100;
const DEPTH = 4;
const PARTS_MOST = 100;
const CAUSES = 4;
/** Keys of which the log, or fastify's, makes something else than their parts. */
const SERIALIZED: ReadonlySet<string> = new Set(['err', 'error', 'req', 'res']);
/** No line of the engine's own comes near it. */
const LINE_MOST = 64_000;

/**
 * Values of a log line, bounded: whatever came from outside and got this far is cut, and nothing of it moves a terminal's cursor. What
 * stands under the name of a secret is hidden.
 */
export const boundFields = (fields: object): Record<string, unknown> => boundEntries(fields, 1);

const boundEntries = (fields: object, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields)
      .slice(0, PARTS_MOST)
      .map(([key, value]) => [
        plainText(key, NAME_MOST),
        isSecret(key, value) ? HIDDEN : depth === 1 && SERIALIZED.has(key) ? value : bound(value, depth),
      ]),
  );

function bound(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return plainText(value, MESSAGE_MOST);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (value instanceof Error) return describeError(value);
  if (depth >= DEPTH) return 'more';
  try {
    if ('toJSON' in value && typeof value.toJSON === 'function') return bound(value.toJSON(), depth + 1);
    if (Array.isArray(value)) return value.slice(0, PARTS_MOST).map((one) => bound(one, depth + 1));
    return boundEntries(value, depth + 1);
  } catch {
    return 'unreadable';
  }
}

/** An error reduced to what may be written down. */
export function describeError(error: unknown, depth = 0): unknown {
  if (typeof error === 'string') return plainText(error, MESSAGE_MOST);
  if (!(error instanceof Error)) return typeof error === 'object' ? { message: 'not an error' } : error;
  const { code, kind } = error as { readonly code?: unknown; readonly kind?: unknown };
  return {
    type: plainText(String(error.name), NAME_MOST),
    message: plainText(String(error.message), MESSAGE_MOST),
    ...(typeof code === 'string' ? { code: plainText(code, NAME_MOST) } : {}),
    ...(typeof code === 'number' ? { code } : {}),
    ...(typeof kind === 'string' ? { kind: plainText(kind, NAME_MOST) } : {}),
    stack: plainLines(String(error.stack ?? ''), STACK_MOST),
    ...(error.cause !== undefined && depth < CAUSES ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

/** A line of the log as it is written; of one that is far too long, its beginning. */
export function boundLine(line: string): string {
  if (line.length <= LINE_MOST) return line;
  const [, level = '50', time = new Date().toISOString()] =
    /^\{"level":(\d{1,3}),"time":"([^"]{1,40})"/.exec(line) ?? [];
  const msg = `a line of ${line.length} characters is left out`;
  return `${JSON.stringify({ level: Number(level), time, msg, begins: plainText(line, MESSAGE_MOST) })}\n`;
}
