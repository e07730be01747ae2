import { setImmediate as later } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { SourceRecord, WriteScope } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';
import { writeEarly } from './earlyWrite.js';

const MIB = 1_048_576;
const RECORDS = [{}] as unknown as readonly SourceRecord[];

/** A store that is silent until it is told to answer. */
function silentStore() {
  let answer = () => {};
  const silence = new Promise<number>((resolve) => {
    // No transaction takes a byte: all is given up.
    answer = () => resolve(0);
  });
  const context = { transactionSize: { bytes: () => silence } } as unknown as StoreContext;
  const scope = {
    lane: { session: { inTransaction: () => false } },
    module: 'contacts',
  } as unknown as WriteScope;
  const early = writeEarly(context, scope);
  const stop = new AbortController();
  let taken = 0;
  return {
    answer,
    stop,
    early,
    taken: () => taken,
    add: (bytes: number) =>
      void early.add(RECORDS, bytes, stop.signal).then(() => {
        taken++;
      }),
  };
}

describe('while the store is silent', () => {
  test('a few pages are taken, and the next ones wait until it answers', async () => {
    const { add, answer, taken } = silentStore();
    for (let pages = 0; pages < 4; pages++) add(MIB);
    await later();
    expect(taken()).toBe(4);
    for (let pages = 0; pages < 3; pages++) add(MIB);
    await later();
    expect(taken()).toBe(4);
    answer();
    await later();
    expect(taken()).toBe(7);
  });

  test('nobody waits who is told to stop', async () => {
    const { add, answer, early, stop, taken } = silentStore();
    add(9 * MIB);
    await later();
    expect(taken()).toBe(0);
    stop.abort();
    await later();
    expect(taken()).toBe(1);
    answer();
    await early.drop();
  });
});
