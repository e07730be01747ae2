import { describe, expect, test } from '@jest/globals';
import { errorRecordOf, FencedOutError, HandedBackError, MESSAGE_MOST, SyncError } from './errors.js';
import { storeTime } from './time.js';

const at = new Date('2026-03-29T10:00:00Z');

describe('what the ledger keeps of an error', () => {
  test('is its kind, its message and when it came', () => {
    expect(errorRecordOf(new SyncError('access', 'contacts are closed'), storeTime(at))).toEqual({
      kind: 'access',
      message: 'contacts are closed',
      at,
    });
  });

  test('is a bug where nobody foresaw it, whatever was thrown', () => {
    expect(errorRecordOf(new TypeError('x is not a function'), storeTime(at))).toMatchObject({
      kind: 'bug',
      message: 'x is not a function',
    });
    expect(errorRecordOf('a text', storeTime(at))).toMatchObject({ kind: 'bug', message: 'a text' });
    expect(errorRecordOf(undefined, storeTime(at))).toMatchObject({ kind: 'bug', message: 'undefined' });
  });

  test('is bounded', () => {
    const { message } = errorRecordOf(new SyncError('odoo', 'x'.repeat(10 * MESSAGE_MOST)), storeTime(at));
    expect(message.length).toBeLessThanOrEqual(MESSAGE_MOST);
    expect(message).toMatch(/^x{100}/);
  });
});

describe('an error of the domain', () => {
  test('has neither pause nor cause, and was an answer, unless it is told', () => {
    const plain = new SyncError('transient', 'connection reset');
    expect(plain).toMatchObject({ name: 'SyncError', retryAfterMs: undefined, unreachable: false });
    expect('cause' in plain).toBe(false);
  });

  test('keeps what it is told', () => {
    const cause = new Error('socket hang up');
    const told = new SyncError('throttled', 'wait', { cause, retryAfterMs: 500, unreachable: true });
    expect(told).toMatchObject({ kind: 'throttled', cause, retryAfterMs: 500, unreachable: true });
  });

  test('is told apart by its name in a log', () => {
    expect(new FencedOutError('acme.contacts', 7)).toMatchObject({
      name: 'FencedOutError',
      message: expect.stringMatching(/lane acme\.contacts .* token 7;/),
    });
    expect(new HandedBackError('the worker stops')).toMatchObject({
      name: 'HandedBackError',
      message: 'the worker stops',
    });
  });
});
