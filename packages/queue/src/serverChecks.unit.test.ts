import { describe, expect, test } from '@jest/globals';
import { QueueConfigurationError } from './errors.js';
import { checkPolicy, checkVersion } from './serverChecks.js';

describe('what a server must be', () => {
  test.each(['6.2.0', '7.2.4', '10.0.1'])('%s is new enough', (version) => {
    expect(() => checkVersion(version, 'h:1')).not.toThrow();
  });
  test.each(['5.0.14', '6.0.16', ''])('%p is not', (version) => {
    expect(() => checkVersion(version, 'h:1')).toThrow(QueueConfigurationError);
  });
  test.each(['allkeys-lru', 'volatile-ttl', undefined])('the policy %p is refused', (policy) => {
    expect(() => checkPolicy(policy, 'h:1')).toThrow('noeviction');
  });
});
