import { describe, expect, test } from '@jest/globals';
import { UnrecoverableError } from 'bullmq';
import { keptError } from './keptError.js';

describe('an error that Redis is to keep', () => {
  test('is bounded, and shows nothing but text', () => {
    const error = new Error(`\u001b[2J${'x'.repeat(10_000_000)}`);
    const kept = keptError(error);
    expect(kept.message.length).toBeLessThanOrEqual(1_000);
    expect(kept.stack?.length).toBeLessThanOrEqual(4_000);
    expect(`${kept.message}${kept.stack}`).not.toContain('\u001b');
  });

  test('stays what it is where it is short', () => {
    const error = new UnrecoverableError('no more');
    expect(keptError(error)).toBe(error);
    expect(keptError('text')).toMatchObject({ message: 'text' });
  });

  test('still says that no attempt is left', () => {
    expect(keptError(new UnrecoverableError('x'.repeat(5_000)))).toBeInstanceOf(UnrecoverableError);
  });
});
