import { describe, expect, test } from '@jest/globals';
import { WINDOW_MS, windowOf } from '@odoo-sync/core';
import { must } from '@odoo-sync/testkit';
import { TurnWorld } from './testing/turnWorld.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const PARTNER = 'res.partner';
const world = new TurnWorld();

const untilYear = (year: number): number => Date.UTC(year, 11, 31) - Date.now();

describe('a `Date` beyond belief', () => {
  test.each([
    ['9999', untilYear(9999)],
    ['2100', untilYear(2100)],
    ['two hours ahead', 2 * HOUR_MS],
    ['two hours behind', -2 * HOUR_MS],
    ['a month behind', -30 * WINDOW_MS],
    ['1970', -Date.now()],
  ])('makes no windows and keeps no record away, however often it is told: %s', async (_how, dateSkewMs) => {
    const tenant = await world.connect({ laidOut: false, dateSkewMs });
    tenant.odoo.create(PARTNER, 5, { at: tenant.noon() });
    for (let tail = 0; tail < 3; tail++) await tenant.tail();
    await tenant.drain();
    expect(await tenant.mirrored()).toHaveLength(5);
    const { skewMs, clockOffMs, nextTurnAt } = await tenant.plan();
    expect(Math.abs(skewMs)).toBeLessThan(MINUTE_MS);
    expect(Math.abs(must(clockOffMs, 'it was not told') - dateSkewMs)).toBeLessThan(MINUTE_MS);
    expect(nextTurnAt.getTime()).toBeLessThan(Date.now() + 2 * WINDOW_MS);
    const last = await world.db
      .collection('odoosyncbatches')
      .findOne({ userKey: tenant.user.userKey }, { sort: { endTime: -1 } });
    expect(last?.endTime.getTime()).toBeLessThanOrEqual(windowOf(new Date()).end.getTime() + WINDOW_MS);
  });

  test.each([2, 40])(
    'that is %i h behind, as its database is: what is written now is seen by the next tail',
    async (hours) => {
      const tenant = await world.connect({ dateSkewMs: -hours * HOUR_MS, settings: { rangeDays: 5 } });
      await tenant.drain();
      await tenant.tail();
      await tenant.tail();
      tenant.odoo.create(PARTNER, 3, { at: new Date(Date.now() - hours * HOUR_MS) });
      await tenant.tail();
      expect(await tenant.mirrored()).toHaveLength(3);
    },
  );
});

test.each([
  ['of the year 9999', { skewMs: untilYear(9999), skewSeenMs: untilYear(9999), dbSkewMs: untilYear(9999) }],
  ['far behind', { skewMs: -untilYear(9999), skewSeenMs: null, dbSkewMs: 0 }],
  ['that is no number', { skewMs: Number.NaN, skewSeenMs: Number.NaN, dbSkewMs: Number.NaN }],
])('a clock %s that an earlier version believed is not', async (_how, clocks) => {
  const tenant = await world.connect();
  await tenant.patchPlan(clocks);
  tenant.odoo.create(PARTNER, 5, { at: tenant.noon() });
  await tenant.drain();
  await tenant.tail();
  expect(await tenant.mirrored()).toHaveLength(5);
  const { nextTurnAt } = await tenant.plan();
  expect(Math.abs(nextTurnAt.getTime() - Date.now())).toBeLessThan(2 * WINDOW_MS);
  expect(await tenant.engine.store.report(tenant.user.userKey)).toMatchObject({ clock: null });
});
