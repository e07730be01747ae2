import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createVeil } from './veil.js';

const SECRETS = [
  '0123456789abcdef0123456789abcdef01234567',
  'pa"ss\\w/ör d€&<>\'+%?😀',
  'Correct Horse+Battery=Staple',
  'ÄÖÜpass',
  'pass1',
];

const unicode = (text: string) =>
  text.replace(/[^a-z0-9]/gi, (char) =>
    [...Array(char.length).keys()]
      .map((n) => `\\u${char.charCodeAt(n).toString(16).padStart(4, '0')}`)
      .join(''),
  );
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const html = (text: string) =>
  text.replace(
    /[&<>"']/g,
    (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char] ?? '&#39;',
  );

const FORMS: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'in capitals': (secret) => secret.toUpperCase(),
  'in small letters': (secret) => secret.toLowerCase(),
  'URL-encoded': encodeURIComponent,
  'URL-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'URL-encoded in small letters': (secret) => encodeURIComponent(secret).toLowerCase(),
  'URL-encoded byte by byte': (secret) => Buffer.from(secret).toString('hex').replace(/../g, '%$&'),
  'as form data': (secret) => new URLSearchParams({ s: secret }).toString().slice(2),
  'in JSON': json,
  'in JSON twice': (secret) => json(json(secret)),
  'in JSON by Python': unicode,
  'in JSON, slashes escaped': (secret) => json(secret).replaceAll('/', '\\/'),
  'as Python bytes': (secret) => Buffer.from(secret).toString('hex').replace(/../g, '\\x$&'),
  'in HTML': html,
  'in HTML by numbers': (secret) => [...secret].map((char) => `&#${char.codePointAt(0)};`).join(''),
  'in hexadecimal digits': (secret) => Buffer.from(secret).toString('hex'),
  'in capital hexadecimal digits': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  'in Base64': base64,
  'in Base64 for URLs': (secret) => Buffer.from(secret).toString('base64url'),
  'in Base64, URL-encoded': (secret) => encodeURIComponent(base64(secret)),
  'in Base64, broken into lines': (secret) => base64(secret).replace(/.{7}/g, '$&\r\n'),
  'in Base64, of JSON': (secret) => base64(JSON.stringify({ args: ['db', 2, secret, {}] })),
  'as basic auth of a login of one letter': (secret) => base64(`a:${secret}`),
  'as basic auth of a login of two letters': (secret) => base64(`ab:${secret}`),
  'as basic auth of a login of three letters': (secret) => base64(`abc:${secret}`),
};

/** As much of a form as would help somebody: the secret's own part of an encoded text is its core. */
const core = (form: string) => form.slice(Math.ceil(form.length * 0.5), Math.floor(form.length * 0.8));

describe('a secret that an Odoo echoes', () => {
  test.each(Object.entries(FORMS))('%s is hidden wherever it stands', (_, form) => {
    for (const secret of SECRETS) {
      const veil = createVeil(secret);
      const told = form(secret);
      for (const text of [told, `x ${told} y`, `key=${told}&next`, `${told}${told}`, `"${told}"`]) {
        const shown = veil(text, 10_000);
        expect(shown).toContain('***');
        expect(shown.toLowerCase()).not.toContain(core(told.toLowerCase()));
      }
    }
  });

  test('leaves no part of itself where the text is cut', () => {
    const secret = SECRETS[0] as string;
    const veil = createVeil(secret);
    for (const told of [secret, encodeURIComponent(encodeURIComponent(secret)), base64(`abc:${secret}`)])
      for (let before = 250; before < 310; before++) {
        const shown = veil(`${'. '.repeat(before / 2)}${told}`, 300);
        expect(shown.length).toBeLessThanOrEqual(300);
        for (let n = 0; n + 8 <= told.length; n += 4) expect(shown).not.toContain(told.slice(n, n + 8));
      }
  });

  test('leaves none where the text is too long to be looked at whole', () => {
    const secret = SECRETS[0] as string;
    const veil = createVeil(secret);
    for (let before = 14_000; before < 22_000; before += 97)
      expect(veil(`a${' '.repeat(before)}${secret}${' '.repeat(9_000_000 / 1_000)}`, 300)).not.toContain(
        secret.slice(0, 8),
      );
  });

  test('is nothing to be hidden elsewhere', () => {
    const veil = createVeil(SECRETS[0] as string);
    const text = 'The operation cannot be completed: 100% of "x" \\ &amp; é 日本 %zz \\u12 \\';
    expect(veil(text, 300)).toBe(text);
    expect(createVeil('')('a\nb', 300)).toBe('a b');
  });

  test('is hidden whatever stands around it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 6, maxLength: 30 }).filter((secret) => secret.isWellFormed()),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.constantFrom(...Object.values(FORMS)),
        (secret, around, form) => {
          expect(createVeil(secret)(`${around}${form(secret)}${around}`, 10_000)).toContain('***');
        },
      ),
    );
  });

  test('is looked for in 10 MB within a moment', () => {
    const began = performance.now();
    for (const secret of SECRETS) {
      const veil = createVeil(secret);
      for (const part of ['a', '%', '\\', '&', '%25', '\\\\', secret, '\ud800', '😀'])
        expect(veil(part.repeat(10_000_000 / part.length), 300).length).toBeLessThanOrEqual(300);
    }
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
