import { describe, expect, test } from '@jest/globals';
import { afterFault, heldUntil, isBroken, type Outage } from './breaker.js';
import { storeTime } from './time.js';

const START = Date.parse('2026-03-29T12:00:00Z');
const at = (seconds: number): Date => new Date(START + seconds * 1_000);
const PAUSE = 15_000;
const faults = (...seconds: readonly number[]): Outage =>
  seconds.reduce<Outage | null>(
    (outage, second) => afterFault(outage, storeTime(at(second)), PAUSE),
    null,
  ) as Outage;

describe('the breaker of an Odoo', () => {
  test('counts two faults and opens at the third', () => {
    expect(faults(0)).toEqual({ faults: 1, since: at(0), openUntil: null, pauseMs: 0 });
    expect(isBroken(faults(0, 5))).toBe(false);
    expect(faults(0, 5, 9)).toEqual({ faults: 3, since: at(0), openUntil: at(24), pauseMs: PAUSE });
    expect(isBroken(faults(0, 5, 9))).toBe(true);
    expect(isBroken(null)).toBe(false);
  });

  test('is not held open for longer by turns that were out when it opened', () => {
    expect(faults(0, 5, 9, 10, 11)).toMatchObject({ faults: 5, openUntil: at(24), pauseMs: PAUSE });
  });

  test('opens for twice as long after each probe that fails, up to twenty times the first pause', () => {
    let outage = faults(0, 0, 0);
    const pauses: number[] = [];
    for (let probe = 0; probe < 7; probe++) {
      outage = afterFault(outage, storeTime(outage.openUntil as Date), PAUSE);
      pauses.push(outage.pauseMs / 1_000);
    }
    expect(pauses).toEqual([30, 60, 120, 240, 300, 300, 300]);
    expect(outage.since).toEqual(at(0));
  });
});

test('a user is held until the later of its holds', () => {
  const open = faults(0, 0, 0);
  expect(heldUntil({ holdUntil: null, outage: null })).toBeNull();
  expect(heldUntil({ holdUntil: null, outage: faults(0) })).toBeNull();
  expect(heldUntil({ holdUntil: storeTime(at(3)), outage: null })).toEqual(at(3));
  expect(heldUntil({ holdUntil: storeTime(at(3)), outage: open })).toEqual(at(15));
  expect(heldUntil({ holdUntil: storeTime(at(99)), outage: open })).toEqual(at(99));
});
