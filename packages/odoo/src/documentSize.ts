/** Content that a document may have: MongoDB takes 16 MiB, of which the engine's own fields and another program's take some. */
export const CONTENT_MOST_BYTES = 15 * 1024 * 1024;

/** JSON never becomes so many times larger in BSON: a list of digits is the worst, with a key of seven letters for each. */
const GROWTH_MOST = 8;

/** Whether a record of an answer of so many bytes could be too large for a document. */
export const mayBeTooLarge = (answerBytes: number): boolean => answerBytes > CONTENT_MOST_BYTES / GROWTH_MOST;

/** Bytes that a decoded value takes in a document, with its key's; some more rather than fewer. */
export function bytesOf(value: unknown, key = ''): number {
  const head = 2 + Buffer.byteLength(key);
  if (typeof value === 'string') return head + 5 + Buffer.byteLength(value);
  if (Array.isArray(value)) {
    const index = String(value.length);
    return value.reduce((sum: number, item) => sum + bytesOf(item, index), head + 5);
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return head + 8;
  return Object.entries(value).reduce((sum, [name, item]) => sum + bytesOf(item, name), head + 5);
}
