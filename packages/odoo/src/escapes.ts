/** The UTF-8 bytes of a text, one a character, with the place in the text that each comes from. */
export interface Bytes {
  readonly text: string;
  /** Of each byte, and at the end the text's own end. */
  readonly at: Uint32Array;
}

export function bytesOf(text: string): Bytes {
  const out = new Out(text.length * 3, text.length);
  for (let n = 0; n < text.length; ) {
    const code = text.codePointAt(n) as number;
    out.char(code, n);
    n += code > 0xffff ? 2 : 1;
  }
  return out.end();
}

/** The same without blanks: what was broken into lines is in one piece. */
export function dense({ text, at }: Bytes): Bytes {
  const out = new Out(text.length, at.at(-1) as number);
  for (let n = 0; n < text.length; n++)
    if (text.charCodeAt(n) > 0x20) out.byte(text.charCodeAt(n), at[n] as number);
  return out.end();
}

type Escapes = (out: Out, match: RegExpExecArray, place: number) => void;

const URL: Escapes = (out, [, hex = ''], place) => out.byte(Number.parseInt(hex, 16), place);

const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
const BACKSLASH: Escapes = (out, [, byte, unit, letter = ''], place) => {
  if (unit !== undefined) out.unit(Number.parseInt(unit, 16), place);
  else if (byte !== undefined) out.byte(Number.parseInt(byte, 16), place);
  else out.byte((LETTERS[letter] ?? letter).charCodeAt(0), place);
};

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const HTML: Escapes = (out, [, decimal, hex, name = ''], place) => {
  const named = NAMED[name.toLowerCase()]?.charCodeAt(0);
  out.char(named ?? (hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)), place);
};

/** By the character that begins an escape. */
const KINDS = new Map<number, readonly [RegExp, Escapes]>([
  [0x25, [/%([\da-f]{2})/iy, URL]],
  [0x5c, [/\\(?:x([\da-f]{2})|u([\da-f]{4})|(["'/\\nrtbf]))/iy, BACKSLASH]],
  [0x26, [/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/iy, HTML]],
]);

/** Ways of escaping, by what begins them: each alone, since another one's beginning may stand there for itself, and all together. */
export const WAYS: readonly (readonly number[])[] = [[0x25], [0x5c], [0x26], [...KINDS.keys()]];

/** The bytes that are meant where some are escaped for a URL, for JSON or Python, or for HTML; null where none are. */
export function unescaped({ text, at }: Bytes, way: readonly number[]): Bytes | null {
  const out = new Out(text.length, at.at(-1) as number);
  let none = true;
  for (let n = 0; n < text.length; ) {
    const code = text.charCodeAt(n);
    const [pattern, write] = (way.includes(code) && KINDS.get(code)) || [];
    if (pattern) pattern.lastIndex = n;
    const found = pattern?.exec(text);
    if (found) write?.(out, found, at[n] as number);
    else out.byte(code, at[n] as number);
    none &&= !found;
    n += found?.[0].length ?? 1;
  }
  return none ? null : out.end();
}

class Out {
  readonly #bytes: Buffer;
  readonly #at: Uint32Array;
  readonly #end: number;
  #length = 0;
  /** The first half of a pair, which waits for the other one. */
  #high = 0;

  constructor(most: number, end: number) {
    this.#bytes = Buffer.allocUnsafe(most);
    this.#at = new Uint32Array(most + 1);
    this.#end = end;
  }

  byte(byte: number, place: number): void {
    this.#bytes[this.#length] = byte;
    this.#at[this.#length++] = place;
  }

  char(code: number, place: number): void {
    if (code < 0x80) this.byte(code, place);
    else if (code <= 0x10ffff)
      for (const byte of Buffer.from(String.fromCodePoint(code))) this.byte(byte, place);
  }

  unit(code: number, place: number): void {
    const high = this.#high;
    this.#high = code >= 0xd800 && code < 0xdc00 ? code : 0;
    if (this.#high > 0) return;
    const isPair = high > 0 && code >= 0xdc00 && code < 0xe000;
    this.char(isPair ? (high - 0xd800) * 0x400 + code - 0xdc00 + 0x10000 : code, place);
  }

  end(): Bytes {
    this.#at[this.#length] = this.#end;
    return {
      text: this.#bytes.toString('latin1', 0, this.#length),
      at: this.#at.subarray(0, this.#length + 1),
    };
  }
}
