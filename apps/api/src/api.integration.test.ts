import { describe, expect, test } from '@jest/globals';
import { MODULE_NAMES, storeTime } from '@odoo-sync/core';
import { until } from '@odoo-sync/testkit';
import { ApiWorld } from './testing/apiWorld.js';

const world = new ApiWorld({ own: true });

describe('health', () => {
  test('is one thing, and being ready another', async () => {
    const api = await world.open();
    expect(await world.ask(api, 'GET', '/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } });
    expect(await world.ask(api, 'GET', '/readyz')).toMatchObject({
      status: 200,
      json: { status: 'ready', mongodb: 'ok', redis: 'ok' },
    });
  });
});

describe('GET /status', () => {
  test('shows every user, the queue and the totals', async () => {
    const api = await world.open();
    await world.addUser(api);
    await world.failWindows(api, 'acme', 2);
    const { status, json } = await world.ask(api, 'GET', '/status');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      queue: { failed: 2, paused: false },
      notes: [],
      totals: {
        users: 1,
        needAttention: 0,
        backfilled: 0,
        windowsLeft: 12,
        failedWindows: 2,
        openResyncs: 0,
      },
      inTrouble: ['acme'],
      next: null,
    });
    expect(json.users[0]).toMatchObject({
      userKey: 'acme',
      userId: 'acme',
      standing: 'active',
      caughtUp: false,
    });
    expect(json.users[0].modules.map((one: { module: string }) => one.module)).toEqual(MODULE_NAMES);
    expect(json.users[0].modules[0]).toMatchObject({
      state: 'failing',
      windows: { total: 3, failed: 1 },
      records: 0,
    });
  });

  test('shows why a user needs attention', async () => {
    const api = await world.open();
    const user = await world.addUser(api);
    const at = storeTime(new Date());
    await api.store.needsAttention(user, { kind: 'credentials', message: 'AccessDenied', at: at }, at);
    const { json } = await world.ask(api, 'GET', '/status');
    expect(json.totals).toMatchObject({ needAttention: 1 });
    expect(json.inTrouble).toEqual(['acme']);
    expect(json.users[0].attention).toEqual({
      kind: 'credentials',
      message: 'AccessDenied',
      at: at.toISOString(),
    });
  });
});

describe('GET /status, page by page', () => {
  test('shows every user once, in the order of the keys', async () => {
    const api = await world.open();
    for (const userId of ['c', 'a', 'e', 'b', 'd']) await world.addUser(api, userId);
    const seen: string[] = [];
    let after: string | null = '';
    for (const size of [2, 2, 1]) {
      const { json } = await world.ask(api, 'GET', `/status?limit=2${after && `&after=${after}`}`);
      expect(json.users).toHaveLength(size);
      expect(json.totals).toMatchObject({ users: 5, windowsLeft: 60 });
      seen.push(...json.users.map(({ userKey }: { userKey: string }) => userKey));
      after = json.next;
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(after).toBeNull();
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=x', 'limit'],
    ['after=', 'after'],
    ['afer=a', 'afer'],
  ])('refuses ?%s', async (query, named) => {
    const { status, json } = await world.ask(await world.open(), 'GET', `/status?${query}`);
    expect(status).toBe(400);
    expect(json.message).toContain(named);
  });

  test.each([
    ['a number that is none', { clockOffMs: 'far' }],
    ['a date that is none', { outage: { openUntil: new Date(), since: 'soon' } }],
    ['an error of no kind', { 'tail.lastError': { kind: 'odd', message: 5, at: 'then' } }],
  ])('shows the others where the ledger holds %s of one user', async (_what, set) => {
    const api = await world.open();
    for (const userId of ['a', 'bad', 'c']) await world.addUser(api, userId);
    await world.patchPlan('bad', set);
    const { status, json } = await world.ask(api, 'GET', '/status');
    expect({ status, keys: json.users.map(({ userKey }: { userKey: string }) => userKey) }).toEqual({
      status: 200,
      keys: ['a', 'c'],
    });
    expect(json.notes).toEqual(['the log of the API says why nothing can be shown of bad']);
    expect(await world.ask(api, 'GET', '/dashboard')).toMatchObject({ status: 200 });
  });

  test('says that the totals are not known while they can not be had, and shows the users', async () => {
    const api = await world.open();
    await world.addUser(api);
    const url = await world.serve({ ...api, figures: async () => null });
    const { json } = await world.ask({ url }, 'GET', '/status');
    expect(json).toMatchObject({ totals: null, inTrouble: [], users: [{ userKey: 'acme' }] });
    expect((await world.ask({ url }, 'GET', '/dashboard')).text).toContain('acme');
  });
});

describe('GET /users/{id}', () => {
  test("finds a user by one rule: as it is shown, or by an id that is nobody's key", async () => {
    const api = await world.open();
    await world.addUser(api, 'bob@example.com');
    await world.addUser(api, 'bob~40example~2ecom');
    for (const [asked, userKey] of [
      ['bob@example.com', 'bob~40example~2ecom'],
      ['bob~40example~2ecom', 'bob~40example~2ecom'],
      ['bob~7e40example~7e2ecom', 'bob~7e40example~7e2ecom'],
    ] as const) {
      const { json } = await world.ask(api, 'GET', `/users/${encodeURIComponent(asked)}`);
      expect([asked, json.userKey]).toEqual([asked, userKey]);
    }
    const longest = '😀'.repeat(200);
    const { userKey: key } = await world.addUser(api, longest);
    for (const asked of [encodeURIComponent(longest), key])
      expect((await world.ask(api, 'GET', `/users/${asked}`)).status).toBe(200);
  });

  test('shows what has failed and why, by key and by id, and no password of an error', async () => {
    const api = await world.open();
    const { userKey } = await world.addUser(api, 'Blue & Co');
    const [failed] = await world.failWindows(api, userKey, 1);
    const byId = await world.ask(api, 'GET', `/users/${encodeURIComponent('Blue & Co')}`);
    const byKey = await world.ask(api, 'GET', `/users/${userKey}`);
    expect(byKey.json).toEqual(byId.json);
    expect(byKey.status).toBe(200);
    expect(byKey.json).toMatchObject({
      userKey,
      userId: 'Blue & Co',
      odoo: { url: 'https://odoo.example', db: 'acme' },
      failed: [
        {
          turnId: failed?.turnId,
          jobId: `${failed?.turnId}-1`,
          attempts: 4,
          lastError: { kind: 'transient' },
        },
      ],
      running: [],
      resyncs: [],
    });
    expect(byKey.json.failed[0].lastError.message).toContain('502 from https://admin:***@odoo.example');
  });

  test('says so when there is none', async () => {
    const api = await world.open();
    expect(await world.ask(api, 'GET', '/users/nobody')).toMatchObject({
      status: 404,
      json: { error: 'no_such_user', message: expect.stringContaining('"nobody"') },
    });
  });
});

describe('POST /users/{id}/resync', () => {
  test('without a body reads every window again, and hands the turn out at once', async () => {
    const api = await world.open();
    await world.addUser(api);
    await world.failWindows(api, 'acme', 1);
    const answer = await world.ask(api, 'POST', '/users/acme/resync');
    expect(answer).toMatchObject({ status: 202, headers: { location: '/users/acme' } });
    expect(answer.json).toMatchObject({ userKey: 'acme', modules: MODULE_NAMES, windows: 12, note: null });
    expect(await api.store.resync(answer.json.id)).toMatchObject({ status: 'queued', release: 1 });
    expect(await api.jobQueue.state(`${answer.json.id}-1`)).toBe('waiting');
    const { json } = await world.ask(api, 'GET', '/users/acme');
    expect(json.resyncs).toMatchObject([{ id: answer.json.id, windows: { total: 12, done: 0, failed: 0 } }]);
  });

  test('widens a range to whole windows', async () => {
    const api = await world.open();
    const { tilingStart } = await world.addUser(api);
    await world.failWindows(api, 'acme', 1);
    const noon = new Date(tilingStart.getTime() + 43_200_000).toISOString();
    const end = new Date(tilingStart.getTime() + 90_000_000).toISOString().replace('Z', '+00:00');
    const { status, json } = await world.ask(api, 'POST', '/users/acme/resync', {
      modules: ['contacts'],
      from: noon,
      to: end,
    });
    expect({ status, windows: json.windows, from: json.from }).toEqual({
      status: 202,
      windows: 2,
      from: tilingStart.toISOString(),
    });
  });

  test.each([
    ['an unknown module', { modules: ['crm'] }, 400, 'body.modules.0: .*"saleOrders".* but it is "crm"'],
    ['no module', { modules: [] }, 400, 'body.modules'],
    [
      'a time without a zone',
      { from: '2026-11-22T08:00:00' },
      400,
      'with its zone .* but it is "2026-11-22T08:00:00"',
    ],
    ['an unknown field', { form: '2026-11-22' }, 400, '"form"'],
    ['an empty range', { from: '2020-01-01', to: '2020-01-02' }, 422, 'its windows go from'],
    ['text that is not JSON', '{', 400, 'JSON'],
  ])('refuses %s', async (_, body, status, message) => {
    const api = await world.open();
    await world.addUser(api);
    const headers = { 'content-type': 'application/json' };
    const answer = await world.ask(api, 'POST', '/users/acme/resync', body, headers);
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ error: expect.any(String), message: expect.stringMatching(message) });
    expect((await api.store.report('acme'))?.resyncs).toEqual([]);
  });

  test('refuses for a user who is not there, or is being removed', async () => {
    const api = await world.open();
    expect((await world.ask(api, 'POST', '/users/acme/resync')).status).toBe(404);
    await api.store.beginRemoval(await world.addUser(api));
    expect(await world.ask(api, 'POST', '/users/acme/resync')).toMatchObject({
      status: 409,
      json: { error: 'being_removed' },
    });
  });
});

describe('POST /users/{id}/audit', () => {
  test('has modules audited as soon as their turn comes', async () => {
    const api = await world.open();
    const user = await world.addUser(api);
    const answer = await world.ask(api, 'POST', '/users/acme/audit', { modules: ['contacts'] });
    expect(answer).toMatchObject({
      status: 202,
      headers: { location: '/users/acme' },
      json: { userKey: 'acme', modules: ['contacts'], note: null },
    });
    // What else waits may go before it.
    const due = (await api.store.audits(user)).filter(({ dueAt }) => dueAt <= new Date());
    expect(due.map(({ module }) => module)).toEqual(['contacts']);
    expect((await world.ask(api, 'POST', '/users/acme/audit')).json.modules).toEqual(MODULE_NAMES);
    const { json } = await world.ask(api, 'GET', '/users/acme');
    expect(json.modules[2].audit).toMatchObject({ proof: null, running: null, cliff: null });
  });

  test('tells a cliff, and goes on where it is accepted', async () => {
    const api = await world.open();
    const user = await world.addUser(api);
    expect(await world.ask(api, 'POST', '/users/acme/audit/accept')).toMatchObject({
      status: 422,
      json: { error: 'not_possible', message: expect.stringContaining('nothing to accept') },
    });
    await world.db.collection('odoosyncaudits').updateOne(
      { userKey: user.userKey, module: 'contacts' },
      {
        $set: {
          status: 'stopped',
          cliff: { reason: 'share', gone: 30, of: 100, company: null, seenAt: new Date() },
        },
      },
    );
    const { json } = await world.ask(api, 'GET', '/users/acme');
    expect(json.modules[2]).toMatchObject({
      state: 'failing',
      reason: expect.stringContaining('30 of 100 records are gone at once'),
      audit: { status: 'stopped', cliff: { reason: 'share', gone: 30, of: 100 } },
    });
    expect(json.caughtUp).toBe(false);
    expect(await world.ask(api, 'POST', '/users/acme/audit/accept')).toMatchObject({
      status: 202,
      json: { modules: ['contacts'] },
    });
    expect((await api.store.audits(user))[2]).toMatchObject({ cliff: null });
  });

  test('refuses for a user who is not there, or is being removed', async () => {
    const api = await world.open();
    for (const path of ['/users/acme/audit', '/users/acme/audit/accept'])
      expect((await world.ask(api, 'POST', path)).status).toBe(404);
    await api.store.beginRemoval(await world.addUser(api));
    for (const path of ['/users/acme/audit', '/users/acme/audit/accept'])
      expect(await world.ask(api, 'POST', path)).toMatchObject({
        status: 409,
        json: { error: 'being_removed' },
      });
  });
});

describe('POST /turns/{turnId}/retry', () => {
  test('gives a failed window a new release, and takes its failed job away', async () => {
    const api = await world.open();
    await world.addUser(api);
    const [failed] = await world.failWindows(api, 'acme', 12);
    const answer = await world.ask(api, 'POST', `/turns/${failed?.turnId}/retry`);
    expect(answer).toMatchObject({
      status: 202,
      json: { turnId: failed?.turnId, userKey: 'acme', note: null },
    });
    expect(await api.jobQueue.state(`${failed?.turnId}-1`)).toBe('absent');
    expect(await api.jobQueue.state(`${failed?.turnId}-2`)).toBe('waiting');
    const again = await world.ask(api, 'POST', `/turns/${failed?.turnId}/retry`);
    expect(again).toMatchObject({ status: 409, json: { message: expect.stringContaining('is queued') } });
  });

  test('reads the windows that a resync could not', async () => {
    const api = await world.open();
    await world.addUser(api);
    await world.failWindows(api, 'acme', 1);
    const request = {
      modules: ['contacts' as const],
      from: new Date(Date.now() - 1_000),
      requestedBy: 'test',
    };
    let resync = await api.store.requestResync((await api.store.user('acme'))!, request);
    const at = storeTime(new Date());
    const error = { kind: 'access' as const, message: 'AccessError', at };
    for (const event of [
      { type: 'release', at },
      { type: 'start' },
      { type: 'fail', error, retryAt: at, final: true },
    ] as const) {
      const next = await api.store.resyncEvent(resync, event);
      if (!next) throw new Error(`the resync refused ${event.type}`);
      resync = next;
    }
    expect(resync.status).toBe('failed');
    const answer = await world.ask(api, 'POST', `/turns/${resync._id}/retry`);
    expect(answer).toMatchObject({ status: 202, json: { turnId: resync._id, userKey: 'acme', note: null } });
    expect(await api.jobQueue.state(`${resync._id}-2`)).toBe('waiting');
  });

  test('says so when there is no such turn', async () => {
    const api = await world.open();
    expect(await world.ask(api, 'POST', '/turns/acme.contacts.2026-11-22/retry')).toMatchObject({
      status: 404,
      json: { error: 'no_such_turn' },
    });
  });
});

describe('the dashboard', () => {
  test('is where the root leads, shows users and modules, and escapes what it is given', async () => {
    const api = await world.open();
    expect(await world.ask(api, 'GET', '/')).toMatchObject({
      status: 302,
      headers: { location: '/dashboard' },
    });
    const user = await world.addUser(api, '<b>Blue</b>');
    const { userKey } = user;
    await world.failWindows(api, userKey, 1);
    const at = storeTime(new Date());
    await api.store.needsAttention(user, { kind: 'credentials', message: '<i>no</i>', at: at }, at);
    const page = await world.ask(api, 'GET', '/dashboard');
    expect(page.status).toBe(200);
    expect(page.text).toContain('&lt;b&gt;Blue&lt;/b&gt;');
    expect(page.text).toContain('&lt;i&gt;no&lt;/i&gt;');
    expect(page.text).toContain('1 failed');
    expect(page.text).not.toMatch(/<b>Blue|<i>no/);
    expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  });
});

describe('the dashboard of many users', () => {
  test('shows those in trouble on the first page, wherever they stand, and leads to the rest', async () => {
    const api = await world.open();
    for (const userId of ['a', 'b', 'c', 'd', 'last & least']) await world.addUser(api, userId);
    const user = (await api.store.users({ limit: 9 })).at(-1)!;
    const at = storeTime(new Date());
    const error = { kind: 'credentials' as const, message: 'AccessDenied', at };
    await api.store.needsAttention(user, error, at);
    const namesOn = async (path: string) => {
      const { text } = await world.ask(api, 'GET', path);
      const next = /rel="next" href="([^"]*)"/.exec(text)?.[1] ?? null;
      return { names: [...text.matchAll(/class="name"[^>]*>([^<]*)/g)].map((found) => found[1]), next };
    };
    expect(await namesOn('/dashboard?limit=2')).toEqual({
      names: ['last &amp; least', 'a', 'b'],
      next: '/dashboard?after=b',
    });
    expect(await namesOn('/dashboard?limit=2&after=b')).toEqual({
      names: ['c', 'd'],
      next: '/dashboard?after=d',
    });
    expect(await namesOn('/dashboard?after=d')).toEqual({ names: ['last &amp; least'], next: null });
    expect((await namesOn('/dashboard')).names).toHaveLength(5);
  });
});

describe('pages of other sites', () => {
  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
  ])('can not press anything: %s', async (_, headers) => {
    const api = await world.open();
    await world.addUser(api);
    await world.failWindows(api, 'acme', 1);
    for (const [method, url] of [
      ['POST', '/users/acme/resync'],
      ['PUT', '/queues/api/queues/turns/retry/failed'],
    ] as const) {
      const answer = await world.ask(api, method, url, undefined, headers);
      expect(answer.status).toBe(403);
    }
    expect((await api.store.report('acme'))?.resyncs).toEqual([]);
    expect(await api.turns.getFailedCount()).toBe(1);
  });

  test('can not come by a name that was rebound to this machine', async () => {
    const api = await world.open();
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:3000'])
      expect((await world.ask(api, 'GET', '/status', undefined, { host })).status).toBe(403);
    for (const host of ['127.0.0.1:3000', 'localhost:3000', '[::1]:3000'])
      expect((await world.ask(api, 'GET', '/healthz', undefined, { host })).status).toBe(200);
  });

  test("this API's own pages can", async () => {
    const api = await world.open();
    const own = { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' };
    expect(
      (await world.ask(api, 'PUT', '/queues/api/queues/turns/retry/failed', undefined, own)).status,
    ).toBe(200);
  });
});

describe('anything else', () => {
  test('is a 404 in JSON', async () => {
    const api = await world.open();
    expect(await world.ask(api, 'POST', '/nothing')).toMatchObject({
      status: 404,
      json: { error: 'no_such_route', message: expect.stringContaining('POST /nothing') },
    });
  });

  test('is in the OpenAPI', async () => {
    const api = await world.open();
    const { json } = await world.ask(api, 'GET', '/docs/json');
    expect(json.openapi).toBe('3.1.0');
    expect(Object.keys(json.paths).sort()).toEqual([
      '/healthz',
      '/readyz',
      '/status',
      '/turns/{turnId}/retry',
      '/users/{id}',
      '/users/{id}/audit',
      '/users/{id}/audit/accept',
      '/users/{id}/explain',
      '/users/{id}/resync',
      '/users/{id}/wake',
    ]);
    const body = json.paths['/users/{id}/resync'].post.requestBody.content['application/json'].schema;
    expect(JSON.stringify(body)).toContain('"saleOrders"');
  });

  test('a fault nobody foresaw says no more than where it is logged', async () => {
    const api = await world.open();
    const broken = { ...api.store, reports: () => Promise.reject(new Error('mongodb://u:p@h broke')) };
    const url = await world.serve({ ...api, store: broken });
    const answer = await world.ask({ url }, 'GET', '/status');
    expect(answer).toMatchObject({ status: 500, json: { error: 'internal' } });
    expect(answer.text).not.toContain('mongodb:');
  });
});

describe('while Redis is away', () => {
  test('requests are kept, the status is shown, and being ready is denied', async () => {
    const api = await world.open();
    await world.addUser(api);
    const [failed] = await world.failWindows(api, 'acme', 1);
    await world.redis.kill('SIGKILL');
    try {
      await until('the loss is seen', () => api.connection.redis.status !== 'ready');
      expect((await world.ask(api, 'GET', '/healthz')).status).toBe(200);
      expect(await world.ask(api, 'GET', '/readyz')).toMatchObject({
        status: 503,
        json: {
          error: 'not_ready',
          mongodb: 'ok',
          redis: 'unreachable',
          message: expect.stringContaining('Redis'),
        },
      });
      const { status, json } = await world.ask(api, 'GET', '/status');
      expect({ status, queue: json.queue, users: json.users.length }).toEqual({
        status: 200,
        queue: null,
        users: 1,
      });
      expect(json.notes).toEqual([expect.stringContaining('Redis at 127.0.0.1')]);
      expect((await world.ask(api, 'GET', '/dashboard')).text).toContain('Redis at 127.0.0.1');

      const resync = await world.ask(api, 'POST', '/users/acme/resync', { modules: ['contacts'] });
      expect(resync).toMatchObject({
        status: 202,
        json: { note: expect.stringContaining('kept in the ledger') },
      });
      expect(await api.store.resync(resync.json.id)).toMatchObject({ modules: ['contacts'] });
      const retry = await world.ask(api, 'POST', `/turns/${failed?.turnId}/retry`);
      expect(retry).toMatchObject({
        status: 202,
        json: { note: expect.stringContaining('kept in the ledger') },
      });
    } finally {
      await world.redis.restart();
    }
    await until('it is connected again', () => api.connection.redis.status === 'ready');
    expect((await world.ask(api, 'GET', '/readyz')).status).toBe(200);
    expect((await world.ask(api, 'GET', '/status')).json.queue).not.toBeNull();
  });

  test('a Redis that hangs holds nobody up for long', async () => {
    const api = await world.open();
    await world.addUser(api);
    await world.failWindows(api, 'acme', 1);
    world.redis.signal('SIGSTOP');
    try {
      const began = performance.now();
      expect((await world.ask(api, 'GET', '/status')).json.queue).toBeNull();
      expect((await world.ask(api, 'POST', '/users/acme/resync')).status).toBe(202);
      expect(performance.now() - began).toBeLessThan(8_000);
    } finally {
      world.redis.signal('SIGCONT');
    }
  });
});

describe('while MongoDB is away', () => {
  test('every answer says so', async () => {
    const api = await world.open();
    await world.addUser(api);
    const member = await world.mongo.primary();
    await member.kill('SIGKILL');
    try {
      expect(await world.ask(api, 'GET', '/readyz')).toMatchObject({
        status: 503,
        json: { mongodb: 'unreachable', redis: 'ok', message: expect.stringContaining('MongoDB') },
      });
      expect(await world.ask(api, 'GET', '/status')).toMatchObject({
        status: 503,
        json: { error: 'store_unavailable' },
      });
    } finally {
      await member.restart();
    }
    await until('it is ready again', async () => (await world.ask(api, 'GET', '/readyz')).status === 200);
  });
});
