/** Fewer characters of Base64 or hexadecimal digits stand in many a text by chance. */
const LEAST = 4;

/** What a secret looks like in Base64, at any place of what was encoded, and in hexadecimal digits. */
export function codesOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(
    /[^\0-\x7f]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const utf8 = [secret, json, ascii, encodeURIComponent(Buffer.from(secret).toString())].map((text) =>
    Buffer.from(text),
  );
  const codes = [...utf8, Buffer.from(secret, 'latin1')].flatMap((bytes) => [
    bytes.toString('hex'),
    ...[0, 1, 2].flatMap((before) => base64Of(bytes, before)),
  ]);
  return [...new Set(codes)].filter((code) => code.length >= LEAST);
}

/** The characters that these bytes alone make, in both alphabets. @param before how many others stand before them in their group of three. */
function base64Of(bytes: Buffer, before: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]);
  const from = Math.ceil((before * 8) / 6);
  const to = Math.floor((whole.length * 8) / 6);
  return [whole.toString('base64').slice(from, to), whole.toString('base64url').slice(from, to)];
}
