import { describe, expect, test } from '@jest/globals';
import { OdooFault } from './classify.js';
import { dissect, PoisonedPageError, type Readings } from './dissect.js';
import { RecordFault } from './recordFault.js';

const FAULT = new RecordFault(new OdooFault('bug', 'builtins.ZeroDivisionError', 'float division by zero'));
const IDS = Array.from({ length: 200 }, (_, n) => 3 * n + 1);

/** Records of which some can't be read in full, and some of these not at all. */
function records(poisoned: readonly number[], lost: readonly number[] = []) {
  let asked = 0;
  const fail = () => {
    throw new OdooFault('bug', 'builtins.ZeroDivisionError', 'float division by zero');
  };
  const readings: Readings = {
    async full(ids) {
      asked++;
      if (ids.some((id) => poisoned.includes(id))) fail();
      return ids.map((id) => ({ id, name: 'x' }));
    },
    async stored(id) {
      asked++;
      if (lost.includes(id)) fail();
      return { rows: [{ id }], unread: ['name'] };
    },
  };
  return { readings, asked: () => asked };
}

describe('a page that Odoo fails to read', () => {
  test('is halved down to the record, in a few questions, and all others are read', async () => {
    const { readings, asked } = records([301], [301]);
    const { rows, partial, unreadable } = await dissect(IDS, readings, FAULT);
    expect(rows.map(({ id }) => id)).toEqual(IDS.filter((id) => id !== 301));
    expect(unreadable).toEqual([{ odooId: 301, reason: 'float division by zero' }]);
    expect(partial.size).toBe(0);
    expect(asked()).toBeLessThan(20);
  });

  test('gives a record whose stored fields can be read by these, and says which fields are unread', async () => {
    const { readings } = records([1, 598], [598]);
    const { rows, partial, unreadable } = await dissect(IDS, readings, FAULT);
    expect(rows.map(({ id }) => id)).toEqual(IDS.filter((id) => id !== 598));
    expect(rows[0]).toEqual({ id: 1 });
    expect([...partial]).toEqual([[1, ['name']]]);
    expect(unreadable).toMatchObject([{ odooId: 598 }]);
  });

  test('is given up where more than twenty of its records fail: that is no fault of records', async () => {
    const { readings, asked } = records(IDS);
    await expect(dissect(IDS, readings, FAULT)).rejects.toThrow(PoisonedPageError);
    expect(asked()).toBeLessThan(100);
    const twenty = records(IDS.slice(0, 20), IDS.slice(0, 20));
    expect((await dissect(IDS, twenty.readings, FAULT)).unreadable).toHaveLength(20);
  });

  test('of a single record needs no halving', async () => {
    const { readings, asked } = records([7], [7]);
    expect((await dissect([7], readings, FAULT)).unreadable).toHaveLength(1);
    expect(asked()).toBe(2);
  });

  test('passes on whatever is no fault of a record', async () => {
    const down = new OdooFault('transient', 'psycopg2.OperationalError', 'the connection is gone');
    const { readings } = records([]);
    const broken: Readings = { ...readings, full: () => Promise.reject(down) };
    await expect(dissect(IDS, broken, FAULT)).rejects.toBe(down);
    const half: Readings = { ...records([1]).readings, stored: () => Promise.reject(down) };
    await expect(dissect(IDS, half, FAULT)).rejects.toBe(down);
  });
});
