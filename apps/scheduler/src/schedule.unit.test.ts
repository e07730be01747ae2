import { beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS, type JobQueue, type Store, type TurnPlace, type UserRef } from '@odoo-sync/core';
import type { Logger } from '@odoo-sync/runtime';
import { Registry } from '@odoo-sync/runtime/monitor';
import { createSchedule } from './schedule.js';
import { createTickMetrics } from './tickMetrics.js';

const MINUTE = 60_000;
const EVERY_MS = 10_000;
const PAGE = 256;
const FAILED: TurnPlace = {
  kind: 'backfill',
  userKey: 'acme',
  life: 'first',
  turnId: 'acme.contacts.2026-11-22',
  release: 3,
  module: 'contacts',
  startTime: new Date('2026-11-22T00:00:00Z'),
};

interface Line {
  readonly level: 'error' | 'info';
  readonly fields: { readonly user?: string; readonly err?: unknown };
  readonly message: string;
}

let due: string[];
let pages: string[][];
let looked: string[];
let broken: Set<string>;
let away: boolean;
let tookMs: number;
let failed: TurnPlace[];
let put: string[];
let aside: string[];
let removals: Map<
  string,
  { steps: number; begun: number; readonly refuses?: boolean; readonly endsMeanwhile?: boolean }
>;
let lines: Line[];
let clock: number;
let registry: Registry;
let schedule: () => Promise<void>;

beforeEach(() => {
  due = [];
  pages = [];
  looked = [];
  broken = new Set();
  away = false;
  tookMs = 0;
  failed = [];
  put = [];
  removals = new Map();
  aside = [];
  lines = [];
  clock = 1_000_000;
  const store = {
    dueUsers: async () => {
      if (away) throw new Error('the store is away');
      clock += tookMs;
      return pages.shift() ?? due;
    },
    snapshots: async () => new Map(),
    snapshot: async (userKey: string) => {
      looked.push(userKey);
      if (broken.has(userKey)) throw new Error(`${userKey}'s plan is broken`);
      return null;
    },
    setAside: async (userKeys: readonly string[]) => void aside.push(...userKeys),
    failedTurns: async () => failed,
    usersBeingRemoved: async () => [...removals.keys()].map((userKey) => ({ userKey, life: 'first' })),
    user: async (userKey: string) => (removals.has(userKey) ? { userKey, life: 'first' } : null),
    beginRemoval: async ({ userKey }: UserRef) => {
      const removal = removals.get(userKey);
      if (removal?.endsMeanwhile) removals.delete(userKey);
      if (removal?.refuses) throw new Error('a lane can not be had');
      if (removal) removal.begun++;
    },
    purgeStep: async ({ userKey }: UserRef) => {
      const removal = removals.get(userKey);
      if (!removal) throw new Error(`${userKey} is gone already`);
      removal.steps--;
      const done = removal.steps === 0;
      if (done) removals.delete(userKey);
      return { done, purged: 5_000, what: 'odoocontacts' };
    },
  } as unknown as Store;
  const jobQueue: JobQueue = {
    add: async ({ turnId, release }) => void put.push(`${turnId}-${release}`),
    state: async (jobId) => (put.includes(jobId) ? 'failed' : 'absent'),
    wake: async () => {},
    remove: async () => {},
  };
  const log = {
    debug: () => {},
    info: (fields: Line['fields'], message: string) => lines.push({ level: 'info', fields, message }),
    error: (fields: Line['fields'], message: string) => lines.push({ level: 'error', fields, message }),
  } as unknown as Logger;
  registry = new Registry();
  const metrics = createTickMetrics(registry, () => clock);
  const dispatch = { store, jobQueue, settings: DEFAULT_SETTINGS };
  schedule = createSchedule(dispatch, EVERY_MS, metrics, log, () => clock);
});

describe('a tick of the scheduler', () => {
  test('looks at every user that is due', async () => {
    due = ['a', 'b', 'c'];
    await schedule();
    expect(looked.sort()).toEqual(['a', 'b', 'c']);
    expect(lines).toEqual([]);
  });

  test('goes on at once while there are more, for half an interval', async () => {
    const pageOf = (n: number) => Array.from({ length: PAGE }, (_, user) => `${n}-${user}`);
    pages = [pageOf(1), pageOf(2), ['last']];
    due = ['not asked for'];
    await schedule();
    expect(looked).toHaveLength(2 * PAGE + 1);
    looked = [];
    pages = Array.from({ length: 9 }, (_, n) => pageOf(n));
    tookMs = 2_000;
    await schedule();
    expect(looked).toHaveLength(3 * PAGE);
    looked = [];
    tookMs = 0;
    broken.add('1-7');
    pages = [pageOf(1), ['1-7', ...pageOf(2).slice(1)], ['1-7']];
    await schedule();
    expect(looked.filter((userKey) => userKey === '1-7')).toHaveLength(1);
    expect(looked).toHaveLength(2 * PAGE - 1);
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test("tells one user's fault and holds up nobody else for it", async () => {
    due = ['a', 'bad', 'c'];
    broken.add('bad');
    failed = [FAILED];
    removals.set('leaving', { steps: 1, begun: 0 });
    await schedule();
    expect(looked.sort()).toEqual(['a', 'bad', 'c']);
    const faults = lines.filter(({ level }) => level === 'error');
    expect(faults).toHaveLength(1);
    expect(faults[0]?.fields.user).toBe('bad');
    expect(faults[0]?.fields.err).toEqual(new Error("bad's plan is broken"));
    // Of the others there is no plan to look at.
    expect(aside.sort()).toEqual(['a', 'bad', 'c']);
    expect(put).toHaveLength(1);
    expect(removals.size).toBe(0);
  });

  test('gives failed turns their lost jobs again at the first tick, then once a minute', async () => {
    failed = [FAILED];
    await schedule();
    expect(put).toEqual(['acme.contacts.2026-11-22-3']);
    put = [];
    clock += MINUTE - 1;
    await schedule();
    expect(put).toEqual([]);
    clock += 1;
    await schedule();
    expect(put).toEqual(['acme.contacts.2026-11-22-3']);
  });

  test('puts no second job where the queue still has the failed one', async () => {
    failed = [FAILED];
    await schedule();
    clock += MINUTE;
    await schedule();
    expect(put).toHaveLength(1);
  });

  test('goes on with begun removals at every tick, a step for each user, taking the lanes again before it', async () => {
    const removal = { steps: 3, begun: 0 };
    removals.set('leaving', removal);
    removals.set('leaving-too', { steps: 1, begun: 0 });
    await schedule();
    expect(removal).toEqual({ steps: 2, begun: 1 });
    expect([...removals.keys()]).toEqual(['leaving']);
    await schedule();
    await schedule();
    expect(removals.size).toBe(0);
    const purged = lines.filter(({ message }) => message === 'purging');
    expect(purged.map(({ fields }) => fields.user)).toEqual(['leaving', 'leaving-too', 'leaving', 'leaving']);
  });

  test('takes no fault from a removal that somebody else has ended meanwhile', async () => {
    removals.set('gone', { steps: 1, begun: 0, refuses: true, endsMeanwhile: true });
    await schedule();
    expect(lines).toEqual([]);
  });

  test("tells that a user's removal can not go on, and goes on with the others'", async () => {
    removals.set('stuck', { steps: 1, begun: 0, refuses: true });
    removals.set('leaving', { steps: 1, begun: 0 });
    await schedule();
    expect([...removals.keys()]).toEqual(['stuck']);
    const [fault] = lines.filter(({ level }) => level === 'error');
    expect(fault?.fields).toEqual({ user: 'stuck', err: new Error('a lane can not be had') });
  });

  describe('in its metrics', () => {
    const told = async (name: string) =>
      (await registry.metrics())
        .split('\n')
        .filter((line) => line.startsWith(name) && !line.includes('le="'))
        .map((line) => line.slice(name.length));

    test('tells how long it took, who was due, and when it ended', async () => {
      expect(await told('odoo_sync_tick_due_users')).toEqual([]);
      expect(await told('odoo_sync_last_tick_timestamp_seconds')).toEqual([]);
      due = ['a', 'b', 'c'];
      tookMs = 250;
      await schedule();
      expect(await told('odoo_sync_tick_duration_seconds')).toEqual(['_sum 0.25', '_count 1']);
      expect(await told('odoo_sync_tick_due_users')).toEqual([' 3']);
      expect(await told('odoo_sync_last_tick_timestamp_seconds')).toEqual([` ${clock / 1_000}`]);
      expect(await told('odoo_sync_tick_faults_total')).toEqual([' 0']);
      expect(await told('odoo_sync_released_turns_total')).toEqual([' 0']);
    });

    test('counts a fault for each user that met one, and one for a tick that failed as a whole', async () => {
      due = ['a', 'bad', 'worse'];
      broken = new Set(['bad', 'worse']);
      removals.set('stuck', { steps: 1, begun: 0, refuses: true });
      await schedule();
      expect(await told('odoo_sync_tick_faults_total')).toEqual([' 3']);
      const ended = await told('odoo_sync_last_tick_timestamp_seconds');
      away = true;
      clock += 10_000;
      await expect(schedule()).rejects.toThrow('the store is away');
      expect(await told('odoo_sync_tick_faults_total')).toEqual([' 4']);
      expect(await told('odoo_sync_last_tick_timestamp_seconds')).toEqual(ended);
      expect(await told('odoo_sync_tick_duration_seconds')).toEqual(['_sum 0', '_count 1']);
    });
  });
});
