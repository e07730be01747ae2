import { describe, expect, test } from '@jest/globals';
import { createLogger } from './logger.js';
import { redactUrl } from './redact.js';

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  const destination = {
    write: (line: string) => {
      lines.push(line);
    },
  };
  write(createLogger({ level: 'info', name: 'worker', destination }));
  return lines.join('');
}

describe('createLogger', () => {
  test('writes one JSON line with the process and the message', () => {
    const line = JSON.parse(logged((log) => log.info({ user: 'acme' }, 'ready')));
    expect(line).toMatchObject({ name: 'worker', user: 'acme', msg: 'ready', level: 30 });
  });

  test.each([
    ...['password', 'passwd', 'secret', 'apiKey', 'api_key', 'token', 'accessToken', 'authorization'],
    ...['Authorization', 'cookie', 'credentials', 'credentialsKeys', 'sealed'],
    ...['Password', 'PASSWORD', 'API-Key', 'X-Api-Key', 'x_api_key', 'Set-Cookie', 'Proxy-Authorization'],
    ...['client_secret', 'clientSecret', 'refresh-token', 'passphrase', 'private_key', 'sessionId'],
    ...['REDIS_URL', 'redisUrl', 'MONGODB_URL', 'mongodb-url', 'CREDENTIALS_KEYS', 'API_TOKEN', 'apiToken'],
    ...['ODOO_API_KEY', 'odooApiKey', 'ODOO_PASSWORD', 'ODOO_PROXY', 'odooProxy'],
  ])('hides %s, nested or bound, in whatever it comes', (key) => {
    const held = { [key]: 'hunter2' };
    class Holder {
      readonly [key] = 'hunter2';
    }
    const text = logged((log) => {
      log.info({ ...held, request: { ...held, headers: { ...held } }, list: [held] }, 'x');
      log.info({ [key]: { keyId: 'hunter2' } }, 'x');
      log.info({ [key]: ['hunter2'] }, 'x');
      log.info({ holder: new Holder(), made: { toJSON: () => held } }, 'x');
      log.info({ fault: Object.assign(new Error('x'), { config: held }) }, 'x');
      log.child(held).info('y');
      log.child({ a: held }).child({ b: 1 }).info('y');
      log
        .child({}, {})
        .child({ c: { d: held } })
        .info('y');
    });
    expect(text.match(/\*\*\*/g)?.length).toBeGreaterThanOrEqual(11);
    expect(text).not.toContain('hunter2');
  });

  test.each([
    ['sealed', 3],
    ['resealed', 3],
    ['sealedBy', 'pass'],
    ['tokens', 12],
    ['tokenCount', 12],
    ['passwordless', true],
    ['secretary', 'Anna'],
    ['keys', 2],
    ['cookieless', 1],
    ['api', 'json2'],
    ['proxy', 'http://proxy.example:3128'],
    ['mongodb', 'ok'],
    ['redis', 'ok'],
    ['tokenizer', 'x'],
  ])('shows %s, which is no secret', (key, value) => {
    const line = logged((log) => log.info({ [key]: value, a: { [key]: value } }, 'x'));
    expect(JSON.parse(line)).toMatchObject({ [key]: value, a: { [key]: value } });
  });

  test('leaves dates, identifiers and URLs as they are', () => {
    const at = new Date('2026-11-22T08:00:00Z');
    const line = logged((log) => log.info({ at, deep: { at: [at] }, url: new URL('http://h/x') }, 'x'));
    const text = '2026-11-22T08:00:00.000Z';
    expect(JSON.parse(line)).toMatchObject({ at: text, deep: { at: [text] }, url: 'http://h/x' });
  });

  test('hides passwords of URLs wherever they stand', () => {
    const url = 'mongodb://app:hunter2@h:27017/db';
    const text = logged((log) =>
      log.warn({ err: new Error(`no answer from ${url}`), at: [url] }, `lost ${url}`),
    );
    expect(text.match(/mongodb:\/\/app:\*\*\*@h:27017\/db/g)).toHaveLength(4);
    expect(text).not.toContain('hunter2');
  });

  test('of an error it writes causes, code and kind, but not what hangs on it', () => {
    const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET', config: { data: 'hunter2' } });
    const error = Object.assign(new Error('page failed', { cause }), {
      kind: 'transient',
      request: 'hunter2',
    });
    const text = logged((log) => log.error({ err: error }, 'x'));
    expect(JSON.parse(text).err).toMatchObject({
      message: 'page failed',
      kind: 'transient',
      cause: { code: 'ECONNRESET' },
    });
    expect(text).not.toContain('hunter2');
  });
});

describe('redactUrl', () => {
  test.each([
    ['redis://:pass@h:1/0', 'redis://:***@h:1/0'],
    ['mongodb+srv://u:p@ss/w:rd@h/db', 'mongodb+srv://u:***@h/db'],
    ['redis+sentinel://u:p@a:1,b:2/m', 'redis+sentinel://u:***@a:1,b:2/m'],
    [
      'mongodb://h/?tlsCertificateKeyFilePassword=pw&x=1',
      'mongodb://h/?tlsCertificateKeyFilePassword=***&x=1',
    ],
    ['https://h/x?api-key=pw&X-API-KEY=pw&a=1', 'https://h/x?api-key=***&X-API-KEY=***&a=1'],
    ['https://h/x?access_token=pw&Authorization=pw', 'https://h/x?access_token=***&Authorization=***'],
    ['http://h:8069/web and a@b', 'http://h:8069/web and a@b'],
    ['mongodb://h1:1,h2:2/db', 'mongodb://h1:1,h2:2/db'],
  ])('%s', (url, expected) => {
    expect(redactUrl(url)).toBe(expected);
  });
});

describe('a text from outside', () => {
  const huge = `\u001b[2J\u202e${'x'.repeat(10_000_000)}`;

  test.each<[where: string, write: (log: ReturnType<typeof createLogger>) => void]>([
    ['as a field', (log) => log.warn({ reason: huge }, 'x')],
    ['deep in a field', (log) => log.warn({ a: { b: [{ c: huge }] } }, 'x')],
    [
      'as an error',
      (log) => log.error({ err: Object.assign(new Error(huge), { name: huge, code: huge }) }, 'x'),
    ],
    ['as a cause', (log) => log.error({ err: new Error('x', { cause: new Error(huge) }) }, 'x')],
    ['as an error under another name', (log) => log.error({ fault: new Error(huge) }, 'x')],
    ['as the message', (log) => log.warn(huge)],
    [
      'as many fields',
      (log) => log.warn(Object.fromEntries([...Array(100_000).keys()].map((n) => [`k${n}`, n])), 'x'),
    ],
    [
      'behind parts that throw',
      (log) => {
        const thrower = () => {
          throw new Error(huge);
        };
        const part = Object.defineProperty({}, 'c', { get: thrower, enumerable: true });
        log.warn({ a: { toJSON: thrower }, b: part }, 'x');
      },
    ],
    ['as a key', (log) => log.warn({ [huge]: 1 }, 'x')],
  ])('%s is bounded and moves no cursor', (_, write) => {
    const began = performance.now();
    const text = logged(write);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(text.length).toBeLessThan(20_000);
    expect(JSON.parse(text)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
    expect(JSON.stringify(JSON.parse(text))).not.toMatch(/\\u001b|\u202e/);
  });

  test('that stands in every line of a child is bounded too', () => {
    const line = JSON.parse(logged((log) => log.child({ user: huge }).warn('x')));
    expect(line).toMatchObject({ level: 40, msg: 'x', user: expect.stringContaining('xxx') });
    expect(JSON.stringify(line).length).toBeLessThan(3_000);
  });

  test.each(['x', 'a://', 'a://:', '?', '?secret', '?secret=', '&a=', '@', 'a://b:c@'])(
    'made of %j alone is searched for passwords within a moment',
    (part) => {
      const began = performance.now();
      redactUrl(part.repeat(10_000_000 / part.length));
      expect(performance.now() - began).toBeLessThan(5_000);
    },
  );
});
