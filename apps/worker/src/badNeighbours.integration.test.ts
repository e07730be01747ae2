import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Credentials, ErrorKind } from '@odoo-sync/core';
import { createOdooSource, type OdooSourceOptions } from '@odoo-sync/odoo';
import { COLLECTIONS } from '@odoo-sync/store-mongo';
import { until } from '@odoo-sync/testkit';
import { createSourcePool } from './sourcePool.js';
import { type BadNeighbour, type Mischief, startBadNeighbour } from './testing/badNeighbour.js';
import {
  asking,
  FLAWS_OF_BYTES,
  FLAWS_OF_ROWS,
  flood,
  notFound,
  otherJson,
  page,
  withCalls,
} from './testing/mischief.js';
import { Strangers } from './testing/strangers.js';
import type { Tenant } from './testing/tenant.js';
import { LOGIN, TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const strangers = new Strangers();
const PARTNER = 'res.partner';
const RECORDS = 7;
const WRONG = 'e'.repeat(40);

/** Both on an Odoo 19, where the credential decides. */
const TRANSPORTS = [
  ['JSON-2', 'apiKey'],
  ['JSON-RPC', 'password'],
] as const;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await strangers.close();
});

interface Meeting extends Tenant {
  readonly neighbour: BadNeighbour;
  readonly spoolFolder: string;
  /** Changes where its Odoo is said to be. */
  readdress(set: { readonly url?: string; readonly db?: string }): Promise<void>;
}

/** A tenant whose first window fills several pages, all of which go over the disk, behind a neighbour who is good as yet. */
async function meet(
  kind: Credentials['kind'],
  options: Partial<OdooSourceOptions> & { readonly secret?: string } = {},
): Promise<Meeting> {
  const spoolFolder = mkdtempSync(join(tmpdir(), 'neighbours-'));
  closers.push(() => rmSync(spoolFolder, { recursive: true, force: true }));
  const tenant = await world.connect({ pageSize: 3, spool: { memoryBytes: 1, directory: spoolFolder } });
  tenant.odoo.create(PARTNER, RECORDS, { at: tenant.noon() });
  tenant.odoo.create(PARTNER, 2, { at: tenant.noon(1) });
  const { secret = tenant.secret, ...limits } = options;
  const open = createOdooSource({
    limitPerCall: 3,
    limitPerCallMax: 3,
    apiCallDelayMs: 0,
    requestTimeoutMs: 5_000,
    maxAnswerBytes: 1_000_000,
    lang: 'en_US',
    allow: ['loopback'],
    log: tenant.engine.log,
    ...limits,
  });
  const sources = createSourcePool(open, async () => ({ kind, login: LOGIN, secret }));
  closers.push(() => sources.close());
  Object.assign(tenant.engine, { sources });
  const neighbour = await startBadNeighbour(world.simulator.url);
  closers.push(() => neighbour.close());
  const readdress: Meeting['readdress'] = async (set) => {
    const users = world.db.collection<{ _id: string }>(COLLECTIONS.users);
    await users.updateOne({ _id: tenant.user.userKey }, { $set: set }, { writeConcern: { w: 'majority' } });
  };
  await readdress({ url: neighbour.url });
  return { ...tenant, neighbour, spoolFolder, readdress };
}

/** Files in a tenant's spool folder. Those that are open have lost their names already; only Linux tells of them. */
function spoolsOf({ spoolFolder }: Meeting): readonly string[] {
  const open = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').map(targetOf) : [];
  return [...readdirSync(spoolFolder), ...open.filter((target) => target.startsWith(spoolFolder))];
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

/** A window that failed used an attempt, says why, and left nothing behind. */
async function expectFailed(tenant: Meeting, kind: ErrorKind, message: RegExp): Promise<void> {
  expect((await tenant.window()).outcome.type).toBe('retry');
  const batch = await tenant.batch();
  expect(batch).toMatchObject({
    status: 'queued',
    attempts: 1,
    lastError: { kind, message: expect.stringMatching(message) },
  });
  expect(batch.lastError?.message).not.toMatch(/<html|Traceback|secret/);
  expect(batch.lastError?.message).not.toContain(tenant.secret);
  await expectNothingLeft(tenant);
}

async function expectNothingLeft(tenant: Meeting): Promise<void> {
  expect(await tenant.mirrored()).toEqual([]);
  expect(spoolsOf(tenant)).toEqual([]);
}

/** The process goes on, and the window comes whole as soon as the neighbour is good. */
async function expectWhole(tenant: Meeting): Promise<void> {
  expect((await tenant.window()).outcome.type).toBe('done');
  expect(await tenant.batch()).toMatchObject({ status: 'succeeded', lastError: null });
  const ids = (await tenant.mirrored()).map(({ odooId }) => odooId);
  expect(ids).toEqual(tenant.odoo.ids(PARTNER).slice(0, RECORDS));
  expect(spoolsOf(tenant)).toEqual([]);
}

describe.each(TRANSPORTS)('over %s', (_transport, kind) => {
  describe('a database', () => {
    test('whose name is wrong is told from one whose server is stopped', async () => {
      const tenant = await meet(kind);
      await tenant.readdress({ db: 'nodb' });
      await expectFailed(
        tenant,
        'configuration',
        /^Odoo has no database "nodb" that it can open, .*: check the name, and add the user anew/,
      );
      await tenant.readdress({ db: tenant.odoo.name });
      tenant.engine.sources.drop(tenant.user);
      await expectWhole(tenant);
    });

    test('whose server is stopped comes back with it', async () => {
      const tenant = await meet(kind);
      world.simulator.faults.add({ kind: 'databaseDown', times: 'always' });
      await expectFailed(tenant, 'transient', /^Odoo's database server is down, .*: start PostgreSQL/);
      world.simulator.faults.clear();
      await expectWhole(tenant);
    });

    test('whose server was restarted between two pages has no wrong name', async () => {
      const tenant = await meet(kind);
      tenant.neighbour.mischief = {
        to: 'laterPages',
        how: async ({ forward, answer }) => {
          world.simulator.faults.add({ kind: 'databaseDown' });
          const { status, type, body } = await forward();
          answer(body, type, status);
        },
      };
      await expectFailed(
        tenant,
        'transient',
        /^Odoo can't open the database "acme\d+" any more, .* is tried again/,
      );
      tenant.neighbour.mischief = null;
      await expectWhole(tenant);
    });
  });

  test('a wrong key or password uses no attempt, and asks for new credentials', async () => {
    const tenant = await meet(kind, { secret: WRONG });
    expect((await tenant.window()).outcome).toMatchObject({ type: 'delay', ms: 60_000 });
    const { attempts, lastError } = await tenant.batch();
    expect(attempts).toBe(0);
    expect(lastError).toMatchObject({
      kind: 'credentials',
      message: expect.stringMatching(/password is wrong.*: give the user .*new credentials/),
    });
    expect(lastError?.message).not.toContain(WRONG);
    await expectNothingLeft(tenant);
  });

  test.each<[what: string, how: Mischief, message: RegExp]>([
    [
      'answers with pages',
      page,
      /^expected an Odoo at http:\S+, telling its version, got \d+ bytes of text\/html \(HTTP 200\): check that/,
    ],
    [
      'answers with JSON of its own',
      otherJson,
      /^expected an Odoo .* application\/json, JSON of another kind/,
    ],
    [
      'has nothing where it is asked',
      notFound,
      /^expected an Odoo .* \(HTTP 404\): check that this is the URL/,
    ],
    [
      'answers calls with pages',
      withCalls(page),
      /^expected an answer of Odoo in JSON, got \d+ bytes of text\/html/,
    ],
    ['answers calls with 404', withCalls(notFound), /none of that name|HTTP 404: check the URL/],
  ])('a server that %s is no Odoo', async (_what, how, message) => {
    const tenant = await meet(kind);
    tenant.neighbour.mischief = { to: 'everything', how };
    await expectFailed(tenant, 'transient', message);
    tenant.neighbour.mischief = null;
    await expectWhole(tenant);
  });

  test.each<[what: string, url: () => Promise<string>, expected: ErrorKind, message: RegExp]>([
    [
      'something that speaks no HTTP',
      () => strangers.says('SSH-2.0-OpenSSH_9.6\r\n'),
      'transient',
      /^no whole answer of Odoo at http:\S+ \(HPE_\w+\): expected HTTP, got something else: check the port/,
    ],
    ['an end at once', () => strangers.says(''), 'transient', /ended before the answer was whole/],
    [
      'silence',
      () => strangers.says(null),
      'transient',
      /^expected a whole answer of Odoo at http:\S+ within 1000 ms, and none came/,
    ],
    [
      'a certificate that nobody signed',
      () => strangers.selfSigned(),
      'configuration',
      /^the certificate of Odoo at https:\S+ is not accepted .*, so nothing was sent: have it renewed/,
    ],
  ])('a port that has %s is no Odoo', async (_what, url, expected, message) => {
    const tenant = await meet(kind, { requestTimeoutMs: 1_000 });
    await tenant.readdress({ url: await url() });
    await expectFailed(tenant, expected, message);
    await tenant.readdress({ url: tenant.neighbour.url });
    await expectWhole(tenant);
  });

  test.each([...FLAWS_OF_BYTES, ...FLAWS_OF_ROWS])(
    'a later page that %s leaves nothing of its window',
    async (_what, how, message) => {
      const tenant = await meet(kind, { requestTimeoutMs: 1_000 });
      tenant.neighbour.mischief = { to: 'laterPages', how };
      await expectFailed(tenant, 'transient', message);
      tenant.neighbour.mischief = null;
      await expectWhole(tenant);
    },
  );

  test('a page of 200 MB is cut off where the limit is reached', async () => {
    const tenant = await meet(kind);
    const sent: number[] = [];
    tenant.neighbour.mischief = { to: 'laterPages', how: flood((bytes) => sent.push(bytes)) };
    await expectFailed(
      tenant,
      'transient',
      /^expected at most 1000000 bytes in an answer of Odoo at http:\S+, and more came: .* raise ODOO_MAX_ANSWER_BYTES$/,
    );
    // That of the page, and those of the smaller ones that were asked for after it.
    await until('a connection is closed', () => sent.length > 0);
    // More than the limit by what lies in the buffers between the two.
    expect(Math.max(...sent)).toBeLessThan(20_000_000);
    tenant.neighbour.mischief = null;
    await expectWhole(tenant);
  });

  test.each(['everything', 'laterPages'] as const)(
    'a redirect to another host carries no credentials there (%s)',
    async (to) => {
      const tenant = await meet(kind);
      const stranger = await strangers.answers((response) => response.end('[]'));
      const headers = { Location: `${stranger.url}/?secret` };
      tenant.neighbour.mischief = { to, how: ({ answer }) => answer('', 'text/html', 307, headers) };
      await expectFailed(
        tenant,
        'configuration',
        new RegExp(`^Odoo's URL redirects to ${stranger.url}: add the user with the URL that it leads to`),
      );
      expect(stranger.asked).toBe(0);
      tenant.neighbour.mischief = null;
      await expectWhole(tenant);
    },
  );

  test('pages cut short by a proxy lose nothing', async () => {
    const tenant = await meet(kind);
    tenant.neighbour.mischief = { to: 'laterPages', how: asking(() => ({ limit: 1 })) };
    await expectWhole(tenant);
    expect(await tenant.batch()).toMatchObject({ attempts: 0, counts: { read: RECORDS, inserted: RECORDS } });
  });
});

test('an Odoo 14 can not tell a wrong database name from a stopped server, so both are named', async () => {
  const tenant = await meet('password');
  const url = await world.simulator.listenAs(14);
  await tenant.readdress({ url, db: 'nodb' });
  await expectFailed(
    tenant,
    'transient',
    /^Odoo can't open the database "nodb": either it has none of that name, or its database server is down, .*: check both/,
  );
});

test('a key that no header can carry is never sent', async () => {
  const tenant = await meet('apiKey', { secret: `${WRONG}\r\nX-Other: 1` });
  expect((await tenant.window()).outcome.type).toBe('delay');
  const { lastError } = await tenant.batch();
  expect(lastError).toMatchObject({
    kind: 'credentials',
    message: expect.stringMatching(/^expected an API key as Odoo shows it/),
  });
  expect(lastError?.message).not.toContain(WRONG);
});

test('nothing that any of these turns told or stored holds a secret', async () => {
  const told = await world.everythingTold();
  expect(told).toContain('an attempt failed');
  expect([...world.secrets, WRONG].filter((secret) => told.includes(secret))).toEqual([]);
});
