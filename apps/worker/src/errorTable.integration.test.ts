import { describe, expect, test } from '@jest/globals';
import { type ErrorKind, outcomeOf, type User } from '@odoo-sync/core';
import type { Fault } from '@odoo-sync/simulator';
import { COLLECTIONS } from '@odoo-sync/store-mongo';
import { must, until } from '@odoo-sync/testkit';
import type { Tenant } from './testing/tenant.js';
import { LOGIN, TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const HOUR_MS = 3_600_000;
const PARTNER = 'res.partner';

/** Odoo's versions on both sides of the change of transports. */
const TRANSPORTS = [
  ['JSON-2', 19],
  ['JSON-RPC', 17],
] as const;

type Shape<F> = F extends { readonly match?: unknown } ? Omit<F, 'match' | 'times'> : never;

/** Arms a fault for the readings of windows of a user's contacts. */
const arm = (
  { odoo }: Tenant,
  fault: Shape<Fault>,
  times: number | 'always' = 1,
  match: Fault['match'] = { window: true },
): number =>
  world.simulator.faults.add({
    ...fault,
    times,
    match: { db: odoo.name, model: PARTNER, method: 'search_read', ...match },
  } as Fault);

const asked = (): number => world.simulator.log.totals.requests;

/** Requests for the version, with which every session begins. */
const sessions = (): number =>
  world.simulator.log.since().filter(({ method }) => method === 'common.version').length;

const userOf = async ({ engine, user }: Tenant): Promise<User> =>
  must(await engine.store.user(user.userKey), 'the user is gone');

const past = (ms = 1_000): Date => new Date(Date.now() - ms);

/** What contacts the mirror holds, against what Odoo holds. */
async function expectInStep(tenant: Tenant): Promise<void> {
  const { odoo } = tenant;
  const mirrored = await tenant.mirrored();
  expect(mirrored.map(({ odooId, name, active }) => ({ id: odooId, name, active }))).toEqual(
    odoo.rows(PARTNER, odoo.ids(PARTNER), ['name', 'active']),
  );
}

async function expectLaneFree({ engine, user }: Tenant): Promise<void> {
  const turn = { ...user, kind: 'tail', turnId: 'a-look', release: 1 } as const;
  const grant = await engine.store.takeLane(turn, 'contacts');
  expect(grant).toHaveProperty('lane');
  if ('lane' in grant) await grant.lane.giveBack({ end: 'noop', pages: 0, counts: null });
}

describe.each(TRANSPORTS)('over %s', (_name, version) => {
  const TRANSIENT: readonly (readonly [string, Shape<Fault>])[] = [
    ['HTTP 502', { kind: 'status', status: 502 }],
    ['a reset connection', { kind: 'reset' }],
    ['psycopg2.OperationalError', { kind: 'odooError', name: 'psycopg2.OperationalError' }],
    ['half an answer', { kind: 'truncate' }],
    ['something that is no JSON', { kind: 'garbage' }],
    ["an HTML 404, as of a database that can't be had", { kind: 'html404' }],
  ];
  test.each(TRANSIENT)('%s uses an attempt, and the next one reads the window', async (_what, fault) => {
    // Pages of one record: of a larger one, half would be asked for at once.
    const tenant = await world.connect({ version, pageSize: 1 });
    tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
    arm(tenant, fault);
    expect((await tenant.window()).outcome.type).toBe('retry');
    expect(await tenant.batch()).toMatchObject({
      status: 'queued',
      attempts: 1,
      lastError: { kind: 'transient' },
    });
    expect(await tenant.mirrored()).toEqual([]);

    expect((await tenant.window()).outcome.type).toBe('done');
    expect(await tenant.batch()).toMatchObject({
      status: 'succeeded',
      attempts: 1,
      retries: 1,
      lastError: null,
    });
    await expectInStep(tenant);
  });

  test('four transient faults leave the window failed, with its last error, while its lane goes on', async () => {
    const tenant = await world.connect({ version, pageSize: 1 });
    tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
    tenant.odoo.create(PARTNER, 2, { at: tenant.noon(1) });
    for (const kind of ['reset', 'garbage', 'garbage'] as const) arm(tenant, { kind });
    arm(tenant, { kind: 'status', status: 503 });
    const outcomes: string[] = [];
    for (let n = 0; n < 4; n++) outcomes.push((await tenant.window()).outcome.type);
    expect(outcomes).toEqual(['retry', 'retry', 'retry', 'fail']);
    expect(await tenant.batch()).toMatchObject({
      status: 'failed',
      attempts: 4,
      lastError: { kind: 'transient', message: expect.stringContaining('503') },
    });
    expect(await tenant.mirrored()).toEqual([]);

    expect((await tenant.window('contacts', 1)).outcome.type).toBe('done');
    expect(await tenant.mirrored()).toHaveLength(2);
  });

  test('throttling delays the job as long as it was told, uses no attempt, and holds whatever else the user has', async () => {
    const tenant = await world.connect({ version });
    const headers = { 'Retry-After': '7' };
    arm(tenant, { kind: 'status', status: 429, headers }, 2);
    const other = await tenant.released('saleOrders');
    expect((await tenant.window()).outcome).toMatchObject({ type: 'delay', ms: 7_000 });
    expect(await tenant.batch()).toMatchObject({
      status: 'queued',
      attempts: 0,
      lastError: { kind: 'throttled' },
    });
    expect((await tenant.plan()).paceMs).toBe(1_000);

    const before = asked();
    const held = (await tenant.run(other)).outcome;
    expect(held).toMatchObject({ type: 'delay' });
    expect(held.type === 'delay' && held.ms > 0 && held.ms <= 7_000).toBe(true);
    expect((await tenant.tail()).outcome.type).toBe('delay');
    expect(asked()).toBe(before);
    expect(await tenant.batch('saleOrders')).toMatchObject({ status: 'queued', attempts: 0 });

    await tenant.patchPlan({ holdUntil: past() });
    expect((await tenant.window()).outcome.type).toBe('delay');
    expect((await tenant.plan()).paceMs).toBe(2_000);

    await tenant.patchPlan({ holdUntil: past() });
    const paces: number[] = [];
    // Windows without records: between pages, the pace would be waited out.
    for (const day of [0, 1, 2]) {
      await tenant.window('saleOrders', day);
      paces.push((await tenant.plan()).paceMs);
    }
    await tenant.window('invoices');
    paces.push((await tenant.plan()).paceMs);
    expect(paces).toEqual([1_000, 500, 250, 0]);
  });

  test('a rejected key is looked at twice before the user needs attention, and no window pays for it', async () => {
    const tenant = await world.connect({ version });
    tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
    arm(tenant, { kind: 'garbage' });
    await tenant.window();
    const other = await tenant.released('saleOrders');

    tenant.odoo.changeUser(LOGIN, { keyExpired: true });
    expect((await tenant.window()).outcome).toMatchObject({ type: 'delay', ms: 60_000 });
    expect((await userOf(tenant)).standing).toBe('active');
    expect(await tenant.batch()).toMatchObject({
      status: 'queued',
      attempts: 1,
      lastError: { kind: 'credentials' },
    });
    const second = must((await tenant.plan()).suspectUntil, 'no second look is noted').getTime() - Date.now();
    expect(second).toBeGreaterThan(50_000);
    expect(second).toBeLessThanOrEqual(60_000);
    expect((await tenant.window()).outcome.type).toBe('delay');

    await tenant.patchPlan({ suspectUntil: past(), holdUntil: past() });
    expect((await tenant.window()).outcome.type).toBe('done');
    const user = await userOf(tenant);
    expect(user).toMatchObject({ standing: 'needs_attention', attention: { kind: 'credentials' } });
    expect(await tenant.batch()).toMatchObject({ status: 'pending', attempts: 1 });

    const before = asked();
    expect((await tenant.run(other)).outcome.type).toBe('done');
    expect(asked()).toBe(before);
    expect(await tenant.batch('saleOrders')).toMatchObject({ status: 'pending', attempts: 0 });
    const probe = (await tenant.plan()).tail.dueAt.getTime() - Date.now();
    expect(probe).toBeGreaterThan(0.9 * HOUR_MS);
    expect(probe).toBeLessThanOrEqual(HOUR_MS);
  });

  test('new credentials bring a user back at once, and every window of it', async () => {
    const tenant = await world.connect({ version });
    tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
    tenant.odoo.changeUser(LOGIN, { keyExpired: true });
    await tenant.window();
    await tenant.patchPlan({ suspectUntil: past(), holdUntil: past() });
    await tenant.window();
    expect((await userOf(tenant)).standing).toBe('needs_attention');

    const secret = 'f'.repeat(30) + tenant.secret.slice(0, 10);
    world.secrets.push(secret);
    tenant.odoo.changeUser(LOGIN, { keyExpired: false, apiKey: secret });
    await tenant.engine.store.setCredentials(tenant.user, { kind: 'apiKey', login: LOGIN, secret });
    expect(await userOf(tenant)).toMatchObject({ standing: 'active', attention: null });
    await tenant.drain();
    expect(await tenant.batch()).toMatchObject({ status: 'succeeded', lastError: null });
    expect((await tenant.plan()).suspectUntil).toBeNull();
    await expectInStep(tenant);
  });

  test('the hourly probe restores a user whose key works again, and no earlier', async () => {
    const tenant = await world.connect({ version });
    tenant.odoo.changeUser(LOGIN, { keyExpired: true });
    expect((await tenant.tail()).outcome.type).toBe('done');
    expect((await userOf(tenant)).standing).toBe('active');
    await tenant.patchPlan({ suspectUntil: past(), holdUntil: past() });
    await tenant.tail();
    expect((await userOf(tenant)).standing).toBe('needs_attention');

    const { release } = (await tenant.plan()).tail;
    const turn = {
      kind: 'tail',
      userKey: tenant.user.userKey,
      life: tenant.user.life,
      turnId: `tail-${tenant.user.userKey}`,
      release,
    } as const;
    const before = asked();
    const early = (await tenant.run(turn)).outcome;
    expect(early.type === 'delay' && early.ms > 0.9 * HOUR_MS).toBe(true);
    expect(asked()).toBe(before);

    const opened = sessions();
    await tenant.tail();
    expect(asked()).toBeGreaterThan(before);
    expect((await userOf(tenant)).standing).toBe('needs_attention');
    // A session under rejected credentials isn't kept.
    expect(sessions()).toBeGreaterThan(opened);

    tenant.odoo.changeUser(LOGIN, { keyExpired: false });
    await tenant.tail();
    expect(await userOf(tenant)).toMatchObject({ standing: 'active', attention: null });
    expect((await tenant.plan()).suspectUntil).toBeNull();
  });

  test('a model that can not be read makes its module unavailable; the others go on, and a probe brings it back', async () => {
    const tenant = await world.connect({ version });
    const { odoo } = tenant;
    odoo.create(PARTNER, 3, { at: tenant.noon() });
    odoo.create('account.move', 2, { at: tenant.noon() });
    odoo.changeUser(LOGIN, { unreadable: ['account.move'] });
    await tenant.drain();
    expect((await tenant.plan()).modules.invoices).toMatchObject({
      state: 'unavailable',
      reason: { kind: 'access' },
    });
    for (const day of [0, 1, 2])
      expect(await tenant.batch('invoices', day)).toMatchObject({ status: 'pending', attempts: 0 });
    for (const module of ['contacts', 'saleOrders', 'employees'] as const)
      expect((await tenant.batch(module)).status).toBe('succeeded');
    await expectInStep(tenant);

    odoo.changeUser(LOGIN, { unreadable: [] });
    const before = tenant.requests('search_read', 'account.move');
    await tenant.tail();
    expect(tenant.requests('search_read', 'account.move')).toBe(before);
    await tenant.patchPlan({ 'modules.invoices.probeAt': past() });
    await tenant.tail();
    expect((await tenant.plan()).modules.invoices).toMatchObject({
      state: 'active',
      reason: null,
      probeAt: null,
    });
    await tenant.drain();
    expect((await tenant.batch('invoices')).status).toBe('succeeded');
  });

  test('a model that can not be read any more ends a window of its module without an attempt', async () => {
    const tenant = await world.connect({ version });
    await tenant.window();
    tenant.odoo.changeUser(LOGIN, { unreadable: [PARTNER] });
    expect((await tenant.window('contacts', 1)).outcome.type).toBe('done');
    expect((await tenant.plan()).modules.contacts.state).toBe('unavailable');
    expect(await tenant.batch('contacts', 1)).toMatchObject({ status: 'pending', attempts: 0 });
    expect((await userOf(tenant)).standing).toBe('active');
  });

  test('a field that is withdrawn between two pages is dropped, recorded and unset, and the window succeeds', async () => {
    const tenant = await world.connect({ version, pageSize: 2 });
    const { odoo } = tenant;
    odoo.create(PARTNER, 5, { at: tenant.noon() });
    await tenant.window();
    expect((await tenant.mirrored())[0]).toHaveProperty('credit_limit');

    odoo.create(PARTNER, 5, { at: tenant.noon(1) });
    odoo.write(PARTNER, [1], { at: tenant.noon(1) });
    const described = tenant.requests('fields_get');
    // A page is asked for while the one before is handled: two are on their way when the first is told.
    const { outcome, lines } = await tenant.window('contacts', 1, {
      onLog: (line) => {
        if (line.startsWith('page 1'))
          odoo.changeUser(LOGIN, { hiddenFields: { [PARTNER]: ['credit_limit'] } });
      },
    });
    expect(outcome.type).toBe('done');
    expect(lines.join('\n')).toMatch(/asked for again/);
    expect(tenant.requests('fields_get')).toBeGreaterThan(described);
    expect(await tenant.batch('contacts', 1)).toMatchObject({ attempts: 0, retries: 0, lastError: null });
    const { fields, retired } = await tenant.schema();
    expect((await tenant.plan()).modules.contacts.dropped).toContain('credit_limit');
    expect(fields.fields.map(({ name }) => name)).not.toContain('credit_limit');
    expect(retired).toEqual(['credit_limit']);
    await expectInStep(tenant);
    const [rewritten] = await tenant.mirrored();
    expect(rewritten).not.toHaveProperty('credit_limit');
    expect(world.said.some((line) => line.includes('the fields of a module changed'))).toBe(true);
  });

  test('a field that Odoo does not know any more is dropped by a window and by a tail', async () => {
    const tenant = await world.connect({ version });
    tenant.odoo.create(PARTNER, 2, { at: tenant.noon() });
    await tenant.window();
    const gone = async () => {
      const { fields } = (await tenant.schema()).fields;
      const set = {
        version: 'another',
        'fields.fields': [...fields, { name: 'x_gone', type: 'char' }],
        retired: [],
      };
      const { userKey, life } = tenant.user;
      await world.db
        .collection(COLLECTIONS.schemas)
        .updateOne({ userKey, life, module: 'contacts' }, { $set: set });
      await tenant.patchPlan({ 'modules.contacts.schema': 'another' });
    };
    await gone();
    expect((await tenant.window('contacts', 1)).outcome.type).toBe('done');
    expect((await tenant.schema()).retired).toEqual(['x_gone']);

    await gone();
    tenant.odoo.create(PARTNER, 1);
    await tenant.tail();
    expect((await tenant.plan()).tail.lastError).toBeNull();
    expect((await tenant.schema()).retired).toEqual(['x_gone']);
    await expectInStep(tenant);
  });

  test('short pages, as a proxy cuts them, lose nothing of a window', async () => {
    const tenant = await world.connect({ version });
    tenant.odoo.create(PARTNER, 11, { at: tenant.noon() });
    arm(tenant, { kind: 'shortPages', rows: 3 }, 'always');
    await tenant.window();
    expect(await tenant.batch()).toMatchObject({ status: 'succeeded', counts: { read: 11, inserted: 11 } });
    await expectInStep(tenant);
  });

  test('short pages, as a proxy cuts them, lose nothing of a tail', async () => {
    const tenant = await world.connect({ version });
    tenant.odoo.create(PARTNER, 7);
    arm(tenant, { kind: 'shortPages', rows: 3 }, 'always', {});
    await tenant.tail();
    await expectInStep(tenant);
  });

  test.each([
    ['an exception in Odoo', { kind: 'odooError', name: 'builtins.TypeError' }, 'odoo'],
    [
      'a redirect',
      { kind: 'status', status: 301, headers: { Location: 'https://elsewhere.example/' } },
      'configuration',
    ],
  ] as const)('%s fails the attempt loudly', async (_what, fault, kind: ErrorKind) => {
    const tenant = await world.connect({ version });
    tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
    arm(tenant, fault as Shape<Fault>, 'always');
    expect((await tenant.window()).outcome.type).toBe('retry');
    expect(await tenant.batch()).toMatchObject({ status: 'queued', attempts: 1, lastError: { kind } });
    const { _id } = await tenant.batch();
    expect(world.said.some((line) => line.includes('an attempt failed') && line.includes(_id))).toBe(true);
  });

  test('a secret that Odoo says back is not kept', async () => {
    const tenant = await world.connect({ version });
    arm(
      tenant,
      { kind: 'odooError', name: 'builtins.ValueError', message: `no such key: ${tenant.secret}` },
      'always',
    );
    await tenant.window();
    const { lastError } = await tenant.batch();
    expect(lastError?.message).toContain('no such key: ***');
  });
});

describe('a broken page', () => {
  const KINDS = [
    'unsorted',
    'duplicate',
    'withoutWriteDate',
    'outsideWindow',
    'belowLastId',
    'tooMany',
    'withoutId',
  ] as const;
  test.each(KINDS)('(%s, after a good one) fails the attempt and leaves no record', async (how) => {
    const tenant = await world.connect({ pageSize: 3 });
    tenant.odoo.create(PARTNER, 8, { at: tenant.noon() });
    arm(tenant, { kind: 'tamper', how }, 1, { window: true, afterPages: 1 });
    expect((await tenant.window()).outcome.type).toBe('retry');
    expect(await tenant.batch()).toMatchObject({
      status: 'queued',
      attempts: 1,
      lastError: { kind: 'transient', message: expect.stringContaining('broken') },
    });
    expect(await tenant.mirrored()).toEqual([]);
    expect((await tenant.window()).outcome.type).toBe('done');
    await expectInStep(tenant);
  });

  test('in a tail leaves the module as it was, and the next tail makes good', async () => {
    const tenant = await world.connect();
    await tenant.drain();
    tenant.odoo.create(PARTNER, 4);
    tenant.odoo.create('hr.employee', 2);
    const { lastPass } = (await tenant.plan()).modules.contacts;
    arm(tenant, { kind: 'tamper', how: 'duplicate' }, 1, {});
    expect((await tenant.tail()).outcome).toMatchObject({
      type: 'done',
      result: { error: expect.any(String) },
    });
    expect((await tenant.plan()).tail.lastError?.kind).toBe('transient');
    expect((await tenant.plan()).modules.contacts.lastPass).toEqual(lastPass);
    expect(await tenant.mirrored()).toEqual([]);
    await tenant.tail();
    expect((await tenant.plan()).tail.lastError).toBeNull();
    await expectInStep(tenant);
    expect(await tenant.mirrored('employees')).toHaveLength(2);
  });
});

describe('a turn whose worker is told to stop', () => {
  const hung = ({ odoo }: Tenant) =>
    until('a request hangs', () =>
      world.simulator.log.since().some(({ db, fault }) => db === odoo.name && fault === 'hang'),
    );

  test('hands a window back from the middle of a request, without an attempt, its lane free', async () => {
    const tenant = await world.connect({ pageSize: 2 });
    tenant.odoo.create(PARTNER, 5, { at: tenant.noon() });
    arm(tenant, { kind: 'hang' }, 1, { window: true, afterPages: 1 });
    const stop = new AbortController();
    const turn = await tenant.released();
    const running = tenant.run(turn, { signal: stop.signal });
    await hung(tenant);
    stop.abort();
    expect((await running).outcome).toEqual(outcomeOf('handedBack', { type: 'handBack' }));
    expect(await tenant.batch()).toMatchObject({
      status: 'queued',
      release: turn.release,
      attempts: 0,
      expiries: 0,
    });
    expect(await tenant.mirrored()).toEqual([]);
    await expectLaneFree(tenant);
    expect((await tenant.run(turn)).outcome.type).toBe('done');
    await expectInStep(tenant);
  });

  test('hands a tail back under the same number, its lane free', async () => {
    const tenant = await world.connect();
    await tenant.drain();
    tenant.odoo.create(PARTNER, 3);
    arm(tenant, { kind: 'hang' }, 1, {});
    const stop = new AbortController();
    const { release } = (await tenant.plan()).tail;
    const running = tenant.tail({ signal: stop.signal });
    await hung(tenant);
    stop.abort();
    expect((await running).outcome).toEqual(outcomeOf('handedBack', { type: 'handBack' }));
    expect((await tenant.plan()).tail).toMatchObject({ status: 'queued', release });
    await expectLaneFree(tenant);
    await tenant.tail();
    await expectInStep(tenant);
  });
});

describe('a tail', () => {
  test('brings edits, new records and archived ones, and says that the user changed', async () => {
    const tenant = await world.connect();
    const { odoo } = tenant;
    odoo.create(PARTNER, 6, { at: tenant.noon() });
    await tenant.drain();
    await expectInStep(tenant);

    odoo.write(PARTNER, [2], { values: { name: 'Renamed' } });
    odoo.archive(PARTNER, [3]);
    odoo.create(PARTNER, 2);
    const { outcome, lines } = await tenant.tail();
    expect(outcome).toEqual(outcomeOf('succeeded', { type: 'done', result: { changed: true } }));
    expect(lines).toContain('contacts: 4 changed, 0 windows to be read again');
    const mirrored = await tenant.mirrored();
    expect(mirrored).toHaveLength(8);
    expect(mirrored[1]?.name).toBe('Renamed');
    expect(mirrored[2]?.active).toBe(false);
    await expectInStep(tenant);
    const next = must(
      [...tenant.jobs.values()].find(({ kind }) => kind === 'tail'),
      'no next tail is queued',
    );
    expect(next.delayMs).toBeGreaterThan(0);
    expect(next.delayMs).toBeLessThanOrEqual(10_000);
  });

  test('leaves out a record that is deleted between its two readings, and keeps the others', async () => {
    let deleted = false;
    const tenant: Tenant = await world.connect({
      wrap: (store) => ({
        ...store,
        async differing(user, module, rows) {
          if (module === 'contacts' && rows.length > 0 && !deleted) {
            deleted = true;
            tenant.odoo.unlink(PARTNER, [2]);
          }
          return store.differing(user, module, rows);
        },
      }),
    });
    tenant.odoo.create(PARTNER, 3);
    expect((await tenant.tail()).outcome).toEqual(
      outcomeOf('succeeded', { type: 'done', result: { changed: true } }),
    );
    expect(deleted).toBe(true);
    expect((await tenant.mirrored()).map(({ odooId }) => odooId)).toEqual([1, 3]);
  });

  test('that meets more changes than it may take commits none of them, and makes their window due', async () => {
    const tenant = await world.connect({ settings: { tailMax: 5 } });
    const { odoo } = tenant;
    odoo.create(PARTNER, 6);
    odoo.create('hr.employee', 2);
    await tenant.drain();
    const before = await tenant.mirrored();
    expect(before).toHaveLength(6);

    odoo.write(PARTNER, odoo.ids(PARTNER));
    odoo.write('hr.employee', [1], { values: { name: 'Renamed' } });
    const { lines } = await tenant.tail();
    expect(lines).toContain('contacts: 0 changed, 1 windows to be read again');
    expect(await tenant.mirrored()).toEqual(before);
    expect((await tenant.mirrored('employees'))[0]?.name).toBe('Renamed');
    const window = await tenant.batch('contacts', 2);
    expect([...tenant.jobs.values()]).toContainEqual(
      expect.objectContaining({ kind: 'seal', turnId: window._id, release: window.release }),
    );
    await tenant.drain();
    await expectInStep(tenant);
    expect((await tenant.batch('contacts', 2)).status).toBe('open');
  });

  test('looks back 48 hours once an hour, and has sealed windows read again that hold too much', async () => {
    const tenant = await world.connect({ settings: { tailMax: 3 } });
    const { odoo } = tenant;
    await tenant.drain();
    odoo.create(PARTNER, 2, { at: tenant.noon(1) });
    await tenant.tail();
    expect(await tenant.mirrored()).toEqual([]);
    await tenant.patchPlan({ 'modules.contacts.lastWide': past(2 * HOUR_MS) });
    await tenant.tail();
    await expectInStep(tenant);

    const { status } = await tenant.batch('contacts', 1);
    odoo.create(PARTNER, 4, { at: tenant.noon(1) });
    await tenant.patchPlan({ 'modules.contacts.lastWide': past(2 * HOUR_MS) });
    await tenant.tail();
    expect(await tenant.mirrored()).toHaveLength(2);
    await tenant.drain();
    await expectInStep(tenant);
    expect((await tenant.batch('contacts', 1)).status).toBe(status);
  });
});

describe('a window larger than its memory', () => {
  test('goes over the disk into the mirror unchanged', async () => {
    const tenant = await world.connect({ pageSize: 10, spool: { memoryBytes: 1 } });
    tenant.odoo.create(PARTNER, 45, { at: tenant.noon() });
    expect((await tenant.window()).outcome.type).toBe('done');
    expect(await tenant.batch()).toMatchObject({ status: 'succeeded', counts: { inserted: 45 } });
    await expectInStep(tenant);
  });

  test('fails by the name of the setting where its folder can not be written to', async () => {
    const tenant = await world.connect({ spool: { memoryBytes: 1, directory: '/no-such-folder' } });
    tenant.odoo.create(PARTNER, 2, { at: tenant.noon() });
    expect((await tenant.window()).outcome.type).toBe('retry');
    expect((await tenant.batch()).lastError).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('SPOOL_DIR'),
    });
    expect(await tenant.mirrored()).toEqual([]);
    await expectLaneFree(tenant);
  });
});

describe('a second reading', () => {
  test('of what has not changed writes nothing', async () => {
    const tenant = await world.connect();
    const { odoo, engine, user } = tenant;
    odoo.create(PARTNER, 4, { at: tenant.noon() });
    odoo.create('sale.order', 4, { at: tenant.noon() });
    odoo.create(PARTNER, 2);
    await tenant.drain();
    const before = [await tenant.mirrored(), await tenant.mirrored('saleOrders')];
    expect(before.map(({ length }) => length)).toEqual([6, 4]);

    // An order's expected date is the second of the request.
    world.simulator.clock.advance(5_000);
    try {
      const { _id } = await engine.store.requestResync(user, {
        modules: ['contacts', 'saleOrders'],
        requestedBy: 'a test',
      });
      await tenant.drain();
      expect(await engine.store.resync(_id)).toMatchObject({ status: 'succeeded', failures: [] });
      await tenant.tail();
    } finally {
      world.simulator.clock.set(new Date());
    }
    expect([await tenant.mirrored(), await tenant.mirrored('saleOrders')]).toEqual(before);
    const turns = await world.db
      .collection(COLLECTIONS.turns)
      .find({ userKey: user.userKey, kind: 'resync', 'counts.read': { $gt: 0 } })
      .toArray();
    expect(turns.map(({ counts }) => counts)).toEqual(
      turns.map(({ counts }) => ({ read: counts.read, inserted: 0, updated: 0, unchanged: counts.read })),
    );
    expect(turns.length).toBeGreaterThanOrEqual(2);
  });
});

test('nothing that any of these turns told or stored holds a secret', async () => {
  const told = await world.everythingTold();
  expect(told).toContain('an attempt failed');
  expect(told).toContain('"sealed"');
  expect(world.secrets.length).toBeGreaterThan(40);
  expect(world.secrets.filter((secret) => told.includes(secret))).toEqual([]);
});
