import { describe, expect, test } from '@jest/globals';
import { QueueConfigurationError } from './errors.js';
import { nameOf, parseRedisUrl } from './redisTarget.js';

describe('parseRedisUrl', () => {
  test.each([
    ['redis://h', { kind: 'single', node: { host: 'h', port: 6379 }, tls: false, db: 0 }],
    ['redis://h:1/', { kind: 'single', node: { host: 'h', port: 1 }, db: 0 }],
    ['rediss://u:p%40ss%2F@h:1/3', { username: 'u', password: 'p@ss/', tls: true, db: 3 }],
    ['redis://:p@[::1]:7/0', { node: { host: '::1', port: 7 }, username: undefined, password: 'p' }],
    [
      'redis+sentinel://:p@a:1,b/main/2',
      {
        kind: 'sentinel',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 26379 },
        ],
        master: 'main',
        db: 2,
      },
    ],
    [
      'redis+sentinel://:p@a/main?sentinelPassword=s%26t&sentinelUsername=u',
      { master: 'main', password: 'p', sentinel: { username: 'u', password: 's&t' } },
    ],
    ['redis+sentinel://a/main', { sentinel: { username: undefined, password: undefined } }],
    [
      'rediss+cluster://a:1,b:2',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        tls: true,
      },
    ],
  ])('reads %s', (url, expected) => {
    expect(parseRedisUrl(url)).toMatchObject(expected);
  });

  test.each([
    'http://u:hunter2@h',
    'redis://u:hunter2@h:99999',
    'redis://u:hunter2@h:1/hunter',
    'redis://u:hunter2@a,b',
    'redis://u:hunter2%@h',
    'redis://u:hun/ter2@h',
    'redis+sentinel://u:hunter2@h:1',
    'redis+sentinel://h:1/main?sentinelPasword=hunter2',
    'redis+sentinel://h:1/main?sentinelPassword=hunter2%',
    'redis://h:1/0?sentinelPassword=hunter2',
    'redis+cluster://h:1?hunter2',
    'redis://',
  ])('refuses %s without its password', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(QueueConfigurationError);
    expect(() => parseRedisUrl(url)).toThrow('REDIS_URL: expected');
    expect(() => parseRedisUrl(url)).not.toThrow('hunter2');
  });

  test('names hosts, never a password', () => {
    expect(nameOf(parseRedisUrl('redis+sentinel://u:hunter2@a:1,b:2/main'))).toBe('main by a:1,b:2');
  });
});
