import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ErrorRecord } from './errors.js';
import { MODULE_NAMES } from './modules.js';
import {
  applyResyncEvent,
  failedWindows,
  RESYNC_FAILURES_KEPT,
  RESYNC_TRANSITIONS,
  type Resync,
  type ResyncEvent,
  type ResyncStatus,
  resyncAllows,
  resyncTotal,
  resyncWindowAt,
} from './resync.js';
import { storeTime } from './time.js';
import { WINDOW_MS } from './windows.js';

const LIMITS = { maxAttempts: 4, maxExpiries: 4 };
const at = storeTime(new Date('2026-03-29T10:00:00Z'));
const later = storeTime(new Date('2026-03-29T10:00:20Z'));
const from = new Date('2026-03-20T00:00:00Z');
const to = new Date('2026-03-22T00:00:00Z');
const error: ErrorRecord = { kind: 'transient', message: 'connection reset', at: at };

const resync = (more: Partial<Resync> = {}): Resync => ({
  _id: 'resync-1',
  userKey: 'acme',
  life: 'first',
  modules: ['saleOrders', 'contacts'],
  from,
  to,
  only: null,
  position: 0,
  total: 4,
  status: 'pending',
  release: 3,
  attempts: 0,
  expiries: 0,
  retryAt: null,
  queuedAt: null,
  requestedAt: at,
  failures: [],
  lastError: null,
  ...more,
});

const STATUSES: readonly ResyncStatus[] = ['pending', 'queued', 'running', 'succeeded', 'failed'];
const FAIL = { type: 'fail', error, retryAt: later, final: false } as const;
const EVENTS: readonly ResyncEvent[] = [
  { type: 'release', at: at },
  { type: 'reissue', at: at },
  { type: 'start' },
  { type: 'windowDone' },
  { type: 'retry' },
  FAIL,
  { ...FAIL, final: true },
  { type: 'handBack', until: null },
  { type: 'handBack', until: later, error },
  { type: 'expire', at: at },
  { type: 'withdraw', error },
];
const ALLOWED: Readonly<Record<ResyncStatus, readonly ResyncEvent['type'][]>> = {
  pending: ['release'],
  queued: ['start', 'reissue', 'withdraw'],
  running: ['windowDone', 'fail', 'handBack', 'expire', 'withdraw'],
  succeeded: [],
  failed: ['retry'],
};

function after(more: Partial<Resync>, ...events: readonly ResyncEvent[]): Resync {
  let now = resync(more);
  for (const event of events) {
    const next = applyResyncEvent(now, event, LIMITS);
    if (!next) throw new Error(`${event.type} was refused at ${now.status}`);
    now = next;
  }
  return now;
}
const RUN = [{ type: 'release', at }, { type: 'start' }] as const;
const failure = (position: number) => {
  const window = resyncWindowAt(resync(), position);
  if (!window) throw new Error('past the end');
  return { ...window, error };
};

describe.each(STATUSES)('a resync that is %s', (status) => {
  test.each(EVENTS)('$type: is refused, or leads only to where the table says', (event) => {
    for (const position of [0, 3])
      for (const used of [0, 3]) {
        const failures = status === 'failed' ? [failure(1)] : [];
        const before = resync({ status, position, attempts: used, expiries: used, failures });
        const next = applyResyncEvent(before, event, LIMITS);
        const allowed = ALLOWED[status].includes(event.type);
        expect(resyncAllows(before, event.type)).toBe(allowed);
        if (allowed)
          expect(RESYNC_TRANSITIONS[event.type].to as readonly ResyncStatus[]).toContain(next?.status);
        else expect(next).toBeUndefined();
        const raised = event.type === 'release' || event.type === 'reissue' ? 1 : 0;
        if (next) expect(next.release).toBe(3 + raised);
      }
  });
});

describe('positions', () => {
  test('oldest window first, modules alternating, nothing past the end', () => {
    const windows = [0, 1, 2, 3, 4].map((position) => resyncWindowAt(resync(), position));
    expect(windows).toEqual([
      { module: 'saleOrders', startTime: from },
      { module: 'contacts', startTime: from },
      { module: 'saleOrders', startTime: new Date(from.getTime() + WINDOW_MS) },
      { module: 'contacts', startTime: new Date(from.getTime() + WINDOW_MS) },
      undefined,
    ]);
  });

  test('each window of the range is read once for each module, and no other', () => {
    const modules = fc.subarray([...MODULE_NAMES], { minLength: 1 });
    fc.assert(
      fc.property(modules, fc.integer({ min: 1, max: 100 }), (names, days) => {
        const range = { from, to: new Date(from.getTime() + days * WINDOW_MS) };
        const total = resyncTotal(range.from, range.to, names.length);
        expect(total).toBe(days * names.length);
        const seen = new Set<string>();
        for (let position = 0; position < total; position++) {
          const window = resyncWindowAt(resync({ ...range, modules: names, total }), position);
          if (!window) throw new Error(`no window at ${position}`);
          expect(window.startTime >= range.from && window.startTime < range.to).toBe(true);
          seen.add(`${window.module} ${window.startTime.toISOString()}`);
        }
        expect(seen.size).toBe(total);
        expect(resyncWindowAt(resync({ ...range, modules: names, total }), total)).toBeUndefined();
      }),
    );
  });

  test('an empty or inverted range holds no window', () => {
    expect(resyncTotal(from, from, 4)).toBe(0);
    expect(resyncTotal(to, from, 4)).toBe(0);
  });

  test('each window takes a new number, and starts its own attempts', () => {
    const second = after({}, ...RUN, FAIL, { type: 'start' }, { type: 'windowDone' });
    expect(second).toMatchObject({ status: 'pending', position: 1, attempts: 0, expiries: 0, release: 4 });
    expect(after(second, ...RUN).release).toBe(5);
  });
});

describe('how it ends', () => {
  test('succeeded after its last window when none failed', () => {
    const done = [...RUN, { type: 'windowDone' }] as const;
    expect(after({}, ...done, ...done, ...done)).toMatchObject({ status: 'pending', position: 3 });
    expect(after({}, ...done, ...done, ...done, ...done)).toMatchObject({ status: 'succeeded', position: 4 });
  });

  test('a window that used its attempts up is kept as a failure, and the next one goes on', () => {
    const attempt = [{ type: 'start' }, FAIL] as const;
    const thrice = after({}, { type: 'release', at: at }, ...attempt, ...attempt, ...attempt);
    expect(thrice).toMatchObject({
      status: 'queued',
      position: 0,
      attempts: 3,
      retryAt: later,
      failures: [],
    });
    expect(after(thrice, ...attempt)).toMatchObject({
      status: 'pending',
      position: 1,
      attempts: 0,
      retryAt: null,
      failures: [failure(0)],
      lastError: error,
    });
  });

  test('a failure that nothing can help is one at once', () => {
    expect(after({ status: 'running' }, { ...FAIL, final: true })).toMatchObject({
      status: 'pending',
      position: 1,
      failures: [failure(0)],
    });
  });

  test('failed at the end when any window failed, though the last one was read', () => {
    const before = { status: 'running', position: 3, failures: [failure(1)] } as const;
    expect(after(before, { type: 'windowDone' })).toMatchObject({ status: 'failed', position: 4 });
    expect(after({ ...before, failures: [], attempts: 3 }, FAIL)).toMatchObject({
      status: 'failed',
      failures: [failure(3)],
    });
  });

  test('a range without a window has none to name as failed', () => {
    const empty = after({ to: from, total: 0 }, ...RUN, { ...FAIL, final: true });
    expect(empty).toMatchObject({ failures: [], lastError: error });
    expect(failedWindows(empty)).toBe(0);
  });

  test('a retry reads only what failed, and can succeed', () => {
    const failed = after({ status: 'running', position: 3, failures: [failure(1)], attempts: 3 }, FAIL);
    const again = after(failed, { type: 'retry' });
    expect(again).toMatchObject({ status: 'pending', position: 0, total: 2, failures: [], lastError: null });
    expect([0, 1, 2].map((position) => resyncWindowAt(again, position))).toEqual([
      { module: 'contacts', startTime: from },
      { module: 'contacts', startTime: new Date(from.getTime() + WINDOW_MS) },
      undefined,
    ]);
    const done = [...RUN, { type: 'windowDone' }] as const;
    expect(after(again, ...done, ...done).status).toBe('succeeded');
  });

  test('a retry of a retry reads what failed again', () => {
    const only = [failure(1), failure(3)].map(({ module, startTime }) => ({ module, startTime }));
    const before = { status: 'running', only, total: 2, position: 1, attempts: 3 } as const;
    expect(after(before, FAIL, { type: 'retry' })).toMatchObject({ only: only.slice(1), total: 1 });
  });
});

describe('very many failures', () => {
  const most: Partial<Resync> = {
    ...{ from, to: new Date(from.getTime() + 300 * WINDOW_MS), modules: ['contacts'], total: 300 },
    ...{ status: 'running', attempts: 3 },
  };
  const allFail = (): Resync => {
    let now = resync(most);
    for (let n = 0; n < 300; n++)
      now = { ...after(now, FAIL), attempts: 3, status: n < 299 ? 'running' : 'failed' };
    return now;
  };

  test('are counted, and some are named', () => {
    const all = allFail();
    expect(all.failures).toHaveLength(RESYNC_FAILURES_KEPT);
    expect(failedWindows(all)).toBe(300);
    expect(after({ ...most, position: 299, failuresLeftOut: 1 }, { type: 'windowDone' }).status).toBe(
      'failed',
    );
  });

  test('are all read again by a retry, which can succeed', () => {
    const again = after(allFail(), { type: 'retry' });
    expect(again).toMatchObject({ status: 'pending', position: 0, total: 300, only: null, failures: [] });
    expect(failedWindows(again)).toBe(0);
    const last = { ...again, position: 299, status: 'running' } as const;
    expect(after(last, { type: 'windowDone' }).status).toBe('succeeded');
  });
});

describe('expired leases', () => {
  test('three in a row come back without an attempt used; the fourth is a failure of that window', () => {
    const crash = [{ type: 'start' }, { type: 'expire', at }] as const;
    const thrice = after({ attempts: 1 }, { type: 'release', at: at }, ...crash, ...crash, ...crash);
    expect(thrice).toMatchObject({ status: 'queued', attempts: 1, expiries: 3 });
    const crashed = after(thrice, ...crash);
    expect(crashed).toMatchObject({ status: 'pending', position: 1, expiries: 0 });
    expect(crashed.failures).toMatchObject([
      { module: 'saleOrders', startTime: from, error: { kind: 'crashed' } },
    ]);
    expect(crashed.lastError?.message).toContain('4 times in a row');
  });

  test('an attempt that failed in between ends the row', () => {
    expect(after({ status: 'running', expiries: 3 }, FAIL)).toMatchObject({ status: 'queued', expiries: 0 });
  });
});

test('a hand-back and a withdrawal keep position and attempts', () => {
  const before = { status: 'running', position: 2, attempts: 2, expiries: 1 } as const;
  const kept = { position: 2, attempts: 2, expiries: 1 };
  expect(after(before, { type: 'handBack', until: later })).toMatchObject({
    ...kept,
    status: 'queued',
    retryAt: later,
    lastError: null,
  });
  expect(after(before, { type: 'handBack', until: later, error }).lastError).toEqual(error);
  expect(after(before, { type: 'withdraw', error })).toMatchObject({
    ...kept,
    status: 'pending',
    retryAt: null,
    lastError: error,
  });
});

test('position and number never fall but by a retry, whatever happens', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 80, size: 'max' }), (events) => {
      let now = resync();
      for (const event of events) {
        const next = applyResyncEvent(now, event, LIMITS);
        if (!next) continue;
        expect(next.release).toBeGreaterThanOrEqual(now.release);
        if (event.type !== 'retry') expect(next.position).toBeGreaterThanOrEqual(now.position);
        expect(next.failures.length).toBeLessThanOrEqual(next.position);
        const ended = next.status === 'succeeded' || next.status === 'failed';
        expect(ended).toBe(next.position === next.total);
        expect(next.status === 'failed').toBe(ended && next.failures.length > 0);
        now = next;
      }
    }),
  );
});
