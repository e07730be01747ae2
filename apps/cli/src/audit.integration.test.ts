import { describe, expect, test } from '@jest/globals';
import { auditIdOf, MODULE_NAMES, storeTime } from '@odoo-sync/core';
import { COLLECTIONS } from '@odoo-sync/store-mongo';
import { until } from '@odoo-sync/testkit';
import { CliWorld } from './testing/cliWorld.js';

const world = new CliWorld();
const AS_OF = new Date('2026-11-30T03:12:00Z');

/** What the fleet would have written of the audit of a user's contacts. */
const write = (set: Readonly<Record<string, unknown>>) =>
  world.db
    .collection<{ _id: string }>(COLLECTIONS.audits)
    .updateOne({ _id: auditIdOf('acme', 'contacts') }, { $set: set });

const result = (more: object = {}) => ({
  asOf: AS_OF,
  endedAt: new Date(),
  contentAsOf: null,
  records: 48_210,
  found: { missing: 0, stale: 0, gone: 0, content: 0, ids: { missing: [], stale: [], gone: [] } },
  healed: 0,
  open: 0,
  unreadable: [],
  ...more,
});

const CLIFF = { reason: 'share', gone: 30, of: 100, company: null, seenAt: new Date() };

describe('audit', () => {
  test('asks the fleet, of one user or of all', async () => {
    const store = await world.store();
    const user = await world.user(store);
    const other = await world.user(store, 'other');
    const due = async (of: typeof user) =>
      (await store.audits(of))
        .filter(({ dueAt }) => dueAt.getTime() <= Date.now())
        .map(({ module }) => module);
    const { exitCode, out } = await world.say(['audit', 'acme', '--modules', 'contacts', '--wait', '0']);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringMatching(/^acme contacts: due at /) });
    expect(await due(user)).toEqual(['contacts']);
    expect((await world.say(['audit', '--deep', '--wait', '0'])).exitCode).toBe(0);
    expect(await due(user)).toEqual(MODULE_NAMES);
    expect(await due(other)).toEqual(MODULE_NAMES);
    for (const audit of await store.audits(other)) expect(audit.deep).toBe(true);
  });

  test('tells a proof, and what was found and written', async () => {
    await world.user(await world.store());
    await write({ result: result() });
    expect((await world.say(['audit', 'acme', '--modules', 'contacts', '--wait', '0'])).out).toBe(
      'acme contacts: proved equal by date as of 2026-11-30T03:12:00Z, 48,210 records',
    );
    const ids = { missing: [], stale: [], gone: [7, 9] };
    await write({
      result: result({
        contentAsOf: new Date('2026-11-01T03:10:00Z'),
        found: { missing: 0, stale: 0, gone: 2, content: 1, ids },
        healed: 3,
      }),
    });
    const { out } = await world.say(['audit', 'acme', '--modules', 'contacts', '--wait', '0']);
    expect(out.split('\n')).toEqual([
      'acme contacts: proved equal by date as of 2026-11-30T03:12:00Z, 48,210 records, each read in full since 2026-11-01T03:10:00Z; found 2 gone, 1 of other content, 3 written',
      'acme contacts:   gone: 7, 9',
    ]);
    const json = JSON.parse(
      (await world.say(['audit', 'acme', '--modules', 'contacts', '--wait', '0', '--json'])).out,
    );
    expect(json).toMatchObject([
      {
        user: 'acme',
        module: 'contacts',
        proof: { kind: 'date', equal: true, found: { gone: 2, ids } },
        cliff: null,
      },
    ]);
    expect((await world.say(['status', 'acme'])).out).toContain('acme contacts: proved equal by date as of');
  });

  test('waits for the fleet, and ends with 1 where that does not come, where it stopped, or something differs', async () => {
    const store = await world.store();
    const user = await world.user(store);
    /** Asks for an audit, and does the fleet's part once that is asked. */
    const meanwhile = async (set: Readonly<Record<string, unknown>>) => {
      await write({ dueAt: new Date('2100-01-01') });
      const said = world.say(['audit', 'acme', '--modules', 'contacts', '--wait', '30']);
      await until('it is asked for', async () => ((await store.audits(user))[2]?.dueAt ?? 0) <= new Date());
      await write(set);
      return said;
    };
    const late = await world.say(['audit', 'acme', '--modules', 'contacts', '--wait', '1']);
    expect(late).toMatchObject({ exitCode: 1, error: { message: expect.stringContaining('after 1 s') } });

    expect(await meanwhile({ status: 'stopped', cliff: CLIFF })).toMatchObject({
      exitCode: 1,
      out: expect.stringMatching(/^acme contacts: stopped: 30 of 100 records are gone at once: .*--accept/),
    });
    expect((await world.say(['status', 'acme'])).out).toContain('30 of 100 records are gone at once');

    expect(await meanwhile({ result: result({ open: 2, unreadable: [3, 4] }) })).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('2 records of 48,210 still differed'),
    });
  });

  test('--accept lets a stopped audit go on, and is refused where none has stopped', async () => {
    const store = await world.store();
    const user = await world.user(store);
    await write({ status: 'stopped', cliff: CLIFF });
    expect((await world.say(['audit', 'acme', '--accept', '--wait', '0'])).exitCode).toBe(0);
    expect((await store.audits(user))[2]).toMatchObject({ status: 'idle', cliff: null });
    expect(await world.say(['audit', 'acme', '--accept', '--wait', '0'])).toMatchObject({
      exitCode: 1,
      error: { message: expect.stringContaining('nothing to accept') },
    });
  });

  test.each([
    [['audit', '--accept'], 64, 'expected the user'],
    [['audit', 'acme', '--modules', 'crm'], 64, '"crm"'],
    [['audit', 'acme', '--wait', '-1'], 64, 'whole number of seconds'],
    [['audit', 'nobody'], 1, 'there is no user nobody'],
  ])('refuses %j', async (args, exitCode, message) => {
    await world.user(await world.store());
    expect(await world.say(args)).toMatchObject({
      exitCode,
      error: { message: expect.stringContaining(message) },
    });
  });
});

test('user accept-database takes the database that answers now, and only where that is waited for', async () => {
  const store = await world.store();
  const user = await world.user(store);
  const refused = await world.say(['user', 'accept-database', 'acme']);
  expect(refused).toMatchObject({
    exitCode: 1,
    error: { message: expect.stringContaining('does not wait') },
  });
  const at = storeTime(new Date());
  await store.needsAttention(user, { kind: 'identity', message: 'another database', at }, at);
  const { exitCode, out } = await world.say(['user', 'accept-database', 'acme']);
  expect({ exitCode, out }).toEqual({
    exitCode: 0,
    out: expect.stringContaining('is mirrored from here on'),
  });
  expect(await store.user('acme')).toMatchObject({ standing: 'active', attention: null });
});
