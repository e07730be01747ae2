import { expect, test } from '@jest/globals';
import { isAllowed } from './allowedRoutes.js';

test.each([
  ['GET', '/api/queues/:queueName/export'],
  ['PUT', '/api/queues/:queueName/drain'],
  ['DELETE', '/api/queues/:queueName/:jobId'],
  ['DELETE', '/api/queues/:queueName/:jobId/retry'],
  ['POST', '/api/metrics/history/purge'],
  ['PUT', '/api/queues'],
])('%s %s, which a newer version may bring, is refused', (method, path) => {
  expect(isAllowed(method, path)).toBe(false);
});
