import { describe, expect, test } from '@jest/globals';
import { createBudget } from './budget.js';
import { OdooFault } from './classify.js';
import { type DissectOptions, dissect, type Readings } from './dissect.js';

const options = (more: Partial<DissectOptions> = {}): DissectOptions => ({
  budget: createBudget(),
  onMany: () => {},
  ...more,
});
const IDS = Array.from({ length: 200 }, (_, n) => 3 * n + 1);

/** Records of which some can't be read in full, and some of these not at all. */
function records(poisoned: readonly number[], lost: readonly number[] = []) {
  let asked = 0;
  const fail = () => {
    throw new OdooFault('odoo', 'builtins.ZeroDivisionError', 'float division by zero');
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
    async common(ids) {
      asked++;
      return { rows: ids.map((id) => ({ id })), unread: ['name'] };
    },
  };
  return { readings, asked: () => asked };
}

describe('a page that Odoo fails to read', () => {
  test('is halved down to the record, in a few questions, and all others are read', async () => {
    const { readings, asked } = records([301], [301]);
    const { rows, partial, unreadable } = await dissect(IDS, readings, options());
    expect(rows.map(({ id }) => id)).toEqual(IDS.filter((id) => id !== 301));
    expect(unreadable).toEqual([{ odooId: 301, reason: 'float division by zero' }]);
    expect(partial.size).toBe(0);
    expect(asked()).toBeLessThan(20);
  });

  test('gives a record whose stored fields can be read by these, and says which fields are unread', async () => {
    const { readings } = records([1, 598], [598]);
    const { rows, partial, unreadable } = await dissect(IDS, readings, options());
    expect(rows.map(({ id }) => id)).toEqual(IDS.filter((id) => id !== 598));
    expect(rows[0]).toEqual({ id: 1 });
    expect([...partial]).toEqual([[1, ['name']]]);
    expect(unreadable).toMatchObject([{ odooId: 598 }]);
  });

  test('is read on, however many of its records fail, unless it is to be described first', async () => {
    const poisoned = IDS.filter((_, n) => n % 8 > 0);
    const { readings, asked } = records(poisoned, poisoned);
    let told = 0;
    const { rows, unreadable } = await dissect(IDS, readings, options({ onMany: () => told++ }));
    expect(rows.map(({ id }) => id)).toEqual(IDS.filter((id) => !poisoned.includes(id)));
    expect(unreadable.map(({ odooId }) => odooId)).toEqual(poisoned);
    expect(told).toBe(1);
    expect(asked()).toBeLessThan(3 * IDS.length);

    const stop = new Error('describe it first');
    const onMany = () => {
      throw stop;
    };
    await expect(dissect(IDS, records(IDS).readings, options({ onMany }))).rejects.toBe(stop);
    const twenty = records(IDS.slice(0, 20), IDS.slice(0, 20));
    expect((await dissect(IDS, twenty.readings, options({ onMany }))).unreadable).toHaveLength(20);
  });

  test('past its time is read without the fields that fail, and loses no record', async () => {
    let now = 0;
    const { readings, asked } = records(IDS, IDS);
    const slow: Readings = {
      ...readings,
      full(ids) {
        now += 1_000;
        return readings.full(ids);
      },
    };
    const budget = createBudget(30_000, () => now);
    const { rows, partial, unreadable } = await dissect(IDS, slow, options({ budget }));
    expect(asked()).toBeLessThan(60);
    expect([...unreadable.map(({ odooId }) => odooId), ...rows.map(({ id }) => id)]).toEqual(IDS);
    expect(unreadable.length).toBeGreaterThan(5);
    expect([...partial]).toEqual(rows.map(({ id }) => [id, ['name']]));
    // What was spent stays spent: the next page begins with the short way.
    const before = asked();
    expect((await dissect(IDS, slow, options({ budget }))).rows.map(({ id }) => id)).toEqual(IDS);
    expect(asked() - before).toBe(1);
  });

  test('of a single record needs no halving', async () => {
    const { readings, asked } = records([7], [7]);
    expect((await dissect([7], readings, options())).unreadable).toHaveLength(1);
    expect(asked()).toBe(2);
  });

  test('passes on whatever is no fault of a record', async () => {
    const down = new OdooFault('transient', 'psycopg2.OperationalError', 'the connection is gone');
    const { readings } = records([]);
    const broken: Readings = { ...readings, full: () => Promise.reject(down) };
    await expect(dissect(IDS, broken, options())).rejects.toBe(down);
    const half: Readings = { ...records([1]).readings, stored: () => Promise.reject(down) };
    await expect(dissect(IDS, half, options())).rejects.toBe(down);
  });
});
