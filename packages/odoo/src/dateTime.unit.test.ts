import { describe, expect, test } from '@jest/globals';
import { SyncError } from '@odoo-sync/core';
import fc from 'fast-check';
import { readDateTime } from './dateTime.js';

describe('readDateTime', () => {
  test('gives back every whole second that Odoo can hold', () => {
    const second = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(second, (date) => {
        const whole = new Date(Math.floor(date.getTime() / 1_000) * 1_000);
        expect(readDateTime(whole.toISOString().slice(0, 19).replace('T', ' '), 'x')).toEqual(whole);
      }),
    );
  });

  test.each([
    ['202-05-01 10:00:00', '0202-05-01T10:00:00Z'],
    ['26-01-31 00:00:00', '0026-01-31T00:00:00Z'],
    ['0026-01-31 00:00:00', '0026-01-31T00:00:00Z'],
  ])('reads the mistyped year of %s as Python writes it', (text, iso) => {
    expect(readDateTime(text, 'x')).toEqual(new Date(iso));
  });

  test('cuts a fraction to the second', () => {
    expect(readDateTime('2026-11-22 12:56:17.084132', 'x')).toEqual(new Date('2026-11-22T12:56:17Z'));
  });

  test.each([
    'garbage',
    '',
    '2026-11-22',
    '2026-11-22 12:56',
    '2026-11-22T12:56:17',
    '2026-11-22 12:56:17Z',
    '2026-11-22 12:56:17+02:00',
    '2026-11-22 12:56:17 and more',
    ' 2026-11-22 12:56:17',
    '2026-13-01 00:00:00',
    '2026-02-30 00:00:00',
    '2026-00-10 00:00:00',
    '2026-01-01 24:00:00',
    '2026-01-01 00:60:00',
    '12026-01-01 00:00:00',
    false,
    null,
    undefined,
    0,
    1_795_352_177_000,
    ['2026-11-22 12:56:17'],
    {},
  ])('refuses %j as a broken answer', (value) => {
    expect(() => readDateTime(value, 'write_date')).toThrow(SyncError);
    expect(() => readDateTime(value, 'write_date')).toThrow(
      expect.objectContaining({ kind: 'transient', message: expect.stringContaining('write_date') }),
    );
  });
});
