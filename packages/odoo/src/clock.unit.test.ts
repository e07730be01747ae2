import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createAnswerClock } from './clock.js';

beforeEach(() => {
  jest.useFakeTimers({ now: new Date('2026-11-22T12:00:00.700Z') });
});
afterEach(() => {
  jest.useRealTimers();
});

const warnings: string[] = [];
const log = { warn: (_fields: object, message: string) => warnings.push(message) };

describe("Odoo's clock", () => {
  test("is its Date, carried on by the time gone since, whatever this machine's clock says", () => {
    const clock = createAnswerClock(log);
    clock.saw(new Date('2020-01-01T00:00:00Z'));
    jest.advanceTimersByTime(2_500);
    expect(clock.read()).toEqual({
      lastAnswer: new Date('2020-01-01T00:00:00Z'),
      now: new Date('2020-01-01T00:00:02.500Z'),
    });
  });

  test("is not moved by a jump of this machine's clock", () => {
    const clock = createAnswerClock(log);
    clock.saw(new Date('2026-11-22T12:00:00Z'));
    jest.setSystemTime(new Date('2030-01-01T00:00:00Z'));
    expect(clock.read().now).toEqual(new Date('2026-11-22T12:00:00Z'));
  });

  test('follows the last answer, also backwards', () => {
    const clock = createAnswerClock(log);
    clock.saw(new Date('2026-11-22T12:00:05Z'));
    clock.saw(new Date('2026-11-22T12:00:03Z'));
    expect(clock.read().lastAnswer).toEqual(new Date('2026-11-22T12:00:03Z'));
  });

  test("is this machine's, cut to the second, where answers carry no Date; that is said once", () => {
    warnings.length = 0;
    const clock = createAnswerClock(log);
    clock.saw(null);
    clock.saw(null);
    expect(clock.read().lastAnswer).toEqual(new Date('2026-11-22T12:00:00Z'));
    expect(warnings).toEqual([expect.stringContaining('no Date')]);
  });
});
