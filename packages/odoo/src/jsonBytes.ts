export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const ZERO = 0x30;
export const NINE = 0x39;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_LIST = 0x5d;
export const OPEN = 0x7b;
export const CLOSE = 0x7d;

/** So many digits are a whole number that a double holds exactly. */
export const DIGITS_MOST = 15;

/** Whether digits from..to are a number of JSON: there are some, not too many, and no zero before others. */
export const isPlain = (body: Buffer, from: number, to: number): boolean =>
  to > from && to - from <= DIGITS_MOST && (body[from] !== ZERO || to - from === 1);

export const isNumberEnd = (sign: number | undefined): boolean =>
  sign === COMMA || sign === CLOSE || sign === CLOSE_LIST || (sign !== undefined && sign <= 0x20);

/** Four digits of an escape; -1 where they are none. */
export function hex4(body: Buffer, at: number): number {
  let code = 0;
  for (let n = at; n < at + 4; n++) {
    const sign = body[n] ?? 0;
    const low = sign | 0x20;
    if (sign >= ZERO && sign <= NINE) code = code * 16 + sign - ZERO;
    else if (low >= 0x61 && low <= 0x66) code = code * 16 + low - 0x57;
    else return -1;
  }
  return code;
}

/** Behind the value that begins at an index, in JSON that may be broken. */
export function endOfValue(body: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < body.length; at++) {
    const sign = body[at] as number;
    if (sign === QUOTE) {
      at = endOfString(body, at);
      if (depth === 0) return at + 1;
    } else if (sign === OPEN || sign === OPEN_LIST) depth++;
    else if (sign === CLOSE || sign === CLOSE_LIST) {
      if (depth <= 1) return depth === 0 ? at : at + 1;
      depth--;
    } else if (depth === 0 && sign === COMMA) return at;
  }
  return body.length;
}

/** Where the quote is that ends the string. */
function endOfString(body: Buffer, quote: number): number {
  for (let at = quote + 1; at < body.length; at++) {
    if (body[at] === BACKSLASH) at++;
    else if (body[at] === QUOTE) return at;
  }
  return body.length;
}
