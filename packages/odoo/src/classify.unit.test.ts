import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ErrorKind } from '@odoo-sync/core';
import fc from 'fast-check';
import { faultOf, parseBody, statusError, whatCame } from './classify.js';
import type { HttpAnswer } from './http.js';
import { createVeil } from './veil.js';

const answerOf = (status: number, more: Partial<HttpAnswer> = {}): HttpAnswer => ({
  status,
  text: '',
  body: Buffer.alloc(0),
  contentType: 'text/html; charset=utf-8',
  date: null,
  location: null,
  retryAfter: null,
  bytes: 0,
  ms: 1,
  ...more,
});

describe("an exception's name says what it means", () => {
  test.each<[name: string, kind: ErrorKind]>([
    ['psycopg2.OperationalError', 'transient'],
    ['psycopg2.InterfaceError', 'transient'],
    ['psycopg2.pool.PoolError', 'transient'],
    ['psycopg2.errors.SerializationFailure', 'transient'],
    ['psycopg2.errors.DeadlockDetected', 'transient'],
    ['psycopg2.errors.QueryCanceled', 'transient'],
    ['psycopg2.errors.AdminShutdown', 'transient'],
    ['psycopg2.errors.UndefinedColumn', 'odoo'],
    ['psycopg2.errors.InvalidDatetimeFormat', 'odoo'],
    ['not.psycopg2.OperationalError', 'odoo'],
    ['odoo.exceptions.AccessDenied', 'credentials'],
    ['odoo.http.SessionExpiredException', 'credentials'],
    ['werkzeug.exceptions.Unauthorized', 'credentials'],
    ['odoo.exceptions.AccessError', 'access'],
    ['odoo.exceptions.MissingError', 'odoo'],
    ['odoo.exceptions.UserError', 'odoo'],
    ['odoo.exceptions.ValidationError', 'odoo'],
    ['werkzeug.exceptions.NotFound', 'bug'],
    ['builtins.ValueError', 'odoo'],
    ['builtins.MemoryError', 'odoo'],
    ['toString', 'odoo'],
  ])('%s is %s, whatever the message', (name, kind) => {
    const error = faultOf(
      { name, message: 'odoo.exceptions.AccessDenied: Accès refusé' },
      createVeil('secret'),
    );
    expect(error).toMatchObject({ kind, exception: name });
    expect(error.message).toContain(`Odoo answered ${name}: `);
  });

  test('a secret that is a word of a name that decides does not undo it', () => {
    const error = faultOf({ name: 'odoo.exceptions.AccessDenied', message: 'odoo' }, createVeil('odoo'));
    expect(error).toMatchObject({ kind: 'credentials', exception: 'odoo.exceptions.AccessDenied' });
    expect(error.message).toContain('AccessDenied: ***');
  });

  test('a name of 10 MB is cut', () => {
    const veil = createVeil('hunter2hunter2');
    const { exception, message } = faultOf({ name: 'a'.repeat(1e7), message: 'b\u001b'.repeat(5e6) }, veil);
    expect(exception).toHaveLength(100);
    expect(message.length).toBeLessThan(500);
    expect(message).not.toContain('\u001b');
  });

  test.each([{}, { name: 5, message: null }, { message: 'x' }])(
    'without a name (%j) it is one all the same',
    (data) => {
      expect(faultOf(data, createVeil('secret'))).toMatchObject({ kind: 'odoo', exception: 'unknown' });
    },
  );

  test('the message is one line of bounded length, without the traceback', () => {
    const data = { name: 'builtins.ValueError', message: `a\n\n${'b'.repeat(5_000)}`, debug: 'Traceback' };
    const { message } = faultOf(data, createVeil('secret'));
    expect(message).toMatch(/: a b+…$/);
    expect(message.length).toBeLessThan(400);
    expect(message).not.toContain('Traceback');
  });

  test('a secret that Odoo echoes is not repeated', () => {
    const secrets = fc
      .string({ minLength: 6, maxLength: 60 })
      .filter((text) => !/[*]|^\s|\s$|\s\s/.test(text));
    fc.assert(
      fc.property(secrets, (secret) => {
        const { message } = faultOf(
          { name: 'builtins.TypeError', message: `got ${secret} and ${JSON.stringify([secret])}` },
          createVeil(secret),
        );
        expect(message).toBe('Odoo answered builtins.TypeError: got *** and ["***"]');
      }),
    );
  });
});

describe("a status that Odoo didn't explain", () => {
  test.each<[status: number, kind: ErrorKind]>([
    [400, 'bug'],
    [401, 'transient'],
    [403, 'transient'],
    [404, 'transient'],
    [408, 'transient'],
    [407, 'configuration'],
    [413, 'transient'],
    [415, 'bug'],
    [422, 'bug'],
    [429, 'throttled'],
    [500, 'transient'],
    [502, 'transient'],
    [503, 'transient'],
    [504, 'transient'],
    [520, 'transient'],
    [301, 'configuration'],
    [303, 'configuration'],
    [308, 'configuration'],
    [200, 'transient'],
    [204, 'transient'],
  ])('%i is %s, as HTML, text or JSON', (status, kind) => {
    for (const contentType of ['text/html', 'text/plain', 'application/json', '']) {
      expect(statusError(answerOf(status, { contentType, text: '{"message":"no"}' }))).toMatchObject({
        kind,
      });
    }
  });

  test('shows nothing of the body, which may hold the request', () => {
    for (const status of [200, 400, 404, 429, 500]) {
      expect(statusError(answerOf(status, { text: 'hunter2' })).message).not.toContain('hunter2');
    }
  });

  test("a redirect's target is named by its origin only", () => {
    const to = (location: string | null) => statusError(answerOf(301, { location })).message;
    expect(to('https://user:pw@new.example.com/x?key=1')).toMatch(
      /redirects to https:\/\/new\.example\.com:/,
    );
    expect(to('/web/login?redirect=1')).toContain('redirects to another path');
    expect(to(null)).toContain('redirects to another path');
  });
});

describe('Retry-After', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z') });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each<[text: string, ms: number | undefined]>([
    ['120', 120_000],
    [' 5 ', 5_000],
    ['0', 0],
    ['Sun, 22 Nov 2026 12:01:30 GMT', 90_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['999999', 3_600_000],
    ['Mon, 23 Nov 2026 12:00:00 GMT', 3_600_000],
    ['soon', undefined],
  ])('%j is %s ms', (retryAfter, ms) => {
    for (const status of [429, 503]) {
      const error = statusError(answerOf(status, { retryAfter }));
      expect(error).toMatchObject({ kind: 'throttled', retryAfterMs: ms });
    }
  });

  test('429 is throttling also without it, 503 is not', () => {
    expect(statusError(answerOf(429))).toMatchObject({ kind: 'throttled', retryAfterMs: undefined });
    expect(statusError(answerOf(503))).toMatchObject({ kind: 'transient' });
  });
});

describe('what came, in a few words', () => {
  test.each<[what: string, answer: Partial<HttpAnswer>, words: string]>([
    ['a page', { text: '<html>' }, '6 bytes of text/html (HTTP 200)'],
    [
      'JSON of something else',
      { text: '{"a":1}', contentType: 'application/json' },
      '7 bytes of application/json, JSON of another kind (HTTP 200)',
    ],
    [
      'half of a JSON',
      { text: '[{"a"', contentType: 'application/json; charset=utf-8' },
      "5 bytes of application/json that don't parse, as when they were cut off (HTTP 200)",
    ],
    [
      'no UTF-8',
      { text: null, bytes: 3, contentType: 'application/json' },
      '3 bytes of application/json that are no UTF-8 (HTTP 200)',
    ],
    ['no type', { text: '', contentType: '' }, '0 bytes of no known type (HTTP 200)'],
    [
      'a type that says the secret back',
      { text: '', contentType: 'hunter2/hunter2' },
      '0 bytes of no known type (HTTP 200)',
    ],
  ])('%s', (_what, { text = '', ...more }, words) => {
    expect(whatCame(answerOf(200, { text, bytes: text?.length ?? 0, ...more }))).toBe(words);
  });
});

test('rejected credentials say what to do', () => {
  expect(
    faultOf({ name: 'odoo.exceptions.AccessDenied', message: 'Accès refusé' }, createVeil('secret')).message,
  ).toBe(
    'Odoo answered odoo.exceptions.AccessDenied: Accès refusé (the key or password is wrong or has expired, or the login is archived: give the user new credentials)',
  );
});

test('bytes that are no UTF-8 are no JSON', () => {
  expect(parseBody(answerOf(200, { text: null }))).toBeUndefined();
});

test('a body that is no JSON parses to undefined, null to null', () => {
  expect(parseBody(answerOf(200, { text: '[1, 2' }))).toBeUndefined();
  expect(parseBody(answerOf(200, { text: '' }))).toBeUndefined();
  expect(parseBody(answerOf(200, { text: 'null' }))).toBeNull();
});
