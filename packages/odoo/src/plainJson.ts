/** Levels of lists and objects within one value; MongoDB takes a hundred in a document. */
const DEPTH_MOST = 20;

/**
 * Whether a value that JSON.parse made is one that a document can hold and its readers can name: finite numbers, bounded
 * depth, and no key that MongoDB or a driver takes for something else (an operator, a path, a type of BSON's).
 */
export function isPlainJson(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object': {
      if (value === null) return true;
      if (depth === DEPTH_MOST) return false;
      if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth + 1));
      return Object.entries(value).every(([key, item]) => isSafeKey(key) && isPlainJson(item, depth + 1));
    }
    default:
      return false;
  }
}

const isSafeKey = (key: string): boolean =>
  key !== '' &&
  key !== '__proto__' &&
  !key.startsWith('$') &&
  !key.startsWith('_bson') &&
  !key.includes('.') &&
  !key.includes('\0') &&
  key.isWellFormed();
