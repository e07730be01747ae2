import { expect, test } from '@jest/globals';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const INFO = 30;
const DAYS = 24;
const RECORDS = { count: 240, days: DAYS, activeDays: DAYS };
const FEW = { count: 20, days: DAYS, activeDays: 5 };

/** What the worker has told of a user at `info` and above. */
const toldOf = ({ user }: Tenant): readonly Record<string, unknown>[] =>
  world.said
    .flatMap((text) => text.trim().split('\n'))
    // Lines of jobs stand among them.
    .filter((line) => line.startsWith('{"level":'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line.user === user.userKey && Number(line.level) >= INFO);

test('a whole backfill reads as a story in under 100 lines', async () => {
  const models = {
    'res.partner': RECORDS,
    'sale.order': FEW,
    'account.move': FEW,
    'hr.employee': FEW,
  };
  const tenant = await world.connect({ models, laidOut: false, settings: { rangeDays: DAYS } });
  await tenant.drain();
  const written = toldOf(tenant);
  expect(written.length).toBeGreaterThan(4 * 3);
  expect(written.length).toBeLessThan(100);

  const ofContacts = written.filter(({ module }) => module === 'contacts');
  expect(ofContacts[0]).toMatchObject({ msg: 'the history is surveyed', records: 240 });
  const goingOn = ofContacts.filter(({ msg }) => msg === 'a backfill goes on');
  const left = goingOn.map((line) => Number(line.left));
  expect(left).toEqual([16, 8, 4, 2, 1]);
  expect(goingOn[0]).toMatchObject({
    turn: 'backfill',
    window: expect.stringMatching(/^\d{4}-\d\d-\d\dT00:00:00.000Z$/),
    batch: expect.stringContaining('contacts'),
    attempt: 1,
    read: expect.any(Number),
    pages: 1,
  });
  expect(ofContacts.at(-1)).toMatchObject({ msg: 'the backfill of a module is done' });
});

test('an attempt that fails tells whose, which window, and which attempt it was', async () => {
  const tenant = await world.connect();
  world.simulator.faults.add({
    kind: 'odooError',
    name: 'psycopg2.errors.SerializationFailure',
    match: { db: tenant.odoo.name, method: 'search_read' },
    times: 1,
  });
  await tenant.window();
  const { _id: batch, startTime } = await tenant.batch();
  expect(toldOf(tenant)).toEqual([
    expect.objectContaining({
      msg: 'an attempt failed',
      level: 40,
      user: tenant.user.userKey,
      module: 'contacts',
      window: startTime.toISOString(),
      batch,
      attempt: 1,
      kind: 'transient',
    }),
  ]);
});
