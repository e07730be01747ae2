import { describe, expect, test } from '@jest/globals';
import { ERROR_KINDS, SyncError } from '@odoo-sync/core';
import { exitCodeOf } from './exitCode.js';
import { ConfigError } from './readSettings.js';

describe('the exit code of an error', () => {
  test('is that of its kind', () => {
    const codes = ERROR_KINDS.map((kind) => [kind, exitCodeOf(new SyncError(kind, 'a fault'))]);
    expect(Object.fromEntries(codes)).toEqual({
      transient: 1,
      throttled: 1,
      credentials: 78,
      access: 1,
      identity: 1,
      fields: 1,
      limit: 1,
      configuration: 78,
      odoo: 1,
      bug: 1,
      invalid: 64,
      notFound: 1,
      conflict: 1,
    });
  });

  test.each([
    [new ConfigError(['A: expected x']), 78],
    [Object.assign(new Error('evicts'), { exitCode: 78, kind: 'transient' }), 78],
    [new Error('a fault of nobody known'), 1],
    [Object.assign(new Error('another kind of kind'), { kind: 'toString' }), 1],
    ['a text', 1],
    [null, 1],
  ])('is its own, or 1: %s', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});
