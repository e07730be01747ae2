import { describe, expect, test } from '@jest/globals';
import { type Store, SUPERSEDED, type User } from '@odoo-sync/core';
import type { Fault } from '@odoo-sync/simulator';
import { COLLECTIONS } from '@odoo-sync/store-mongo';
import { must, until } from '@odoo-sync/testkit';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';
const TODAY = 2;

/** What a scrape shows under a name, without the series that stand at zero: labels and value. */
async function counted(tenant: Tenant, name: string): Promise<readonly string[]> {
  const lines = (await tenant.scrape()).split('\n');
  return lines
    .filter((line) => line.startsWith(`odoo_sync_${name}`) && !line.endsWith(' 0'))
    .map((line) => line.slice(`odoo_sync_${name}`.length));
}

const arm = ({ odoo }: Tenant, fault: object, times: number): void =>
  void world.simulator.faults.add({
    ...fault,
    times,
    match: { db: odoo.name, model: PARTNER, method: 'search_read', window: true },
  } as Fault);

/** A lane's lease ends now, whatever its holder does. */
const expireLane = (userKey: string) =>
  world.db
    .collection<{ _id: string }>(COLLECTIONS.lanes)
    .updateOne({ _id: userKey }, { $set: { 'lanes.contacts.expiresAt': new Date(0) } });

/** Another worker's turn in the same lane. */
async function takeOver(store: Store, { userKey, life }: User) {
  const turnId = `tail-${userKey}`;
  const grant = await store.takeLane({ kind: 'tail', userKey, life, turnId, release: 9 }, 'contacts');
  if (!('lane' in grant)) throw new Error('the lane is taken');
  return grant.lane;
}

describe("a worker's metrics", () => {
  test('count what windows and tails read and changed', async () => {
    const tenant = await world.connect({ pageSize: 2 });
    const ids = tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
    const today = new Date();
    tenant.odoo.create(PARTNER, 2, { at: today });
    await tenant.window();
    expect(await counted(tenant, 'records_total')).toEqual(['{module="contacts",change="inserted"} 3']);
    // Two full pages and the empty one that ends the window.
    expect(await counted(tenant, 'pages_total')).toEqual(['{module="contacts"} 2']);

    await tenant.window('contacts', TODAY);
    tenant.odoo.write(PARTNER, tenant.odoo.ids(PARTNER).slice(-1), {
      at: today,
      values: { name: 'Changed' },
    });
    await tenant.window('contacts', TODAY);
    expect(await counted(tenant, 'records_total')).toEqual([
      '{module="contacts",change="inserted"} 5',
      '{module="contacts",change="replaced"} 1',
      '{module="contacts",change="unchanged"} 1',
    ]);
    expect(await counted(tenant, 'turns_total')).toEqual([
      '{kind="backfill",module="contacts",outcome="succeeded"} 3',
    ]);
    expect(await counted(tenant, 'window_duration_seconds_count')).toEqual([
      '{kind="backfill",module="contacts"} 3',
    ]);
    expect(await counted(tenant, 'commit_duration_seconds_count')).toEqual(['{kind="backfill"} 3']);

    tenant.odoo.write(PARTNER, ids.slice(0, 1), { at: new Date(), values: { name: 'Again' } });
    await tenant.tail();
    expect(await counted(tenant, 'records_total{module="contacts",change="replaced"}')).toEqual([' 2']);
    expect(await counted(tenant, 'commit_duration_seconds_count{kind="tail"}')).toEqual([' 1']);
    expect(await counted(tenant, 'turns_total{kind="tail"')).toEqual(
      ['saleOrders', 'invoices', 'contacts', 'employees'].map(
        (module) => `,module="${module}",outcome="succeeded"} 1`,
      ),
    );
    expect((await counted(tenant, 'released_turns_total')).length).toBe(1);
    expect(await counted(tenant, 'odoo_request_duration_seconds_count{transport="json2"')).toEqual([
      expect.stringMatching(/^,outcome="ok"\} \d+$/),
    ]);
  });

  test.each([
    ['json2', 19],
    ['jsonrpc', 17],
  ] as const)(
    'count failed attempts, the last one apart, and what %s answered',
    async (transport, version) => {
      const tenant = await world.connect({ version });
      tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
      arm(tenant, { kind: 'garbage' }, 4);
      for (let attempt = 0; attempt < 4; attempt++) await tenant.window();
      expect(await counted(tenant, 'turns_total')).toEqual([
        '{kind="backfill",module="contacts",outcome="failed"} 1',
        '{kind="backfill",module="contacts",outcome="retried"} 3',
      ]);
      const requests = `odoo_request_duration_seconds_count{transport="${transport}"`;
      expect(await counted(tenant, requests)).toEqual(
        expect.arrayContaining([',outcome="transient"} 4', expect.stringMatching(/^,outcome="ok"\} \d+$/)]),
      );
      expect(await counted(tenant, 'records_total')).toEqual([]);
      expect(await counted(tenant, 'window_duration_seconds_count')).toEqual([]);
    },
  );

  test('tell turns that were put off, withdrawn, handed back, or had nothing to do', async () => {
    const tenant = await world.connect();
    tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
    const turn = { ...(await tenant.released()), module: 'contacts' as const };
    const lane = await takeOver(tenant.engine.store, tenant.user);
    expect((await tenant.run(turn)).outcome.type).toBe('delay');
    await lane.giveBack({ end: 'noop', pages: 0, counts: null });
    expect((await tenant.run({ ...turn, release: turn.release + 1 })).outcome).toEqual(SUPERSEDED);
    expect(await counted(tenant, 'turns_total')).toEqual([
      '{kind="backfill",module="contacts",outcome="noop"} 2',
    ]);

    arm(tenant, { kind: 'status', status: 429, headers: { 'Retry-After': '1' } }, 1);
    await tenant.window();
    await tenant.patchPlan({ holdUntil: null });
    arm(tenant, { kind: 'hang' }, 1);
    const stop = new AbortController();
    const running = tenant.window('contacts', 0, { signal: stop.signal });
    await until('a request hangs', () =>
      world.simulator.log.since().some(({ db, fault }) => db === tenant.odoo.name && fault === 'hang'),
    );
    stop.abort();
    expect((await running).outcome.type).toBe('handBack');
    expect(
      await counted(tenant, 'odoo_request_duration_seconds_count{transport="json2",outcome="ended"'),
    ).toEqual(['} 1']);
    expect(
      await counted(tenant, 'odoo_request_duration_seconds_count{transport="json2",outcome="throttled"'),
    ).toEqual(['} 1']);
    expect(
      await counted(tenant, 'turns_total{kind="backfill",module="contacts",outcome="handed_back"}'),
    ).toEqual([' 2']);

    await world.db
      .collection<{ _id: string }>(COLLECTIONS.users)
      .updateOne({ _id: tenant.user.userKey }, { $set: { standing: 'needs_attention' } });
    await tenant.window();
    expect(
      await counted(tenant, 'turns_total{kind="backfill",module="contacts",outcome="withdrawn"}'),
    ).toEqual([' 1']);
  });

  test('count a commit that the fence refused', async () => {
    let others: Awaited<ReturnType<typeof takeOver>> | undefined;
    const tenant = await world.connect({
      wrap: (store) => ({
        ...store,
        async commitBatch(...args) {
          await expireLane(args[0].user.userKey);
          others = await takeOver(store, args[0].user);
          return store.commitBatch(...args);
        },
      }),
    });
    tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
    await tenant.window();
    await must(others, 'no lane was taken').giveBack({ end: 'noop', pages: 0, counts: null });
    expect(await counted(tenant, 'refused_commits_total')).toEqual([' 1']);
    expect(await counted(tenant, 'turns_total')).toEqual([
      '{kind="backfill",module="contacts",outcome="noop"} 1',
    ]);
    expect(await counted(tenant, 'records_total')).toEqual([]);
    expect(await counted(tenant, 'commit_duration_seconds_count')).toEqual([]);
    expect(await tenant.mirrored()).toEqual([]);
  });

  test('count a lease that expired without an outcome', async () => {
    const tenant = await world.connect();
    const turn = await tenant.released();
    const dead = await tenant.engine.store.takeLane(turn, 'contacts');
    const batch = await tenant.batch();
    await tenant.engine.store.batchEvent(batch, { type: 'start' });
    await expireLane(tenant.user.userKey);
    expect((await tenant.run(turn)).outcome.type).toBe('done');
    if ('lane' in dead) await dead.lane.giveBack({ end: 'noop', pages: 0, counts: null });
    expect(await counted(tenant, 'expired_leases_total')).toEqual([' 1']);
    expect(await counted(tenant, 'turns_total')).toEqual([
      '{kind="backfill",module="contacts",outcome="succeeded"} 1',
    ]);
  });

  test('know nobody: no user, address or document is in them', async () => {
    const tenant = await world.connect();
    tenant.odoo.create(PARTNER, 3, { at: tenant.noon() });
    arm(tenant, { kind: 'garbage' }, 1);
    await tenant.window();
    await tenant.window();
    await tenant.drain();
    const scrape = await tenant.scrape();
    expect(scrape).toContain('odoo_sync_records_total{module="contacts",change="inserted"} 3');
    for (const secret of [
      tenant.user.userKey,
      tenant.user.login,
      tenant.secret,
      new URL(world.simulator.url).host,
    ])
      expect(scrape).not.toContain(secret);
  });
});
