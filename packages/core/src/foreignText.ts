/**
 * What must not reach a log, a terminal or a page: control characters with the escapes of terminals, halves of surrogate pairs,
 * separators of lines, and the invisible marks that turn the direction of a text. Marks that join letters are part of words.
 */
const UNSHOWN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** The same but for the ends of lines. */
const UNSHOWN_IN_LINES = /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

const BLANKS = /\s+/g;

/** What a text is cut from before it is looked at. */
const LOOKED_AT = 16;

/**
 * A text from outside as it may be shown and kept: one line, of so many characters at most, without anything that isn't shown.
 * Takes time in proportion to `most`, however long the text is.
 */
export const plainText = (text: string, most: number): string =>
  cutText(
    text
      .slice(0, most * LOOKED_AT)
      .replace(UNSHOWN, ' ')
      .replace(BLANKS, ' ')
      .trim(),
    most,
  );

/** The same of a text that may have several lines, as a stack has. */
export const plainLines = (text: string, most: number): string =>
  cutText(text.slice(0, most * LOOKED_AT).replace(UNSHOWN_IN_LINES, ' '), most);

/** So many characters of a text at most; no half of a pair is left at its end. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/\p{Cs}$/u, '')}…`;
}
