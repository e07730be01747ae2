import { expect, test } from '@jest/globals';
import { SyncError } from '@odoo-sync/core';
import { observeRequests } from './observeRequests.js';
import type { OdooRequest } from './options.js';

const stopped = new AbortController();
stopped.abort(new Error('enough'));
const going = new AbortController().signal;

test.each<[string, () => Promise<number>, AbortSignal, OdooRequest['outcome']]>([
  ['an answer', async () => 1, going, 'ok'],
  ['a fault by its kind', async () => Promise.reject(new SyncError('throttled', '429')), going, 'throttled'],
  ['any other error as a bug', async () => Promise.reject(new TypeError('x')), going, 'bug'],
  ['what the asker ended', async () => Promise.reject(stopped.signal.reason), stopped.signal, 'ended'],
])('tells of %s', async (_, ask, signal, outcome) => {
  const told: OdooRequest[] = [];
  const asked = observeRequests((request) => told.push(request))<number>('json2', signal, ask);
  if (outcome === 'ok') expect(await asked).toBe(1);
  else await expect(asked).rejects.toThrow();
  expect(told).toEqual([{ transport: 'json2', outcome, seconds: expect.any(Number) }]);
  expect(told[0]?.seconds).toBeGreaterThanOrEqual(0);
});

test('asks all the same where nobody wants to know', async () => {
  expect(await observeRequests(undefined)('web', going, async () => 1)).toBe(1);
});
