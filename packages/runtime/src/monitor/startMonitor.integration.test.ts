import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HTTP_LIMITS } from '../httpLimits.js';
import { createRegistry } from './metrics.js';
import type { Part } from './parts.js';
import { type Monitor, startMonitor } from './startMonitor.js';

let monitor: Monitor;
let stopping: AbortController;
let mongodb: () => Promise<void>;
let logged: string[];

const log = {
  debug: () => {},
  warn: (_: object, message: string) => logged.push(message),
} as unknown as Parameters<typeof startMonitor>[0]['log'];
const start = (port = 0, host = '127.0.0.1') =>
  startMonitor({ host, port, registry: createRegistry(), stopping: stopping.signal, log });
const PARTS: readonly Part[] = [
  { name: 'mongodb', title: 'MongoDB', ping: () => mongodb() },
  { name: 'redis', title: 'Redis at 127.0.0.1:6379', ping: async () => {} },
];

beforeEach(async () => {
  stopping = new AbortController();
  mongodb = async () => {};
  logged = [];
  monitor = await start();
});
afterEach(() => monitor.close());

async function ask(path: string) {
  const answer = await fetch(`${monitor.url}${path}`);
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json');
  return { status: answer.status, text, json: isJson ? JSON.parse(text) : null };
}

describe('the monitor of a process', () => {
  test('lives from its start, and is ready when it is up, until it is told to stop', async () => {
    expect(await ask('/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } });
    expect(await ask('/readyz')).toMatchObject({ status: 503, json: { error: 'starting' } });
    monitor.up({ parts: PARTS });
    expect(await ask('/readyz')).toEqual({
      status: 200,
      text: expect.anything(),
      json: { status: 'ready', mongodb: 'ok', redis: 'ok' },
    });
    stopping.abort();
    expect(await ask('/readyz')).toMatchObject({ status: 503, json: { error: 'stopping' } });
    expect(await ask('/healthz')).toMatchObject({ status: 200 });
    expect(await ask('/metrics')).toMatchObject({ status: 200 });
  });

  test('tells which part is away, in its probe and its metrics', async () => {
    expect((await ask('/metrics')).text).not.toMatch(/^odoo_sync_dependency_up\{/m);
    monitor.up({ parts: PARTS });
    mongodb = async () => {
      throw new Error('no primary');
    };
    expect(await ask('/readyz')).toMatchObject({
      status: 503,
      json: {
        error: 'not_ready',
        message: 'no answer from MongoDB: check that it runs and can be reached',
        mongodb: 'unreachable',
        redis: 'ok',
      },
    });
    const { status, text } = await ask('/metrics');
    expect(status).toBe(200);
    expect(text).toContain('odoo_sync_dependency_up{dependency="mongodb"} 0\n');
    expect(text).toContain('odoo_sync_dependency_up{dependency="redis"} 1\n');
    mongodb = async () => {};
    expect((await ask('/metrics')).text).toContain('odoo_sync_dependency_up{dependency="mongodb"} 1\n');
  });

  test('tells the version, and of the process what Prometheus knows by its usual names', async () => {
    const { text } = await ask('/metrics');
    expect(text).toMatch(/^odoo_sync_build_info\{version="\d+\.\d+\.\d+[^"]*"\} 1$/m);
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_seconds',
    ])
      expect(text).toMatch(new RegExp(`^${name} `, 'm'));
  });

  test('answers further pages as JSON once it is up; one that fails is told and leaves the others be', async () => {
    expect(await ask('/scale')).toMatchObject({ status: 404 });
    let away = false;
    const scale = async () => {
      if (away) throw new Error('redis://:hunter2@h is away');
      return { turns: 3 };
    };
    monitor.up({ parts: PARTS, pages: { '/scale': scale } });
    expect(await ask('/scale?x=1')).toMatchObject({ status: 200, json: { turns: 3 } });
    away = true;
    const failed = await ask('/scale');
    expect(failed).toMatchObject({ status: 503, json: { error: 'unavailable' } });
    expect(failed.text).not.toContain('hunter2');
    expect(logged).toEqual(['a question about this process was not answered']);
    expect(await ask('/metrics')).toMatchObject({ status: 200 });
    expect(await ask('/constructor')).toMatchObject({ status: 404 });
  });

  test.each([
    ['that say nothing', ''],
    ['that never end their headers', 'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
    ['that never end their body', 'POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999\r\n\r\n'],
    ['that ask once and stay', 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ])('ends connections %s', async (_what, text) => {
    const limits = { ...HTTP_LIMITS, headersMs: 200, requestMs: 300, idleMs: 200, checkMs: 50 };
    const registry = createRegistry();
    const quick = await startMonitor({
      host: '127.0.0.1',
      port: 0,
      registry,
      stopping: stopping.signal,
      log,
      limits,
    });
    try {
      await Promise.all(
        Array.from({ length: 60 }, () => {
          const socket = connect(Number(new URL(quick.url).port), '127.0.0.1');
          socket.on('error', () => {});
          socket.resume();
          socket.write(text);
          return new Promise((resolve) => socket.on('close', resolve));
        }),
      );
    } finally {
      await quick.close();
    }
  });

  test('is not reached by a page whose name was rebound to it, on whatever path', async () => {
    monitor.up({ parts: PARTS, pages: { '/scale': async () => ({ turns: 3 }) } });
    const by = async (host: string, path: string) => {
      const asked = request(`${monitor.url}${path}`, { headers: { host } }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      return { status: answer.statusCode, text: await text(answer) };
    };
    for (const path of ['/metrics', '/healthz', '/readyz', '/scale', '/nothing']) {
      const refused = await by('rebound.example:9464', path);
      expect({ path, status: refused.status }).toEqual({ path, status: 403 });
      expect(refused.text).not.toContain('rebound');
    }
    for (const host of ['10.244.1.7:9464', '[fd00::7]:9464', 'scheduler:9464', 'x-scheduler.ns.svc:9464'])
      expect(await by(host, '/scale')).toEqual({ status: 200, text: '{"turns":3}' });
  });

  test.each([
    ['/%zz', 400],
    [`/%zz${'a'.repeat(15_000)}`, 400],
    [`/${'a'.repeat(15_000)}`, 414],
    [`/${'a'.repeat(5_000)}`, 404],
  ])('repeats nothing of a path that it does not know', async (path, status) => {
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain(path.slice(1, 1_000));
  });

  test.each([
    [
      'a port that is taken',
      1,
      () => start(Number(new URL(monitor.url).port)),
      /METRICS_PORT to a free port/,
    ],
    ['an address that is not there', 78, () => start(0, '203.0.113.1'), /METRICS_HOST to an address/],
  ])('says of %s whose it is to mend', async (_, exitCode, begin, words) => {
    const fault = await begin().then(
      () => {
        throw new Error('it listens');
      },
      (error: Error & { readonly kind?: string }) => error,
    );
    expect(fault.message).toMatch(/^the monitor can't listen on /);
    expect(fault.message).toMatch(words);
    expect(fault.kind).toBe(exitCode === 78 ? 'configuration' : undefined);
  });
});
