import { describe, expect, test } from '@jest/globals';
import { inTime } from './inTime.js';

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('a promise in time', () => {
  test('gives what it gives', async () => {
    await expect(inTime(60_000, 'Redis', Promise.resolve(7))).resolves.toBe(7);
    await expect(inTime(60_000, 'Redis', Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  });

  test('that comes too late is an error that names what was late', async () => {
    await expect(inTime(1, 'Redis', new Promise(() => {}))).rejects.toThrow(
      'Redis did not answer within 1 ms',
    );
  });

  test('leaves no timer behind, which would keep its process up', async () => {
    const before = timers();
    await inTime(60_000, 'Redis', Promise.resolve());
    expect(timers()).toBe(before);
  });
});
