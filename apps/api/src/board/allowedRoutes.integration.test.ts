import { appRoutes } from '@bull-board/api/dist/routes.js';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { jobIdOf } from '@odoo-sync/core';
import { type Api, ApiWorld } from '../testing/apiWorld.js';

/** Who adds to these lists has looked at what the route does, and to whose jobs. */
const LET_THROUGH = [
  'GET /api/job-schedulers',
  'GET /api/queues',
  'GET /api/queues/:queueName/:jobId',
  'GET /api/queues/:queueName/:jobId/flow',
  'GET /api/queues/:queueName/:jobId/logs',
  'GET /api/queues/:queueName/default-job-options',
  'GET /api/queues/:queueName/job-data-schema',
  'GET /api/queues/:queueName/metrics',
  'GET /api/queues/:queueName/rate-limit',
  'GET /api/queues/:queueName/workers',
  'GET /api/redis/stats',
  'PUT /api/queues/:queueName/:jobId/promote',
  'PUT /api/queues/:queueName/:jobId/retry',
  'PUT /api/queues/:queueName/pause',
  'PUT /api/queues/:queueName/resume',
  'PUT /api/queues/:queueName/retry/:queueStatus',
];
/** Every route that the installed library has, by its own table. */
const ROUTES = appRoutes.api.flatMap(({ method, route }) =>
  [method].flat().flatMap((one) => [route].flat().map((path) => `${one.toUpperCase()} ${path}`)),
);
const REFUSED = ROUTES.filter((route) => !LET_THROUGH.includes(route));
/** The ids under which BullMQ would take a key of the queue's own for a job. */
const KEYS = ['meta', 'wait', 'failed', 'events', 'id', 'delayed'];

const world = new ApiWorld();
let api: Api;
let failed: string;

beforeEach(async () => {
  api = await world.open();
  await world.addUser(api);
  const [turn] = await world.failWindows(api, 'acme', 1);
  if (!turn) throw new Error('nothing failed');
  failed = jobIdOf(turn.turnId, turn.release);
  await api.turns.pause();
});

/** All that Redis holds of the fleet's queues. */
async function held(): Promise<Record<string, string>> {
  const { redis } = api.connection;
  const keys = (await redis.keys(`${world.prefix.replace(/[{}]/g, '?')}:*`)).sort();
  const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  return Object.fromEntries(keys.map((key, n) => [key, dumps[n]?.toString('base64') ?? '']));
}

const pathOf = (route: string, jobId: string, queue = 'turns') =>
  `/queues${(route.split(' ')[1] ?? '')
    .replace(':queueName', queue)
    .replace(':jobId', encodeURIComponent(jobId))
    .replace(':queueStatus', 'failed')
    .replace(':schedulerId', 'tick')}`;
const BODY = {
  force: true,
  concurrency: 1,
  max: 1,
  duration: 1,
  name: 'x',
  data: {},
  jobData: {},
  delay: 0,
  priority: 1,
};

/** The same path, as a client, a proxy or a typist may spell it. */
const spellings = (path: string): readonly string[] => [
  path,
  `${path}/`,
  `${path}?x=1`,
  `/${path}`,
  path.replace('/api/', '//api/'),
  path.replace('/api/', '/api/./'),
  path.replace('/api/', '/x/../api/'),
  path.replace('/api/', '/%61pi/'),
  path.replace('/api/', '%2Fapi/'),
  path.replaceAll('/', '%2F').replace('%2F', '/'),
  path.replace('/queues', '/%71ueues').replace('/api/', '/Api/'),
  path.replace('/api/', '/api;x=1/'),
  path.replace('/turns/', '/%74urns/'),
  path.replace(/[a-z]([a-z-]+)$/, (word) => `%${word.charCodeAt(0).toString(16)}${word.slice(1)}`),
  path.toUpperCase(),
  path.replace('/queues/', '/Queues/'),
  path.replace('/api/', '/API/'),
];

describe('of the routes that Bull Board has', () => {
  test('somebody has looked at each that is let through', () => {
    expect(LET_THROUGH.filter((route) => !ROUTES.includes(route))).toEqual([]);
    expect(REFUSED.length).toBeGreaterThan(15);
    expect(REFUSED.filter((route) => route.startsWith('GET '))).toEqual([]);
  });

  test.each(LET_THROUGH)('%s answers', async (route) => {
    await api.turns.resume();
    const [method] = route.split(' ') as ['GET' | 'PUT'];
    const answer = await world.ask(api, method, pathOf(route, failed));
    // A failed job can't be promoted: BullMQ says so, which shows that it was asked.
    if (route.endsWith('promote')) expect(answer.text).toContain('not in the delayed state');
    else expect([200, 204]).toContain(answer.status);
  });

  test.each(REFUSED)('%s changes nothing, however it is spelled', async (route) => {
    const [method] = route.split(' ') as ['PUT'];
    const before = await held();
    for (const queue of ['turns', 'tick']) {
      for (const jobId of [failed, 'meta', 'wait']) {
        const plain = pathOf(route, jobId, queue);
        for (const path of jobId === 'meta' ? spellings(plain) : [plain]) {
          const answer = await world.ask(api, method, path, BODY);
          expect({ path, status: answer.status, text: answer.text }).toEqual({
            path,
            status: 405,
            text: expect.stringContaining(
              'expected Retry, Promote, Pause or Resume: the queue only carries what the ledger releases',
            ),
          });
        }
      }
    }
    expect(await held()).toEqual(before);
    expect(await api.turns.isPaused()).toBe(true);
  });

  test.each(['POST', 'PATCH', 'DELETE', 'OPTIONS'])('none takes %s', async (method) => {
    const before = await held();
    for (const route of ROUTES) {
      const answer = await world.ask(api, method as 'POST', pathOf(route, 'meta'));
      expect([route, answer.status]).toEqual([route, 405]);
    }
    expect(await held()).toEqual(before);
  });

  test.each(KEYS)('none takes the key "%s" of the queue for a job', async (key) => {
    const before = await held();
    for (const what of ['retry', 'promote', 'clean', 'update-data'] as const) {
      const answer = await world.ask(api, 'PUT', `/queues/api/queues/turns/${key}/${what}`);
      expect([what, answer.status]).toEqual([what, what === 'retry' || what === 'promote' ? 404 : 405]);
    }
    expect((await world.ask(api, 'GET', `/queues/api/queues/turns/${key}`)).status).toBe(404);
    expect(await held()).toEqual(before);
  });
});
