import { expect, test } from '@jest/globals';
import { changesOf } from './compareAndSet.js';

test('only what differs is written', () => {
  const at = new Date();
  const before = { status: 'queued', release: 1, retryAt: at, lastError: null as string | null };
  expect(changesOf(before, { ...before, status: 'running', lastError: 'no' })).toEqual({
    status: 'running',
    lastError: 'no',
  });
  expect(changesOf(before, { ...before })).toEqual({});
});
