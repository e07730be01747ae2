import { describe, expect, test } from '@jest/globals';
import type { TurnJob } from '@odoo-sync/core';
import { PayloadError, parsePayload, payloadOf } from './payload.js';

const TAIL: TurnJob = {
  kind: 'tail',
  userKey: 'acme',
  life: 'first',
  turnId: 'tail-acme',
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
    const { attempts, delayMs, ...turn } = TAIL;
    expect(parsePayload(JSON.parse(JSON.stringify(payload)))).toEqual(turn);
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

  const WINDOW = {
    ...payloadOf(TAIL),
    kind: 'backfill',
    doc: 'acme.contacts.2026-11-22',
    module: 'contacts',
    windowStart: '2026-11-22T00:00:00.000Z',
    windowEnd: '2026-11-23T00:00:00.000Z',
  };
  test.each([
    [WINDOW, { userKey: 'other' }, 'doc: expected "other.contacts.2026-11-22"'],
    [WINDOW, { module: 'invoices' }, 'doc: expected "acme.invoices.2026-11-22"'],
    [WINDOW, { module: null }, 'module: expected the module of a backfill, but it is null'],
    [WINDOW, { windowStart: null }, 'windowStart: expected the window of a backfill, but it is null'],
    [payloadOf(TAIL), { userKey: 'other' }, 'doc: expected "tail-other"'],
  ])("refuses a document of one user under another's name (%#)", (right, wrong, fault) => {
    const { doc: turnId, ...turn } = right;
    expect(parsePayload(right)).toEqual({ ...turn, turnId });
    expect(() => parsePayload({ ...right, ...wrong })).toThrow(fault);
  });

  test('says what came, in a text of bounded length', () => {
    const wrong = { ...payloadOf(TAIL), kind: 'x'.repeat(100_000), userKey: ['hunter2'] };
    const fault = (data: unknown): string => {
      try {
        parsePayload(data);
      } catch (error) {
        return String(error);
      }
      throw new Error('it was taken');
    };
    expect(fault(wrong)).toMatch(
      /kind: Invalid option.*but it is "x{59}…; userKey: .*string, but it is a list/,
    );
    expect(fault(wrong).length).toBeLessThan(1_000);
    const fields = Array.from({ length: 10_000 }, (_, n) => [`field${n}`, n]);
    expect(fault({ ...wrong, ...Object.fromEntries(fields) }).length).toBeLessThan(1_500);
  });

  test.each([null, undefined, 'tail', []])('refuses %p', (data) => {
    expect(() => parsePayload(data)).toThrow(PayloadError);
  });
});
