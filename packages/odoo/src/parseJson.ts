/** Python writes what JSON has no word for. Outside of a text they can stand nowhere else in an answer. */
const WORDS = /\b(?:NaN|Infinity)\b/g;
/** A number that JSON can write and no field may hold, so that the field it stands in is told from all others. */
const NO_NUMBER = '1e999';

/**
 * JSON, and what Python's `json` writes beside it: `NaN`, `Infinity` and `-Infinity`, which Odoo stores and sends, become
 * numbers that aren't finite. Text that parses pays nothing for it; the other is read once more, in time linear to its length.
 * @throws SyntaxError for anything else.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!text.includes('NaN') && !text.includes('Infinity')) throw error;
    return JSON.parse(withoutWords(text));
  }
}

function withoutWords(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const outside = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, outside).replace(WORDS, NO_NUMBER));
    at = quote < 0 ? text.length : endOfString(text, quote);
    parts.push(text.slice(outside, at));
  }
  return parts.join('');
}

/** Behind the closing quote of the string that begins at an index. */
function endOfString(text: string, start: number): number {
  let close = text.indexOf('"', start + 1);
  while (close >= 0) {
    let escapes = 0;
    while (text.charAt(close - 1 - escapes) === '\\') escapes++;
    if (escapes % 2 === 0) return close + 1;
    close = text.indexOf('"', close + 1);
  }
  return text.length;
}
