import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { batchIdOf } from '@odoo-sync/core';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { midnight } from './harness/days.js';
import type { AppProcess } from './harness/process.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

const PREFIX = '{odoo-sync}';
const MIB = 1_048_576;

/** As a job of the engine's own holds it. */
const turn = (userKey: string, more: object = {}) => ({
  kind: 'backfill',
  userKey,
  doc: batchIdOf(userKey, 'contacts', midnight(2)),
  release: 1,
  module: 'contacts',
  windowStart: midnight(2).toISOString(),
  windowEnd: midnight(1).toISOString(),
  ...more,
});

/** What somebody might add by hand, and what its error says. */
const BAD: readonly (readonly [string, unknown, string])[] = [
  ['a text', 'tail', 'expected object, but it is "tail"'],
  ['a number', 7, 'expected object, but it is 7'],
  ['a list', [1, 2], 'expected object, but it is a list'],
  ['nothing', null, 'expected object'],
  ['an empty object', {}, 'kind: .*but it is absent; userKey: .*; doc: .*; release: .*; module: .*'],
  [
    'an unknown kind',
    turn('acme', { kind: 'purge' }),
    'kind: .*expected one of .*"tail".* but it is "purge"',
  ],
  ['a user that is a number', turn('acme', { userKey: 7 }), 'userKey: .*expected string.* but it is 7'],
  ['a release that is a text', turn('acme', { release: '1' }), 'release: .*expected number, but it is "1"'],
  ['a release that is broken', turn('acme', { release: 1.5 }), 'release: .* but it is 1.5'],
  ['an unknown module', turn('acme', { module: 'leads' }), 'module: .*expected one of .* but it is "leads"'],
  ['a time that is none', turn('acme', { windowStart: 'noon' }), 'windowStart: .* but it is "noon"'],
  ['a field that no turn has', turn('acme', { secret: 'hunter2' }), 'Unrecognized key: "secret"'],
  [
    'an object for a name',
    turn('acme', { doc: { $gt: '' } }),
    'doc: .*expected string.* but it is an object',
  ],
  [
    "another day's document",
    turn('acme', { doc: 'acme.contacts.1999-01-01' }),
    'doc: expected "acme.contacts.2.*" but it is "acme.contacts.1999-01-01"|doc: expected "acme\\.contacts\\.\\d{4}-\\d\\d-\\d\\d", as kind, .* but it is "acme.contacts.1999-01-01"',
  ],
  [
    "another user's document",
    turn('other', { doc: turn('acme').doc }),
    'doc: expected "other\\.contacts\\..*", as kind, userKey, module and windowStart say, but it is "acme\\.contacts\\.',
  ],
  [
    "another user's tail",
    { ...turn('other'), kind: 'tail', doc: 'tail-acme' },
    'doc: expected "tail-other".* but it is "tail-acme"',
  ],
  ['eight MiB of a user', turn('a'.repeat(8 * MIB)), 'userKey: .*<=20000 characters, but it is "a+…'],
  [
    'ten thousand fields',
    Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`field${n}`, n])),
    'and 1 more|Unrecognized keys',
  ],
];

describe('jobs that somebody put by hand', () => {
  let world: World;
  let queue: Queue;
  let redis: Redis;
  let worker: AppProcess;
  let api: string;

  const ask = (path: string, init?: RequestInit) =>
    fetch(`${api}${path}`, { ...init, signal: AbortSignal.timeout(20_000) });
  const failed = (id: string) =>
    until(`${id} has failed`, async () =>
      (await queue.getJobState(id)) === 'failed' ? queue.getJob(id) : null,
    );

  beforeAll(async () => {
    world = await createWorld({
      databases: [{ name: 'acme', seed: 3, models: { 'res.partner': { count: 60, days: 3 } } }],
      settings: { INITIAL_SYNC_RANGE_DAYS: '3', API_PORT: '0' },
    });
    redis = new Redis(world.redis.url);
    queue = new Queue('turns', { connection: redis, prefix: PREFIX });
    await world.addUser('acme');
    await world.addUser('acme', 'other');
    await world.start('scheduler');
    worker = await world.start('worker');
    api = String((await world.start('api')).logged('ready')[0]?.url);
    await world.caughtUp(['acme', 'other']);
  }, 120_000);
  afterAll(async () => {
    await queue?.close();
    redis?.disconnect();
    await world?.close();
  });

  /** The ids of failed jobs, page by page as Bull Board's page asks for them. */
  async function failedOnTheBoard(): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let page = 1; ; page++) {
      const answer = await ask(
        `/queues/api/queues?activeQueue=turns&status=failed&page=${page}&jobsPerPage=10`,
      );
      expect({ page, status: answer.status }).toEqual({ page, status: 200 });
      const { queues } = (await answer.json()) as { queues: { name: string; jobs: { id: string }[] }[] };
      const jobs = queues.find(({ name }) => name === 'turns')?.jobs ?? [];
      if (jobs.length === 0) return ids;
      ids.push(...jobs.map(({ id }) => id));
    }
  }

  const ledger = () => world.db.collection('odoosyncbatches').find().sort({ _id: 1 }).toArray();

  test('fail at once, each saying what was expected and what came; ledger and mirror stay as they were', async () => {
    const before = await ledger();
    for (const [index, [name, data]] of BAD.entries())
      await queue.add(name, data, { jobId: `bad-${index}`, attempts: 4, backoff: 60_000 });
    for (const [index, [name, , message]] of BAD.entries()) {
      const job = await failed(`bad-${index}`);
      const reason = job?.failedReason ?? '';
      expect({ name, reason }).toEqual({
        name,
        reason: expect.stringMatching(
          `^the job's data is not a turn \\([^]*(?:${message})[^]*\\): somebody else put it there, and it may be left: the ledger puts what is due$`,
        ),
      });
      expect({ name, length: reason.length < 3_000, made: job?.attemptsMade }).toEqual({
        name,
        length: true,
        made: 1,
      });
      expect(reason).not.toContain('hunter2');
    }
    expect(await ledger()).toEqual(before);
    expect(worker.logged('a job that is no turn')).toHaveLength(BAD.length);
    expect(worker.lines.every((line) => line.length < 20_000)).toBe(true);
  });

  test('of a user who is not there, or not any more, are done without a word to anybody', async () => {
    const gone = turn('ghost');
    for (const [id, data] of [
      ['ghost-window', gone],
      [
        'ghost-tail',
        { ...gone, kind: 'tail', doc: 'tail-ghost', module: null, windowStart: null, windowEnd: null },
      ],
      ['ghost-resync', { ...gone, kind: 'resync', doc: 'resync-0' }],
    ] as const) {
      await queue.add(data.kind, data, { jobId: id, attempts: 4 });
      const job = await until(`${id} is done`, async () =>
        (await queue.getJobState(id)) === 'completed' ? queue.getJob(id) : null,
      );
      expect({ id, result: job?.returnvalue }).toEqual({ id, result: 'superseded' });
    }
    for (const name of ['odoosyncusers', 'odoosyncplans', 'odoosynclanes', 'odoosyncfences'])
      expect(await world.db.collection(name).countDocuments({ _id: /ghost/ as never })).toBe(0);
  });

  test('leave Bull Board, the API and the worker in order', async () => {
    const shown = await failedOnTheBoard();
    expect(shown).toEqual(expect.arrayContaining(BAD.map((_, index) => `bad-${index}`)));
    for (const [index] of BAD.entries())
      expect({ index, status: (await ask(`/queues/api/queues/turns/bad-${index}`)).status }).toEqual({
        index,
        status: 200,
      });
    expect((await ask('/queues/queue/turns?status=failed')).status).toBe(200);
    const status = await ask('/status');
    expect(await status.json()).toMatchObject({ queue: { failed: expect.any(Number) }, users: [{}, {}] });
    expect((await ask('/dashboard')).status).toBe(200);

    const request = await ask('/users/acme/resync', { method: 'POST' });
    expect(request.status).toBe(202);
    const { id } = (await request.json()) as { id: string };
    await until(
      'the request is fulfilled',
      async () => (await world.store.resync(id))?.status === 'succeeded',
    );
    expect(await world.differences('acme')).toEqual([]);
    expect(await world.differences('acme', 'other')).toEqual([]);
  });

  test('can be retried in Bull Board, and not taken away there', async () => {
    expect((await ask('/queues/api/queues/turns/bad-0/retry', { method: 'PUT' })).status).toBe(204);
    await until('it has failed again', async () => (await queue.getJobState('bad-0')) === 'failed');
    for (const [index] of BAD.entries())
      expect((await ask(`/queues/api/queues/turns/bad-${index}/clean`, { method: 'PUT' })).status).toBe(405);
    expect(await queue.getFailedCount()).toBe(BAD.length);
  });

  test('whose data is no JSON at all fail too, and keep no other job from running', async () => {
    await queue.pause();
    await queue.add('broken', {}, { jobId: 'broken' });
    await redis.hset(queue.toKey('broken'), 'data', '{half');
    await queue.resume();
    await until('it has failed', async () => (await queue.getJobState('broken')) === 'failed');
    expect(await redis.hget(queue.toKey('broken'), 'failedReason')).toContain(
      'expected object, but it is "{half"',
    );
    expect(await failedOnTheBoard()).toContain('broken');
    expect((await ask('/queues/api/queues?activeQueue=turns&status=latest')).status).toBe(200);
    const { id } = (await (await ask('/users/acme/resync', { method: 'POST' })).json()) as { id: string };
    await until(
      'the request is fulfilled',
      async () => (await world.store.resync(id))?.status === 'succeeded',
    );
  });
});
