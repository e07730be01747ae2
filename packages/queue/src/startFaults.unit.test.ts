import { describe, expect, test } from '@jest/globals';
import { parseRedisUrl } from './redisTarget.js';
import { refusalOf } from './startFaults.js';

const TARGET = parseRedisUrl('redis+sentinel://h:26379/main');
const meaningOf = (message: string) => refusalOf(new Error(message), TARGET)?.message;

describe('a refusal at the start', () => {
  test.each([
    [
      'All sentinels are unreachable. Retrying from scratch after 10ms. Last error: WRONGPASS invalid',
      'has Sentinels',
    ],
    [
      'All sentinels are unreachable and retry is disabled. Last error: NOAUTH Authentication required.',
      'has Sentinels',
    ],
    ['WRONGPASS invalid username-password pair', 'refuses the user or password'],
    ['NOPERM this user has no permissions', 'does not let the user'],
    ["ERR unknown command 'SENTINEL', with args", 'is not a Sentinel'],
  ])('%s', (message, meaning) => {
    expect(meaningOf(message)).toContain(meaning);
  });

  test.each(['All sentinels are unreachable. Last error: connect ECONNREFUSED', 'LOADING Redis is loading'])(
    '%s is none: it may pass',
    (message) => {
      expect(meaningOf(message)).toBeUndefined();
    },
  );

  test.each(['All sentinels are unreachable ', 'Last error: ', 'unknown command '])(
    'is looked for in time linear to the length of %j again and again',
    (piece) => {
      const words = `All sentinels are unreachable. Last error: ${piece.repeat(200_000)}`;
      const began = performance.now();
      expect(meaningOf(words)).toBeUndefined();
      expect(performance.now() - began).toBeLessThan(5_000);
    },
  );
});
