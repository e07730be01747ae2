import { describe, expect, test } from '@jest/globals';
import { explainTurns } from './explainTurns.js';
import type { PlanView } from './planner.js';
import { later, storeTime } from './time.js';
import { type Candidate, FIRST_ROTA, type InFlightTurn } from './turns.js';

const NOW = storeTime(new Date('2026-03-29T10:00:00Z'));
const from = (ms: number) => later(NOW, ms);
const START = new Date('2026-03-01T00:00:00Z');

const candidate = (module: Candidate['module'], n = 0): Candidate => ({
  kind: 'backfill',
  module,
  turnId: `${module}.${n}`,
  release: 1,
  startTime: new Date(START.getTime() + n * 86_400_000),
});
const out = (more: Partial<InFlightTurn> = {}): InFlightTurn => ({
  kind: 'backfill',
  userKey: 'acme',
  life: 'first',
  turnId: 'out',
  release: 1,
  module: 'contacts',
  startTime: START,
  status: 'queued',
  readyAt: from(-1_000),
  attempts: 0,
  ...more,
});
const tailOut = (more: Partial<InFlightTurn> = {}) =>
  out({ kind: 'tail', turnId: 'tail-acme', module: null, startTime: null, ...more });
const view = (more: Partial<PlanView> = {}): PlanView => ({
  now: NOW,
  userConcurrency: 1,
  tail: { status: 'idle', dueAt: from(60_000), missed: [] },
  inFlight: [],
  candidates: [],
  nextDueAt: null,
  rota: FIRST_ROTA,
  tailEarlyMs: 2_000,
  repairMs: 10_000,
  ...more,
});
const waits = (reason: object) => ({ type: 'waits', reason });
const DUE = { status: 'idle', dueAt: from(-1), missed: [] } as const;

describe('the tail', () => {
  test('runs, is released, or is woken', () => {
    expect(explainTurns(view({ tail: DUE })).tail).toEqual({ type: 'released' });
    const queued = view({ tail: { ...DUE, status: 'queued' }, inFlight: [tailOut()] });
    expect(explainTurns(queued).tail).toEqual({ type: 'woken' });
    const running = view({
      tail: { ...DUE, status: 'running' },
      inFlight: [tailOut({ status: 'running' })],
    });
    expect(explainTurns(running).tail).toEqual({ type: 'runs' });
  });

  test('waits for its time, a place, or what goes before it', () => {
    expect(explainTurns(view()).tail).toEqual(waits({ type: 'notDue', until: from(60_000) }));
    const full = view({ tail: DUE, inFlight: [out({ status: 'running' })] });
    expect(explainTurns(full).tail).toEqual(waits({ type: 'noPlace' }));
    const second = view({
      tail: DUE,
      candidates: [candidate('contacts')],
      rota: { ...FIRST_ROTA, tailWasLast: true },
    });
    expect(explainTurns(second).tail).toEqual(waits({ type: 'othersFirst' }));
    expect(explainTurns({ ...second, userConcurrency: 2 }).tail).toEqual({ type: 'released' });
    const behind = { ...second, inFlight: [out({ status: 'running', module: 'invoices' })] };
    expect(explainTurns(behind).tail).toEqual(waits({ type: 'noPlace' }));
  });
});

test('a turn that is out runs, is woken, or waits for its time or a place', () => {
  const inFlight = [
    out({ turnId: 'running', status: 'running' }),
    out({ turnId: 'ready', module: 'invoices', readyAt: from(-5_000) }),
    out({ turnId: 'later', module: 'employees', readyAt: from(30_000) }),
    tailOut({ readyAt: from(60_000) }),
  ];
  const one = explainTurns(view({ inFlight })).inFlight;
  expect([...one]).toEqual([
    ['running', { type: 'runs' }],
    ['ready', waits({ type: 'noPlace' })],
    ['later', waits({ type: 'notDue', until: from(30_000) })],
  ]);
  expect(explainTurns(view({ inFlight, userConcurrency: 2 })).inFlight.get('ready')).toEqual({
    type: 'woken',
  });
});

describe('a turn that is due', () => {
  test('is released, or waits for the lane or for a place', () => {
    const candidates = [candidate('contacts'), candidate('contacts', 1), candidate('invoices')];
    const { candidates: fates } = explainTurns(view({ candidates }));
    const [first] = [...fates].filter(([, { type }]) => type === 'released');
    expect(first?.[0]).toBe('invoices.0');
    expect(fates.get('contacts.0')).toEqual(waits({ type: 'noPlace' }));
    const two = explainTurns(view({ candidates, userConcurrency: 2 })).candidates;
    expect(two.get('contacts.1')).toEqual(waits({ type: 'laneTaken', by: 'contacts.0' }));
  });

  test('names the running turn that has the lane, though a place were free', () => {
    const inFlight = [out({ turnId: 'running', status: 'running' })];
    const candidates = [candidate('contacts')];
    const fates = explainTurns(view({ inFlight, candidates, userConcurrency: 3 })).candidates;
    expect(fates.get('contacts.0')).toEqual(waits({ type: 'laneTaken', by: 'running' }));
  });

  test('waits for the tail where the last one found the lane taken', () => {
    const tail = { status: 'running', dueAt: from(-1), missed: ['contacts'] } as const;
    const inFlight = [tailOut({ status: 'running' })];
    const candidates = [candidate('contacts')];
    const fates = explainTurns(view({ tail, inFlight, candidates, userConcurrency: 3 })).candidates;
    expect(fates.get('contacts.0')).toEqual(waits({ type: 'laneTaken', by: null }));
  });
});
