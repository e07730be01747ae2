import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openConnection, openQueue } from '@odoo-sync/queue';
import { askMonitor, metricOf } from './harness/monitor.js';
import type { AppProcess } from './harness/process.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

const USER = 'tenant-seventy-seven';
/** Figures of a look that failed are looked for again after 15 s, or twenty times as long as it took to fail. */
const BACK_MS = 90_000;

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const withPromtool = hasPromtool ? test : test.skip;

let world: World;
let scheduler: AppProcess;
let worker: AppProcess;
let api: AppProcess;

beforeAll(async () => {
  world = await createWorld({
    databases: [{ name: 'acme', seed: 31, models: { 'res.partner': { count: 60, days: 5 } } }],
    settings: { INITIAL_SYNC_RANGE_DAYS: '5', API_PORT: '0', SHUTDOWN_GRACE_MS: '20000' },
  });
  [scheduler, worker, api] = await Promise.all([
    world.start('scheduler'),
    world.start('worker'),
    world.start('api'),
  ]);
  await world.addUser('acme', USER);
  await world.caughtUp([USER]);
}, 180_000);
afterAll(() => world?.close());

const each = () => [scheduler, worker, api];

describe('the monitor of each program', () => {
  test('says that it lives and is ready', async () => {
    for (const app of each()) {
      expect(await askMonitor(app, '/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } });
      expect(await askMonitor(app, '/readyz')).toMatchObject({
        status: 200,
        json: { status: 'ready', mongodb: 'ok', redis: 'ok' },
      });
      expect(await metricOf(app, 'odoo_sync_dependency_up{dependency="mongodb"}')).toBe(1);
      expect(await metricOf(app, 'odoo_sync_dependency_up{dependency="redis"}')).toBe(1);
    }
  });

  test('shows what the worker did', async () => {
    const mirrored = await world.db.collection('odoocontacts').countDocuments({ userId: USER });
    expect(mirrored).toBeGreaterThan(0);
    expect(await metricOf(worker, 'odoo_sync_records_total{module="contacts",change="inserted"}')).toBe(
      mirrored,
    );
    for (const series of [
      'odoo_sync_turns_total{kind="tail",module="contacts",outcome="succeeded"}',
      'odoo_sync_turns_total{kind="backfill",module="contacts",outcome="succeeded"}',
      'odoo_sync_odoo_request_duration_seconds_count{transport="json2",outcome="ok"}',
      'odoo_sync_odoo_request_duration_seconds_count{transport="web",outcome="ok"}',
    ])
      expect(await metricOf(worker, series)).toBeGreaterThan(0);
    expect(
      await metricOf(worker, 'odoo_sync_turns_total{kind="backfill",module="contacts",outcome="failed"}'),
    ).toBe(0);
    expect(await metricOf(worker, 'odoo_sync_worker_slots')).toBe(4);
  });

  test('shows the fleet at the scheduler', async () => {
    await until(
      'the look after the user was caught up',
      async () => (await metricOf(scheduler, 'odoo_sync_user_backfill_windows_left_bucket{le="0"}')) === 1,
      BACK_MS,
    );
    expect(await metricOf(scheduler, 'odoo_sync_users{state="active"}')).toBe(1);
    expect(await metricOf(scheduler, 'odoo_sync_user_freshness_seconds_bucket{le="120"}')).toBe(1);
    expect(await metricOf(scheduler, 'odoo_sync_failed_batches{error="transient"}')).toBe(0);
    expect(await metricOf(scheduler, 'odoo_sync_queue_jobs{state="completed"}')).toBeGreaterThan(0);
    const last = (await metricOf(scheduler, 'odoo_sync_last_tick_timestamp_seconds')) ?? 0;
    expect(Date.now() / 1_000 - last).toBeLessThan(30);
    expect(await metricOf(scheduler, 'odoo_sync_tick_faults_total')).toBe(0);
  });

  test('names no user, no Odoo and no document in any of it', async () => {
    for (const app of each()) {
      const { text } = await askMonitor(app, '/metrics');
      expect(text).toContain('odoo_sync_build_info');
      for (const word of [USER, 'acme', new URL(world.simulatorUrl).port]) expect(text).not.toContain(word);
    }
  });

  withPromtool(`passes "promtool check metrics"${hasPromtool ? '' : ': install prometheus'}`, async () => {
    for (const app of each()) {
      const { text } = await askMonitor(app, '/metrics');
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: text,
        encoding: 'utf8',
      });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    }
  });
});

test('/scale tells at once what waits, runs and is due', async () => {
  const own = await world.start('scheduler', { QUEUE_PREFIX: '{scale}', SCHEDULER_INTERVAL_MS: '600000' });
  expect((await askMonitor(own, '/scale')).json).toEqual({ turns: 0, waiting: 0, running: 0, due: 0 });
  const connection = await openConnection(world.redis.url, { role: 'cli' });
  const queue = openQueue(connection, '{scale}');
  try {
    for (const id of ['a', 'b', 'c']) await queue.add('backfill', {}, { jobId: `${id}-1` });
    await queue.add('backfill', {}, { jobId: 'later-1', delay: 600_000 });
    await queue.add('backfill', {}, { jobId: 'now-1', delay: 1 });
    await until('one is due', async () => (await askMonitor(own, '/scale')).json.due === 1);
    expect((await askMonitor(own, '/scale')).json).toEqual({ turns: 4, waiting: 3, running: 0, due: 1 });
  } finally {
    await queue.obliterate({ force: true });
    await queue.close();
    await connection.disconnect();
    await own.end();
  }
});

describe('while a server is away', () => {
  const expectSilent = async (dependency: 'mongodb' | 'redis') => {
    const up = `odoo_sync_dependency_up{dependency="${dependency}"}`;
    for (const app of each()) {
      await until(`its loss is seen by ${app.pid}`, async () => (await metricOf(app, up)) === 0);
      expect(await askMonitor(app, '/healthz')).toMatchObject({ status: 200 });
      expect(await askMonitor(app, '/readyz')).toMatchObject({
        status: 503,
        json: { [dependency]: 'unreachable' },
      });
    }
    expect(await metricOf(worker, 'odoo_sync_worker_slots')).toBe(4);
  };
  const expectBack = async (dependency: 'mongodb' | 'redis', figure: string) => {
    for (const app of each())
      await until(`${app.pid} is ready again`, async () => (await askMonitor(app, '/readyz')).status === 200);
    expect(await metricOf(scheduler, `odoo_sync_dependency_up{dependency="${dependency}"}`)).toBe(1);
    await until(
      'its figures are back',
      async () => (await metricOf(scheduler, figure)) !== undefined,
      BACK_MS,
    );
  };

  test('the metrics of a Redis are gone, and all others are served', async () => {
    await world.redis.kill('SIGKILL');
    await expectSilent('redis');
    const jobs = 'odoo_sync_queue_jobs{state="waiting"}';
    await until('its figures are gone', async () => (await metricOf(scheduler, jobs)) === undefined, BACK_MS);
    expect(await metricOf(scheduler, 'odoo_sync_queue_oldest_waiting_seconds')).toBeUndefined();
    expect(await metricOf(scheduler, 'odoo_sync_users{state="active"}')).toBe(1);
    expect(await askMonitor(scheduler, '/scale')).toMatchObject({
      status: 503,
      json: { error: 'unavailable' },
    });
    expect(scheduler.logged('the queue could not be looked at: its figures are left out')).toHaveLength(1);
    await world.redis.restart();
    await expectBack('redis', jobs);
  }, 240_000);

  test('the metrics of a MongoDB are gone, and all others are served', async () => {
    const [member] = world.mongo.members;
    await member?.kill('SIGKILL');
    await expectSilent('mongodb');
    const users = 'odoo_sync_users{state="active"}';
    await until(
      'its figures are gone',
      async () => (await metricOf(scheduler, users)) === undefined,
      BACK_MS,
    );
    expect(await metricOf(scheduler, 'odoo_sync_breakers_open')).toBeUndefined();
    expect(await metricOf(scheduler, 'odoo_sync_user_freshness_seconds_count')).toBeUndefined();
    expect(await metricOf(scheduler, 'odoo_sync_queue_jobs{state="waiting"}')).toBeDefined();
    await member?.restart();
    await expectBack('mongodb', users);
  }, 240_000);
});

test('a worker that was told to stop lives and is not ready, until its turns have ended', async () => {
  const own = await world.start('worker');
  await worker.end();
  // Whatever is asked next is answered late.
  await world.simulator.call('faults.add', { kind: 'latency', ms: 4_000, times: 'always' } as never);
  await until('it runs a turn', async () => ((await metricOf(own, 'odoo_sync_worker_busy_slots')) ?? 0) > 0);
  own.signal('SIGTERM');
  const stopped = await until('it is told', async () => {
    const answer = await askMonitor(own, '/readyz');
    return answer.status === 503 && answer;
  });
  expect(stopped.json).toMatchObject({ error: 'stopping' });
  expect(await askMonitor(own, '/healthz')).toMatchObject({ status: 200 });
  expect(await metricOf(own, 'odoo_sync_worker_busy_slots')).toBeGreaterThan(0);
  await world.simulator.call('faults.clear', {});
  expect(await own.exited).toBe(0);
}, 120_000);
