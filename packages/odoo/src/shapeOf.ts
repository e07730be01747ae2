const DATE_LIKE = /^[\d\s:.TZ+-]{1,32}$/;

/** What a value is, for a message: an answer's texts can be anybody's, and as long as they like. */
export function shapeOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string')
    return DATE_LIKE.test(value) ? JSON.stringify(value) : `a text of ${value.length} characters`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
