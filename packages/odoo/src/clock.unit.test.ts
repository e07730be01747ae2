import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createAnswerClock } from './clock.js';

beforeEach(() => {
  jest.useFakeTimers({ now: new Date('2026-11-22T12:00:00.700Z') });
});
afterEach(() => {
  jest.useRealTimers();
});

const HERE = { now: () => Date.now(), maxSkewMs: 3_600_000 };
const warnings: string[] = [];
const log = { warn: (_fields: object, message: string) => warnings.push(message) };

describe("Odoo's clock", () => {
  test("is its Date, carried on by the time gone since, whatever this machine's clock says", () => {
    const clock = createAnswerClock(log, HERE);
    clock.saw(new Date('2026-11-22T11:10:00Z'));
    jest.advanceTimersByTime(2_500);
    expect(clock.read()).toEqual({
      lastAnswer: new Date('2026-11-22T11:10:00Z'),
      now: new Date('2026-11-22T11:10:02.500Z'),
      offMs: null,
    });
  });

  test("is not moved by a jump of this machine's clock", () => {
    const clock = createAnswerClock(log, HERE);
    clock.saw(new Date('2026-11-22T12:00:00Z'));
    jest.setSystemTime(new Date('2030-01-01T00:00:00Z'));
    expect(clock.read().now).toEqual(new Date('2026-11-22T12:00:00Z'));
  });

  test('follows the last answer, also backwards', () => {
    const clock = createAnswerClock(log, HERE);
    clock.saw(new Date('2026-11-22T12:00:05Z'));
    clock.saw(new Date('2026-11-22T12:00:03Z'));
    expect(clock.read().lastAnswer).toEqual(new Date('2026-11-22T12:00:03Z'));
  });

  test("is this machine's, cut to the second, where answers carry no Date; that is said once", () => {
    warnings.length = 0;
    const clock = createAnswerClock(log, HERE);
    clock.saw(null);
    clock.saw(null);
    expect(clock.read().lastAnswer).toEqual(new Date('2026-11-22T12:00:00Z'));
    expect(warnings).toEqual([expect.stringContaining('no Date')]);
  });

  test.each(['9999-12-31T23:59:59Z', '1970-01-01T00:00:00Z', '2026-11-22T13:00:01Z', '2026-11-22T10:59:00Z'])(
    'is not believed where it is further off than it may be: %s, however often',
    (told) => {
      warnings.length = 0;
      const clock = createAnswerClock(log, HERE);
      for (let answer = 0; answer < 3; answer++) clock.saw(new Date(told));
      expect(clock.read().lastAnswer).toEqual(new Date('2026-11-22T12:00:00Z'));
      expect(clock.read().offMs).toBe(Date.parse(told) - Date.parse('2026-11-22T12:00:00Z'));
      expect(warnings).toEqual([expect.stringContaining('too far off to be believed')]);
      clock.saw(new Date('2026-11-22T12:00:03Z'));
      expect(clock.read()).toMatchObject({ lastAnswer: new Date('2026-11-22T12:00:03Z'), offMs: null });
    },
  );
});
