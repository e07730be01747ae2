import { plainText } from '@odoo-sync/core';
import { codesOf } from './codes.js';
import { type Bytes, bytesOf, dense, unescaped, WAYS } from './escapes.js';

/** A text of an Odoo, without the secret, as it may be shown and kept: one line of so many characters at most. */
export type Veil = (text: string, most: number) => string;

const HIDDEN = '***';
/** A text may stand escaped in another one, and that in a third. */
const ESCAPED_AT_MOST = 3;
/** What one character of a secret becomes at most, escaped so often. */
const WIDEST = 24;
const LOOKED_AT = 16_384;
/** The characters beside a part of a Base64 text hold bits of the secret too. */
const BESIDE = 3;

/**
 * Makes the function through which every text of an Odoo goes before anything else is done with it. A server that echoes a
 * request tells the secret in the form in which it, or a proxy, found it: as it is, escaped for JSON, Python, HTML or a URL, in
 * hexadecimal digits or in Base64, alone or behind the login; whatever the case, in one line or broken into several. It is hidden
 * before the text is cut, or half of it could stay.
 */
export function createVeil(secret: string): Veil {
  if (secret === '') return plainText;
  const cases = [secret, secret.toLowerCase(), secret.toUpperCase()];
  const plain = needles(cases.map((one) => bytesOf(one).text));
  const inPieces = needles(cases.map((one) => dense(bytesOf(one)).text));
  const coded = needles(codesOf(secret));
  const margin = secret.length * WIDEST;
  const lookedAt = LOOKED_AT + 2 * margin;
  return (text, most) => {
    // What is left at the end of a long text may be the beginning of a secret that was cut through.
    const start = hide(text.slice(0, lookedAt), { plain, inPieces, coded });
    return plainText(text.length > lookedAt ? start.slice(0, -margin) : start, most);
  };
}

interface Wanted {
  readonly plain: readonly string[];
  /** Without the blanks in them. */
  readonly inPieces: readonly string[];
  readonly coded: readonly string[];
}

function hide(text: string, { plain, inPieces, coded }: Wanted): string {
  const spans: Span[] = [];
  const look = (view: Bytes) => {
    const inOne = dense(view);
    spans.push(...found(view, plain));
    for (const [from, to] of found(inOne, inPieces)) spans.push([from, beforeBlanks(text, to)]);
    for (const [from, to] of found(inOne, coded))
      spans.push([from - BESIDE, beforeBlanks(text, to) + BESIDE]);
  };
  const bytes = bytesOf(text);
  look(bytes);
  for (const way of WAYS) {
    let view: Bytes | null = bytes;
    for (let times = 0; times < ESCAPED_AT_MOST; times++) {
      view = unescaped(view, way);
      if (!view) break;
      look(view);
    }
  }
  return replaced(text, spans);
}

function beforeBlanks(text: string, end: number): number {
  let to = end;
  while (text.charCodeAt(to - 1) <= 0x20) to--;
  return to;
}

type Span = readonly [from: number, to: number];

/** Case is set aside, byte by byte, and a blank is what it is in a form's data. */
const lowered = (bytes: string): string => bytes.toLowerCase().replaceAll(' ', '+');

const needles = (texts: readonly string[]): readonly string[] =>
  [...new Set(texts.map(lowered))].filter((text) => text !== '');

/** Where some bytes stand, by places in the text. */
function found({ text, at }: Bytes, wanted: readonly string[]): Span[] {
  const low = lowered(text);
  return wanted.flatMap((needle) => {
    const spans: Span[] = [];
    for (let n = low.indexOf(needle); n >= 0; n = low.indexOf(needle, n + needle.length))
      spans.push([at[n] as number, at[n + needle.length] as number]);
    return spans;
  });
}

function replaced(text: string, spans: readonly Span[]): string {
  let shown = '';
  let end = 0;
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (from > end || shown === '') shown += text.slice(end, Math.max(end, from)) + HIDDEN;
    end = Math.max(end, to);
  }
  return shown + text.slice(end);
}
