import { beforeEach, describe, expect, test } from '@jest/globals';
import { cachedProbe } from './cachedProbe.js';

let clock: number;
let probes: number;
let tookMs: number;
let fault: Error | null;
let said: string[];

beforeEach(() => {
  clock = 1_000_000;
  probes = 0;
  tookMs = 0;
  fault = null;
  said = [];
});

const log = {
  warn: (_: object, message: string) => said.push(message),
  info: (_: object, message: string) => said.push(message),
} as unknown as Parameters<typeof cachedProbe>[0]['log'];

const keep = (probe?: () => Promise<number>, waitMs = 5_000) =>
  cachedProbe<number>({
    what: 'the well',
    probe:
      probe ??
      (async () => {
        clock += tookMs;
        if (fault) throw fault;
        return ++probes;
      }),
    log,
    waitMs,
    now: () => clock,
  });

describe('a probe that is kept', () => {
  test('is taken again after 15 s, not before', async () => {
    const ask = keep();
    expect(await ask()).toBe(1);
    clock += 14_999;
    expect(await ask()).toBe(1);
    clock += 1;
    expect(await ask()).toBe(2);
  });

  test('that took 3 s is kept for 60', async () => {
    const ask = keep();
    tookMs = 3_000;
    expect(await ask()).toBe(1);
    clock += 59_999;
    expect(await ask()).toBe(1);
    clock += 1;
    expect(await ask()).toBe(2);
  });

  test('is one for all who ask at a time', async () => {
    const ask = keep();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  });

  test('that failed tells nothing, is logged once, and is taken again no sooner', async () => {
    const ask = keep();
    expect(await ask()).toBe(1);
    fault = new Error('dry');
    for (let round = 0; round < 3; round++) {
      clock += 15_000;
      expect(await ask()).toBeNull();
    }
    expect(said).toEqual(['the well could not be looked at: its figures are left out']);
    fault = null;
    clock += 14_999;
    expect(await ask()).toBeNull();
    clock += 1;
    expect(await ask()).toBe(2);
    expect(said.at(-1)).toBe('the well can be looked at again');
  });

  test('that takes long leaves the one before it standing until it ends, and nobody waits for all of it', async () => {
    let end: (value: number) => void = () => {};
    const ask = keep(
      () =>
        new Promise((resolve) => {
          probes++;
          end = resolve;
        }),
      5,
    );
    expect(await ask()).toBeNull();
    end(1);
    expect(await ask()).toBe(1);
    clock += 15_000;
    expect(await ask()).toBe(1);
    expect(await ask()).toBe(1);
    expect(probes).toBe(2);
    end(2);
    expect(await ask()).toBe(2);
  });
});
