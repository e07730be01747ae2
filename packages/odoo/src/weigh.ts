const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const LIST = 0x5b;
const BACKSLASH = 0x5c;
const OBJECT = 0x7b;

/** What V8 takes for each, in bytes, measured on Node 20 to 24 and rounded up: an empty list is three bytes of JSON. */
const A_LIST = 64;
const AN_OBJECT = 64;
/** A number that is none of the small ones, and its place in a list. */
const A_VALUE = 24;
const A_STRING = 24;
/** A name that no object before had gets a shape of its own. */
const A_NEW_NAME = 120;
/** An object with a number for a name keeps a table. */
const A_NUMBER_AS_NAME = 160;

/** One block of so many bytes is looked at in each range of so many. */
const BLOCK = 256;
const STRETCH = 16_384;
/** Below this no answer takes more than it may, whatever it holds. */
const SMALL = 131_072;
/** Where a look at some of it says so much of what it may become, all of it is looked at. */
const DOUBTED = 0.6;
/** So many names are told from each other. */
const NAMES = 100_000;
/** Not known to who writes answers, so that different names don't count as one. */
const MULTIPLIER = Math.floor(Math.random() * 2 ** 30) * 2 + 1;
const { imul } = Math;
/** Longer strings are left to the search for their end. */
const LONG = 64;

/**
 * How much heap the value of a JSON text will take, before it is parsed: 60 MB of `[],[],...` become 800 MB. Mostly told by
 * blocks at random places, a sixty-fourth of the bytes, so that no text can be written around them; where they look heavy,
 * by every byte. Texts are cheap: what only looks like JSON inside of a string is told from it by the second look.
 *
 * @param width bytes that a character of it takes at most: 1 or 2. @returns bytes; no more exactly than "more than `most`".
 */
export function heapOf(json: Buffer, width: 1 | 2, most: number): number {
  const texts = json.length * width;
  if (json.length < SMALL) return texts;
  const sampled = texts + sampledParts(json);
  return sampled <= most * DOUBTED ? sampled : texts + partsOf(json, most - texts);
}

function sampledParts(json: Buffer): number {
  let sum = 0;
  let seen = 0;
  for (let from = 0; from < json.length; from += STRETCH) {
    const room = Math.min(STRETCH, json.length - from) - BLOCK;
    const start = from + Math.floor(Math.random() * Math.max(0, room));
    const end = Math.min(json.length, start + BLOCK);
    for (let at = start; at < end; at++) sum += WEIGHTS[json[at] as number] as number;
    seen += end - start;
  }
  return (sum / seen) * json.length;
}

const WEIGHTS = new Uint8Array(256);
WEIGHTS[LIST] = A_LIST;
WEIGHTS[OBJECT] = AN_OBJECT;
WEIGHTS[COMMA] = A_VALUE;
// Each string has two.
WEIGHTS[QUOTE] = A_STRING / 2;

/** Beside the texts. Stops past `most`. */
function partsOf(json: Buffer, most: number): number {
  const names = new Set<number>();
  let sum = 0;
  /** Of the last string: a name, where a colon follows. */
  let hash = 0;
  let first = 0;
  for (let at = 0; at < json.length && sum <= most; at++) {
    const sign = json[at] as number;
    if (sign === QUOTE) {
      first = json[at + 1] as number;
      const end = endOfString(json, at + 1);
      hash = hashOf(json, at + 1, end);
      sum += A_STRING;
      at = end;
    } else if (sign === COLON) {
      if (first >= ZERO && first <= NINE) sum += A_NUMBER_AS_NAME;
      if (names.has(hash)) continue;
      if (names.size < NAMES) names.add(hash);
      sum += A_NEW_NAME;
    } else sum += WEIGHTS[sign] as number;
  }
  return sum;
}

/** Where the quote is that ends the string; the end of all where there is none. */
function endOfString(json: Buffer, from: number): number {
  for (let at = from; at < json.length; ) {
    for (const near = at + LONG; at < near; at++) {
      if (json[at] === QUOTE) return at;
      if (json[at] === BACKSLASH) at++;
    }
    const quote = json.indexOf(QUOTE, at);
    if (quote < 0) break;
    let escapes = 0;
    while (quote - escapes > at && json[quote - escapes - 1] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return quote;
    at = quote + 1;
  }
  return json.length;
}

/** Of the length and the last characters: names made to fill memory end differently, or are long. */
function hashOf(json: Buffer, from: number, end: number): number {
  let hash = end - from;
  for (let at = Math.max(from, end - LONG); at < end; at++)
    hash = (imul(hash, MULTIPLIER) + (json[at] as number)) | 0;
  return hash;
}
