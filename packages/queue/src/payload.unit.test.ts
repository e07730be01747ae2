import { describe, expect, test } from '@jest/globals';
import type { TurnJob } from '@odoo-sync/core';
import { PayloadError, parsePayload, payloadOf } from './payload.js';

const TAIL: TurnJob = {
  kind: 'tail',
  userKey: 'acme',
  doc: 'tail-acme',
  release: 7,
  module: null,
  windowStart: null,
  windowEnd: null,
  attempts: 1,
  delayMs: 500,
};

describe('parsePayload', () => {
  test('reads what payloadOf wrote, through JSON', () => {
    const payload = payloadOf(TAIL);
    expect(parsePayload(JSON.parse(JSON.stringify(payload)))).toEqual(payload);
    expect(payload).not.toHaveProperty('attempts');
  });

  test.each([
    [{ kind: 'purge' }, 'kind: '],
    [{ release: -1 }, 'release: '],
    [{ release: '7' }, 'release: '],
    [{ module: 'leads' }, 'module: '],
    [{ windowStart: 'yesterday' }, 'windowStart: '],
    [{ secret: 'hunter2' }, 'secret'],
  ])('refuses %p by name', (wrong, fault) => {
    expect(() => parsePayload({ ...payloadOf(TAIL), ...wrong })).toThrow(PayloadError);
    expect(() => parsePayload({ ...payloadOf(TAIL), ...wrong })).toThrow(fault);
    expect(() => parsePayload({ ...payloadOf(TAIL), ...wrong })).not.toThrow('hunter2');
  });

  test.each([null, undefined, 'tail', []])('refuses %p', (data) => {
    expect(() => parsePayload(data)).toThrow(PayloadError);
  });
});
