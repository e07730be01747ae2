import type { Bytes } from './byteRun.js';

/**
 * JSON text as Odoo writes it: `, ` and `: ` between, and before 19 every character past ASCII as an escape.
 *
 * The text is kept as its UTF-8 bytes, one character a byte ("byte text"): a page put together from it is one flat run of bytes
 * and goes to the socket as it is. With ordinary strings a single Chinese name doubles the page in memory and its encoding
 * costs as much as all the rest.
 */
export type JsonWriter = (value: unknown) => string;

/** UTF-8 bytes, one character each, of a text. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The value of JSON byte text. */
export function parseBytes(text: Bytes): unknown {
  return JSON.parse((typeof text === 'string' ? Buffer.from(text, 'latin1') : text).toString('utf8'));
}

const escaped = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function writer(text: (value: string) => string): JsonWriter {
  const write: JsonWriter = (value) => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
    if (value !== null && typeof value === 'object') {
      const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
      return `{${entries.map(([key, entry]) => `${text(key)}: ${write(entry)}`).join(', ')}}`;
    }
    return JSON.stringify(value) ?? 'null';
  };
  return write;
}

const raw = writer((text) => toBytes(JSON.stringify(text)));
const ascii = writer(escaped);

/** The writer of a server version: 19 sends raw UTF-8, older ones escapes. */
export function jsonWriterFor(version: number): JsonWriter {
  return version >= 19 ? raw : ascii;
}
