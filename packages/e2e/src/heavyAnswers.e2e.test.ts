import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Asked,
  type Exchange,
  type HostileOdoo,
  startHostileOdoo,
  type Twist,
} from './harness/hostileOdoo.js';
import type { AppProcess } from './harness/process.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';

const MB = 1_000_000;
/** As many as fill every place of a worker but one. */
const EVIL = ['evil1', 'evil2', 'evil3'];
const NEIGHBOUR = 'good';
/** Of the image's memory: Kubernetes gives a worker 768 MiB. */
const MOST_MIB = 768;

/** Each asks for records. */
const READINGS: readonly Asked[] = ['window', 'ids', 'light'];

const repeated = (item: string, bytes: number) => item.repeat(Math.floor(bytes / item.length));
const numbered = (item: (n: number) => string, bytes: number) => {
  const parts: string[] = [];
  for (let n = 0, left = bytes; left > 0; n++) left -= parts[parts.push(item(n)) - 1]?.length ?? 0;
  return parts.join('');
};
const row = (id: number, name: string) => `{"id":${id},"write_date":"2026-01-01 00:00:00","name":${name}}`;

describe('answers that become larger than a worker', () => {
  let world: World;
  let worker: AppProcess;
  const fronts: HostileOdoo[] = [];
  const honest: Twist = (exchange) => exchange.pass();
  let twist = honest;

  beforeAll(async () => {
    const models = { 'res.partner': { count: 40, days: 2, activeDays: 2 } };
    world = await createWorld({
      databases: [...EVIL, NEIGHBOUR].map((name, n) => ({ name, seed: n + 1, models })),
      settings: { INITIAL_SYNC_RANGE_DAYS: '2', BREAKER_PAUSE_MS: '500', TAIL_QUIET_MS: '1000' },
    });
    await world.start('scheduler');
    worker = await world.start('worker', { NODE_OPTIONS: '--max-old-space-size=384' });
    for (const name of EVIL) {
      const front = await startHostileOdoo(world.simulatorUrl, (exchange) => twist(exchange));
      fronts.push(front);
      await world.store.addUser({
        userId: name,
        address: { url: front.url, db: name },
        credentials: { kind: 'apiKey', login: 'admin', secret: `key-${name}` },
      });
    }
    await world.addUser(NEIGHBOUR);
    await world.caughtUp([...EVIL, NEIGHBOUR]);
  }, 120_000);
  afterAll(async () => {
    await world?.close();
    for (const front of fronts) await front.close();
  });

  /** Has every evil Odoo answer so until each place of the worker met it, and sees that nobody dies or waits. */
  async function meet(what: string, enough: number, answer: (reading: Exchange) => Buffer | null) {
    let served = 0;
    twist = (exchange) => {
      const packed = READINGS.includes(exchange.asked) ? answer(exchange) : null;
      if (!packed) return exchange.pass();
      served++;
      exchange.raw(packed, 200, { 'Content-Encoding': 'gzip' });
    };
    await until('each was served several times', () => served >= enough, 90_000);
    const count = () => world.db.collection('odoocontacts').countDocuments({ userId: NEIGHBOUR });
    const before = await count();
    const began = performance.now();
    await world.simulator.call('create', { db: NEIGHBOUR, model: 'res.partner', count: 1 });
    await until('the neighbour is followed', async () => (await count()) > before, 30_000);
    twist = honest;
    const ms = Math.round(performance.now() - began);
    const peak =
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))?.[1]) / 1_024;
    process.stdout.write(`${what}: neighbour ${ms} ms, peak ${Math.round(peak)} MiB\n`);
    expect(await Promise.race([worker.exited, 'alive'])).toBe('alive');
    expect(ms).toBeLessThan(12_000);
    expect(peak).toBeLessThan(MOST_MIB);
  }

  test.each<[what: string, text: string]>([
    ['of 14 MB', 'x'.repeat(14 * MB)],
    ['of 25 MB', 'x'.repeat(25 * MB)],
    ['of 60 MB in a wide alphabet', `ж${'x'.repeat(60 * MB)}`],
  ])('texts %s, a record each: nobody dies of them, and the neighbour is followed', async (what, text) => {
    const at = new Date().toISOString().slice(0, 19).replace('T', ' ');
    await meet(`texts ${what}`, 12, ({ model, fields, kwargs, limit }) => {
      if (model !== 'res.partner') return null;
      const domain = kwargs.domain as readonly (readonly unknown[])[];
      const asked = domain.find(([field, operator]) => field === 'id' && operator === 'in')?.[2];
      const after = Number(domain.find(([field, operator]) => field === 'id' && operator === '>')?.[2] ?? 0);
      const ids = (asked as number[] | undefined) ?? [9_001, 9_002, 9_003].filter((id) => id > after);
      const some = ids.slice(0, limit).map((id) => {
        const values = fields.map((name) => [name, name === 'name' ? text : false]);
        return { ...Object.fromEntries(values), id, write_date: at };
      });
      return gzipSync(JSON.stringify(some), { level: 1 });
    });
  });

  test.each<[what: string, answer: () => string]>([
    ['empty lists', () => `[${repeated('[],', 60 * MB)}[]]`],
    ['empty objects', () => `[${repeated('{},', 60 * MB)}{}]`],
    ['lists in each other', () => repeated('[', 60 * MB)],
    ['objects in each other', () => repeated('{"a":', 60 * MB)],
    ['ever new names', () => `[${numbered((n) => `{"k${n.toString(36)}":0},`, 30 * MB)}{}]`],
    ['names that are numbers', () => `[${repeated('{"99999999":0},', 60 * MB)}{}]`],
    ['numbers', () => `[{},${repeated('1.5,', 60 * MB)}0]`],
    ['one number', () => `[${repeated('9', 60 * MB)}]`],
    ['one name', () => `[{"${repeated('k', 60 * MB)}":0}]`],
    ['a record with a list without an end', () => `[${row(1, `[${repeated('[],', 60 * MB)}0]`)}]`],
    ['a text in a wide alphabet', () => `[${row(1, `"ж${repeated('x', 62 * MB)}"`)}]`],
    ['ten texts', () => `[${numbered((n) => `${row(n + 1, `"${repeated('x', 6 * MB)}"`)},`, 59 * MB)}{}]`],
    ['spaces', () => `[${repeated(' ', 60 * MB)}]`],
    ['escapes', () => `[${row(1, `"${repeated('\\u0416', 60 * MB)}"`)}]`],
    ['a page that fits by a hair', () => `[${repeated('[],', 0.5 * MB)}[]]`],
  ])('%s: nobody dies of them, and the neighbour is followed', async (what, answer) => {
    const packed = gzipSync(answer(), { level: 1 });
    await meet(what, 9, () => packed);
  });
});
