import { expect, test } from '@jest/globals';
import { takes } from './routeTable.js';

test.each([
  ['/', '/', true],
  ['/status', '/status', true],
  ['/status', '/status/', false],
  ['/status', '/', false],
  ['/a.c', '/abc', false],
  ['/users/:id/resync', '/users/acme/resync', true],
  ['/users/:id/resync', '/users/a/b/resync', false],
  ['/users/:id', '/users/', false],
  ['/users/:id', '/users', false],
  ['/queues/:queue/:job/retry', '/queues/turns/7/retry', true],
  ['/static/*', '/static/', true],
  ['/static/*', '/static/css/a.css', true],
  ['/static/*', '/static', false],
  ['/files/v*', '/files/v2/a', true],
  ['/files/v*', '/files/w2', false],
  ['*', '/whatever', true],
])('the route %s and the path %s: %s', (route, path, taken) => {
  expect(takes(route, path)).toBe(taken);
});
